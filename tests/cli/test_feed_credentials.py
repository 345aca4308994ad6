"""Feeds with credentials, as commands take and show them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.desk import Desk

LOGIN = "https://bob:s3cret@a.example/rss"
TOML = '[[feed]]\nurl = "https://b.example/rss"\nuser_env = "NEWS_USER"\nquery_env = { key = "NEWS_KEY" }\n'


@pytest.fixture
def stocked(desk: Desk, tmp_path: Path) -> Desk:
    """With a feed whose URL had a login, and one whose secrets are elsewhere."""
    file = tmp_path / "feeds.toml"
    file.write_text(TOML)
    added = desk("feeds", "add", LOGIN)
    assert added.status == 0, added.err
    assert added.out == "added https://a.example/rss\n"
    assert added.err == "https://a.example/rss: its user and password are kept apart, in the database\n"
    assert desk("feeds", "import", str(file)).status == 0
    return desk


def test_a_list_says_where_credentials_are_and_not_what(stocked: Desk) -> None:
    rows = stocked.lines("feeds", "list")

    assert {row["url"]: row["credentials"] for row in rows} == {
        "https://a.example/rss": "user and password",
        "https://b.example/rss": "query key env:NEWS_KEY, user env:NEWS_USER",
    }
    assert "s3cret" not in str(rows)


def test_an_export_holds_no_credentials_and_says_so(stocked: Desk) -> None:
    ended = stocked("feeds", "export")

    assert "s3cret" not in ended.out
    assert 'xmlUrl="https://a.example/rss"' in ended.out
    assert ended.err == "2 feeds with credentials, which are not exported\n"


@pytest.mark.parametrize("verb", ["pause", "resume", "remove"])
def test_a_feed_named_by_the_url_with_its_login_is_found_and_the_login_not_told(stocked: Desk, verb: str) -> None:
    ended = stocked("feeds", verb, LOGIN)
    unknown = stocked("feeds", verb, "https://bob:s3cret@c.example/rss")

    assert (ended.status, unknown.status) == (0, 1)
    assert "s3cret" not in ended.out + ended.err + unknown.out + unknown.err


def test_a_query_that_looks_secret_is_warned_of(desk: Desk) -> None:
    ended = desk("feeds", "add", "https://a.example/rss?api_key=s3cret&lang=en")

    assert ended.status == 0
    assert "published with each item" in ended.err
    assert 'query_env = { api_key = "VARIABLE" }' in ended.err
    assert "s3cret" not in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("feeds", "add", "https://bob:s3cret@a.example:99999/rss"),
        ("feeds", "add", "https://bob:s3/s3cret@a.example/rss"),
        ("feeds", "check", "https://bob:s3cret@127.0.0.2/rss", "--allow", "127.0.0.1/32"),
        ("run", "--feed", "bob:s3cret@a.example/rss"),
    ],
)
def test_a_complaint_tells_no_password(desk: Desk, arguments: tuple[str, ...]) -> None:
    ended = desk(*arguments)

    assert ended.status != 0
    assert "s3cret" not in ended.out + ended.err
