"""Reads the feeds that an operator subscribes to: from `feeds.toml`, OPML, or the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wiredesk import urls
from wiredesk.database.feeds import NO_CREDENTIALS, FeedCredentials, FeedSubscription, Origin
from wiredesk.documents.unpack import as_utf8
from wiredesk.errors import Malformed, Misconfigured
from wiredesk.redaction import masked
from wiredesk.roles.credentials import fetched
from wiredesk.roles.feeds import credential_fields
from wiredesk.toml_file import Fault, TomlFile, body_of, only

FIELDS = ("url", "priority", "paused", "backfill", *credential_fields.FIELDS)
TELL_APART = "tell the two apart by a part of your own, such as #second, which is not sent"
"""What to do about a feed that two users read: it is known by its URL."""

_HERE = Path()

LEAST_PRIORITY, MOST_PRIORITY = 0.1, 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedFeed:
    """One feed to be polled. Twice the priority is about half the delay; `backfill` alerts on what is there already.

    `url` has no user: one that stood in it is among the `credentials`.
    """

    url: str
    priority: float = 1.0
    paused: bool = False
    backfill: bool = False
    credentials: FeedCredentials = NO_CREDENTIALS


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedList:
    """What a file wants polled, and what of it cannot be: the line and the reason."""

    feeds: tuple[WantedFeed, ...]
    left_out: tuple[str, ...] = ()


def read_file(path: Path) -> FeedList:
    """The feeds in `path`, TOML or OPML. Raises `Misconfigured` with the line and the reason."""
    body = body_of(path)
    if as_utf8(body).lstrip()[:1] == b"<":
        return from_opml(body, name=str(path))
    return FeedList(feeds=from_toml(body, name=str(path), folder=path.parent))


def from_opml(body: bytes, *, name: str) -> FeedList:
    """Every feed of a reader's list; what is none in it is left out. Raises `Misconfigured`, with `name` before the reason."""
    from wiredesk.documents import opml  # brings lxml along, which a TOML file has no use for

    try:
        listed = opml.read(body)
    except Malformed as error:
        raise Misconfigured(f"{name}: {error}") from error
    feeds = tuple(
        WantedFeed(url=outline.url, credentials=FeedCredentials(login=outline.login)) for outline in listed.outlines
    )
    return FeedList(feeds=feeds, left_out=listed.left_out)


def from_toml(body: bytes, *, name: str, folder: Path = _HERE) -> tuple[WantedFeed, ...]:
    """The `[[feed]]` tables, in order. Raises `Misconfigured`: `name`, line and reason.

    Of two that write one URL differently (`HTTPS://News.example:443/rss`) the first counts. Relative files of secrets
    lie in `folder`.
    """
    file = TomlFile(body, name=name)
    file.expect(("feed",), what="[[feed]] tables")
    feeds: dict[str, WantedFeed] = {}

    def read(table: Mapping[str, object]) -> WantedFeed:
        feed = _wanted(table, folder)
        if feeds.setdefault(feed.url, feed).credentials != feed.credentials:
            raise Fault(f"{masked(feed.url)} stands here with other credentials: {TELL_APART}", field="url")
        return feed

    file.tables("feed", read, unique="url")
    return tuple(feeds.values())


def from_flags(flag_urls: Sequence[str]) -> tuple[WantedFeed, ...]:
    """The feeds named on the command line, each once. Raises `Misconfigured` where one is no http(s) URL."""
    feeds: dict[str, WantedFeed] = {}
    for url in flag_urls:
        if not urls.is_http(url):
            raise Misconfigured(f"--feed {masked(url)}: not an http(s) URL")
        feeds.setdefault(urls.subscribed(url), by_command(url))
    return tuple(feeds.values())


def require_secrets(listed: FeedList, *, name: str, environ: Mapping[str, str]) -> None:
    """Raise `Misconfigured`, with `name` and the feed, where a secret that the list speaks of is not there."""
    for feed in listed.feeds:
        try:
            fetched(feed.credentials, feed=feed.url, environ=environ)
        except Misconfigured as error:
            raise Misconfigured(f"{name}: feed {masked(feed.url)}: {error}") from error


def by_command(url: str, *, priority: float = 1.0, backfill: bool = False) -> WantedFeed:
    """A feed named to a command. Raises `Misconfigured` where it cannot be one."""
    try:
        return _wanted({"url": url, "priority": priority, "backfill": backfill}, _HERE)
    except Fault as fault:
        raise Misconfigured(str(fault)) from fault


def subscriptions(feeds: Sequence[WantedFeed], *, origin: Origin, now: datetime) -> list[FeedSubscription]:
    """The operator's feeds as the database's subscriptions."""
    return [
        FeedSubscription(
            url=feed.url,
            origin=origin,
            priority=feed.priority,
            paused=feed.paused,
            backfill=feed.backfill,
            credentials=feed.credentials,
            added_at=now,
        )
        for feed in feeds
    ]


def _wanted(table: Mapping[str, object], folder: Path) -> WantedFeed:
    only(table, FIELDS)
    url, priority = table.get("url"), table.get("priority", 1.0)
    if not isinstance(url, str) or not urls.is_http(url):
        given = masked(url) if isinstance(url, str) else url
        raise Fault(f"url = {given!r}: not an http(s) URL", field="url")
    if (
        isinstance(priority, bool)
        or not isinstance(priority, int | float)
        or not LEAST_PRIORITY <= priority <= MOST_PRIORITY
    ):
        raise Fault(f"priority = {priority!r}: not between {LEAST_PRIORITY} and {MOST_PRIORITY}", field="priority")
    return WantedFeed(
        url=urls.subscribed(url),
        priority=float(priority),
        paused=_flag(table, "paused"),
        backfill=_flag(table, "backfill"),
        credentials=credential_fields.read(table, url=url, folder=folder),
    )


def _flag(table: Mapping[str, object], field: str) -> bool:
    value = table.get(field, False)
    if not isinstance(value, bool):
        raise Fault(f"{field} = {value!r}: not true or false", field=field)
    return value
