"""Reads the feeds that an operator subscribes to: from `feeds.toml`, OPML, or the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wiredesk import urls
from wiredesk.database.feeds import FeedSubscription, Origin
from wiredesk.documents.unpack import as_utf8
from wiredesk.errors import Malformed, Misconfigured
from wiredesk.toml_file import Fault, TomlFile, body_of, only

FIELDS = ("url", "priority", "paused", "backfill")
LEAST_PRIORITY, MOST_PRIORITY = 0.1, 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedFeed:
    """One feed to be polled. Twice the priority is about half the delay; `backfill` alerts on what is there already."""

    url: str
    priority: float = 1.0
    paused: bool = False
    backfill: bool = False


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
    return FeedList(feeds=from_toml(body, name=str(path)))


def from_opml(body: bytes, *, name: str) -> FeedList:
    """Every feed of a reader's list; what is none in it is left out. Raises `Misconfigured`, with `name` before the reason."""
    from wiredesk.documents import opml  # brings lxml along, which a TOML file has no use for

    try:
        listed = opml.read(body)
    except Malformed as error:
        raise Misconfigured(f"{name}: {error}") from error
    return FeedList(feeds=tuple(WantedFeed(url=outline.url) for outline in listed.outlines), left_out=listed.left_out)


def from_toml(body: bytes, *, name: str) -> tuple[WantedFeed, ...]:
    """The `[[feed]]` tables, in order. Raises `Misconfigured`: `name`, line and reason.

    Of two that write one URL differently (`HTTPS://News.example:443/rss`) the first counts.
    """
    file = TomlFile(body, name=name)
    file.expect(("feed",), what="[[feed]] tables")
    feeds: dict[str, WantedFeed] = {}
    for feed in file.tables("feed", _wanted, unique="url"):
        feeds.setdefault(feed.url, feed)
    return tuple(feeds.values())


def from_flags(flag_urls: Sequence[str]) -> tuple[WantedFeed, ...]:
    """The feeds named on the command line, each once. Raises `Misconfigured` where one is no http(s) URL."""
    for url in flag_urls:
        if not urls.is_http(url):
            raise Misconfigured(f"--feed {url}: not an http(s) URL")
    return tuple(WantedFeed(url=url) for url in dict.fromkeys(urls.subscribed(url) for url in flag_urls))


def by_command(url: str, *, priority: float = 1.0, backfill: bool = False) -> WantedFeed:
    """A feed named to a command. Raises `Misconfigured` where it cannot be one."""
    try:
        return _wanted({"url": url, "priority": priority, "backfill": backfill})
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
            added_at=now,
        )
        for feed in feeds
    ]


def _wanted(table: Mapping[str, object]) -> WantedFeed:
    only(table, FIELDS)
    url, priority = table.get("url"), table.get("priority", 1.0)
    if not isinstance(url, str) or not urls.is_http(url):
        raise Fault(f"url = {url!r}: not an http(s) URL", field="url")
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
    )


def _flag(table: Mapping[str, object], field: str) -> bool:
    value = table.get(field, False)
    if not isinstance(value, bool):
        raise Fault(f"{field} = {value!r}: not true or false", field=field)
    return value
