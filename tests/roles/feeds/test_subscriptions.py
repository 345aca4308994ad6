"""The feeds an operator wants."""

from pathlib import Path

import pytest

from wiredesk.database.feeds import FeedCredentials
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


HEAD = '[[feed]]\nurl = "https://a.example/rss"\n'
WITH_LOGIN = "https://bob:s3cret@a.example/rss"


def test_a_table_says_where_secrets_are(tmp_path: Path) -> None:
    fields = """user_env = "U"
password_file = "word"
header_env = { "X-Key" = "K" }
query_file = { key = "/run/key" }
credentials_for_pages = true
"""

    (feed,) = from_toml(f"{HEAD}{fields}".encode(), name="f", folder=tmp_path)

    assert feed.credentials == FeedCredentials(
        places=(
            ("header X-Key", "env:K"),
            ("password", f"file:{tmp_path / 'word'}"),
            ("query key", "file:/run/key"),
            ("user", "env:U"),
        ),
        to_pages=True,
    )


def test_a_login_in_a_url_is_taken_out_of_it_wherever_it_comes_from(tmp_path: Path) -> None:
    path = tmp_path / "feeds.opml"
    path.write_bytes(write([Outline(url=WITH_LOGIN)], title="Mine"))
    apart = WantedFeed(url="https://a.example/rss", credentials=FeedCredentials(login="bob:s3cret"))

    assert read_file(path).feeds == (apart,)
    assert from_flags([WITH_LOGIN]) == (apart,)
    assert from_toml(f'[[feed]]\nurl = "{WITH_LOGIN}"'.encode(), name="f") == (apart,)
    assert by_command(WITH_LOGIN) == apart
    assert "s3cret" not in repr(apart)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (HEAD + 'user_env = ""', "line 3: user_env: expected the name of an environment variable"),
        (HEAD + "user_file = 7", "line 3: user_file: expected a file"),
        (HEAD + 'user_env = "U"\nuser_file = "f"', "line 4: user is given twice"),
        (HEAD + 'password_env = "P"', "line 3: a password without user_env"),
        (HEAD + 'header_env = "K"', "line 3: header_env is no table"),
        (HEAD + 'header_env = { "X Key" = "K" }', "line 3: header_env: 'X Key' is no header"),
        (HEAD + 'header_env = { Host = "K" }', "line 3: header_env: 'Host' is no header that may be set"),
        (HEAD + 'header_env = { authorization = "K" }\nuser_env = "U"', "line 3: a user, and a header Authorization"),
        (HEAD + 'credentials_for_pages = "yes"', "line 3: credentials_for_pages = 'yes': not true or false"),
        (f'[[feed]]\nurl = "{WITH_LOGIN}"\nuser_env = "U"', "line 2: a user stands in the url, and by user_env"),
        (f'{HEAD}[[feed]]\nurl = "{WITH_LOGIN}"', "line 4: .* other credentials: tell the two apart by a part"),
        (f'[[feed]]\nurl = "{WITH_LOGIN}"\n' * 2, "line 4: feed stands here twice"),
        ('[[feed]]\nurl = "https://bob:s3cret@a.example:99999/"', "line 2: url = 'https://…@a.example:99999/': not an"),
        ('[[feed]]\nurl = "https://bob:s3/cret@a.example/"', "line 2: url = .*: not an http"),
    ],
)
def test_a_fault_in_credentials_is_told_without_them(body: str, told: str) -> None:
    with pytest.raises(Misconfigured, match=told) as caught:
        from_toml(body.encode(), name="f")

    assert "s3" not in str(caught.value)


def test_two_users_of_one_feed_are_told_apart_by_a_part() -> None:
    first, second = from_flags([WITH_LOGIN, "https://ann:word@a.example/rss#ann"])

    assert (first.url, second.url) == ("https://a.example/rss", "https://a.example/rss#ann")
