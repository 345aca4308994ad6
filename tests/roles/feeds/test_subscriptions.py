"""The feeds an operator wants."""

from pathlib import Path

import pytest

from wiredesk.documents.opml import Outline, write
from wiredesk.errors import Misconfigured
from wiredesk.roles.feeds.subscriptions import WantedFeed, by_command, from_flags, from_toml, read_file

GOOD = """
[[feed]]
url = "https://a.example/rss"
priority = 2

[[feed]]
url = "https://b.example/rss"
paused = true
backfill = true
"""


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "feeds.toml"
    path.write_text(GOOD)

    assert read_file(path).feeds == (
        WantedFeed(url="https://a.example/rss", priority=2.0),
        WantedFeed(url="https://b.example/rss", paused=True, backfill=True),
    )


def test_a_readers_list_is_read(tmp_path: Path) -> None:
    path = tmp_path / "feeds.opml"
    path.write_bytes(write([Outline(url="https://a.example/rss")], title="Mine"))

    assert read_file(path).feeds == (WantedFeed(url="https://a.example/rss"),)


def test_an_empty_file_wants_nothing() -> None:
    assert from_toml(b"# nothing yet\n", name="f") == ()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('[[feed]]\nurl = "ftp://x"', r"f, line 2: url = 'ftp://x': not an http"),
        ("[[feed]]\npriority = 1", r"f, line 1: url = None"),
        (
            '[[feed]]\nurl = "https://a.example/"\n\n[[feed]]\nurl = "https://b.example/"\npriority = 99',
            r"line 6: priority = 99",
        ),
        (
            '[[feed]]\nurl = "https://a.example/"\npriorty = 2',
            r"line 3: unknown field 'priorty'; did you mean priority\?",
        ),
        ('[[feed]]\nurl = "https://a.example/"\npaused = 1', r"line 3: paused = 1: not true or false"),
        ('[[feed]]\nurl = "https://a.example/"\n[[feed]]\nurl = "https://a.example/"', r"line 4: .* stands here twice"),
        ('[feed]\nurl = "https://a.example/"', r"write \[\[feed\]\]"),
        ('[[feeds]]\nurl = "https://a.example/"', r"unknown 'feeds'"),
        ("[[feed]]\nurl = https", r"line 2"),
        ("feed = [1]", "not a table"),
        ("\xff", "f: "),
    ],
)
def test_a_fault_is_told_with_its_line_and_reason(body: str, told: str) -> None:
    with pytest.raises(Misconfigured, match=told):
        from_toml(body.encode("latin-1"), name="f")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="No such file"):
        read_file(tmp_path / "none.toml")


def test_flags_are_checked() -> None:
    assert from_flags(["https://a.example/", "https://a.example/"]) == (WantedFeed(url="https://a.example/"),)
    with pytest.raises(Misconfigured, match="not an http"):
        from_flags(["a.example"])


def test_one_url_written_twice_is_one_subscription(tmp_path: Path) -> None:
    one, other = "https://FjordPost.example:443/rss", "https://fjordpost.example/rss"
    path = tmp_path / "feeds.opml"
    path.write_bytes(write([Outline(url=one), Outline(url=other)], title="Mine"))
    body = f'[[feed]]\nurl = "{one}"\npriority = 2\n[[feed]]\nurl = "{other}"\n'

    assert read_file(path).feeds == (WantedFeed(url=other),)
    assert from_flags([one, other]) == (WantedFeed(url=other),)
    assert from_toml(body.encode(), name="feeds.toml") == (WantedFeed(url=other, priority=2.0),)
    assert by_command(one) == WantedFeed(url=other)
