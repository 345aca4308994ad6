"""`wiredesk feeds`: subscriptions, and how polling them goes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wiredesk import urls
from wiredesk.backends import database_of
from wiredesk.cli.output import counted, printable, rows
from wiredesk.cli.settings import AsJson, EnvFile, allowed, quiet_settings, run_async
from wiredesk.config import Config
from wiredesk.database.feeds import NO_CREDENTIALS, FeedStatus, FeedSubscription, Origin
from wiredesk.errors import Malformed, Misconfigured
from wiredesk.redaction import masked, secret_parameters
from wiredesk.roles.feeds.subscriptions import (
    LEAST_PRIORITY,
    MOST_PRIORITY,
    WantedFeed,
    by_command,
    read_file,
    subscriptions,
)

if TYPE_CHECKING:
    from wiredesk.roles.feeds.reading import FeedReading

commands = typer.Typer(no_args_is_help=True, help="Subscriptions, and how polling them goes.")

LIST = ("url", "origin", "priority", "paused", "credentials")
STATUS = ("url", "state", "last_polled", "next_poll", "status", "entries", "reason")
"""Without the weight of the failures, half of one for some: state and reason say what it leads to."""

CHECK = ("url", "title", "published")
FeedUrl = Annotated[str, typer.Argument(metavar="URL", help="The feed's URL.")]


@commands.command()
def add(
    feed_urls: Annotated[list[str], typer.Argument(metavar="URL", help="URLs of feeds.")],
    priority: Annotated[float, typer.Option(help="0.1 to 10; twice the priority is about half the delay.")] = 1.0,
    backfill: Annotated[bool, typer.Option("--backfill", help="Alert on what the feed holds already, too.")] = False,
    env_file: EnvFile = None,
) -> None:
    """Subscribe; a running wiredesk polls them at once."""
    if not LEAST_PRIORITY <= priority <= MOST_PRIORITY:
        raise typer.BadParameter(f"--priority {priority:g}: expected {LEAST_PRIORITY:g} to {MOST_PRIORITY:g}")
    new_feeds = list(dict.fromkeys(by_command(url, priority=priority, backfill=backfill) for url in feed_urls))
    added = set(run_async(_add(quiet_settings(env_file), new_feeds, origin="command")))
    for feed in new_feeds:
        sys.stdout.write(f"{'added' if feed.url in added else 'there already:'} {feed.url}\n")
        _warn(feed)


@commands.command()
def remove(url: FeedUrl, env_file: EnvFile = None) -> None:
    """Unsubscribe. A feed that a file lists comes back with the file."""
    run_async(_remove(quiet_settings(env_file), url))
    sys.stdout.write(f"removed {urls.subscribed(url)}\n")


@commands.command("list")
def list_(as_json: AsJson = False, env_file: EnvFile = None) -> None:
    """List all subscriptions."""
    stored_feeds = run_async(_subscriptions(quiet_settings(env_file)))
    rows(
        [_subscription_row(feed) for feed in stored_feeds],
        columns=LIST,
        as_json=as_json,
        empty="no feeds",
    )


@commands.command()
def status(as_json: AsJson = False, env_file: EnvFile = None) -> None:
    """Show how polling goes: state, last and next poll, failures and why."""
    statuses = run_async(_status(quiet_settings(env_file)))
    rows([_status_row(feed, as_json=as_json) for feed in statuses], columns=STATUS, as_json=as_json, empty="no feeds")


@commands.command()
def pause(url: FeedUrl, env_file: EnvFile = None) -> None:
    """Stop polling a feed until it is resumed."""
    run_async(_set_paused(quiet_settings(env_file), url, paused=True))
    sys.stdout.write(f"paused {urls.subscribed(url)}\n")


@commands.command()
def resume(url: FeedUrl, env_file: EnvFile = None) -> None:
    """Poll a paused feed again, at once."""
    run_async(_set_paused(quiet_settings(env_file), url, paused=False))
    sys.stdout.write(f"resumed {urls.subscribed(url)}\n")


@commands.command()
def check(
    feed: Annotated[str, typer.Argument(metavar="URL|FILE", help="The URL of a feed, or a file.")],
    url: Annotated[str, typer.Option(help="The URL that a file came from.")] = "https://example.org/feed",
    allow: Annotated[
        list[str] | None, typer.Option("--allow", help="CIDR that may be dialled though not public.")
    ] = None,
    as_json: AsJson = False,
    env_file: EnvFile = None,
) -> None:
    """Read a feed as polling would, and show its entries; subscribes to nothing."""
    if urls.is_http(feed):
        _warn(by_command(feed))
    reading = run_async(_check(quiet_settings(env_file, **allowed(allow)), feed, url))
    if not as_json:
        entries = counted(len(reading.entries), "entry", many="entries")
        kept = f", {reading.left_out} left out" if reading.left_out else ""
        sys.stderr.write(f"{reading.format}: {reading.title or 'no title'}, {entries}{kept}\n")
    shown = (
        {"url": e.url, "title": e.title, "published": e.published_at, "id": e.id, "guid": e.guid}
        for e in reading.entries
    )
    rows(shown, columns=CHECK, as_json=as_json, empty="no entries")


@commands.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A feeds file, TOML or OPML.")], env_file: EnvFile = None
) -> None:
    """Subscribe to every feed of a file, once; the file is not watched. Exit status 1 where some of it is no feed."""
    listed = read_file(file)
    added = run_async(_add(quiet_settings(env_file), listed.feeds, origin="import"))
    present, left_out = len(listed.feeds) - len(added), len(listed.left_out)
    for reason in listed.left_out:
        sys.stderr.write(f"left out: {file}, {printable(reason)}\n")
    counts = [f"added {len(added)} of {counted(len(listed.feeds) + left_out, 'feed')}"]
    counts += [f"{number} {what}" for number, what in ((present, "there already"), (left_out, "left out")) if number]
    sys.stdout.write("; ".join(counts) + "\n")
    if left_out:
        raise typer.Exit(1)


@commands.command()
def export(env_file: EnvFile = None) -> None:
    """Write all subscriptions to standard output as OPML, without their credentials."""
    from wiredesk.documents import opml

    statuses, stored_feeds = run_async(_exported(quiet_settings(env_file)))
    outlines = [opml.Outline(url=feed.url, title=feed.title or "") for feed in statuses]
    sys.stdout.buffer.write(opml.write(outlines, title="wiredesk"))
    if number := sum(feed.credentials != NO_CREDENTIALS for feed in stored_feeds):
        sys.stderr.write(f"{counted(number, 'feed')} with credentials, which are not exported\n")


async def _add(config: Config, wanted_feeds: Sequence[WantedFeed], *, origin: Origin) -> list[str]:
    async with database_of(config, opening="create") as database:
        as_kept = subscriptions(wanted_feeds, origin=origin, now=datetime.now(UTC))
        return [feed.url for feed in as_kept if await database.feeds.add(feed)]


async def _remove(config: Config, url: str) -> None:
    async with database_of(config) as database:
        if not await database.feeds.remove(url):
            raise _unknown(url)


async def _subscriptions(config: Config) -> Sequence[FeedSubscription]:
    async with database_of(config) as database:
        return await database.feeds.list()


async def _status(config: Config) -> Sequence[FeedStatus]:
    async with database_of(config) as database:
        return await database.feeds.status()


async def _exported(config: Config) -> tuple[Sequence[FeedStatus], Sequence[FeedSubscription]]:
    async with database_of(config) as database:
        return await database.feeds.status(), await database.feeds.list()


async def _set_paused(config: Config, url: str, *, paused: bool) -> None:
    async with database_of(config) as database:
        if not await database.feeds.set_paused(url, paused):
            raise _unknown(url)


async def _check(config: Config, feed: str, url: str) -> FeedReading:
    from wiredesk.cli.fetching import answer_of, bytes_of, is_url
    from wiredesk.roles.feeds.reading import Source, read
    from wiredesk.roles.feeds.stage import ACCEPT, LIMITS, MAX_BYTES
    from wiredesk.workers import Workers

    content_type = content_location = ""
    if is_url(feed):
        answer = await answer_of(config, feed, headers={"Accept": ACCEPT}, max_bytes=MAX_BYTES)
        body, url = answer.body, answer.url
        content_type = answer.headers.get("content-type", "")
        content_location = answer.headers.get("content-location", "")
    else:
        body = bytes_of(Path(feed))
    source = Source(
        feed=url, url=url, content_type=content_type, content_location=content_location, seen_at=datetime.now(UTC)
    )
    try:
        return await Workers(1).run(read, body, source, {}, limits=LIMITS)
    except Malformed as error:
        raise Misconfigured(f"{masked(feed)}: {error}") from error


def _warn(feed: WantedFeed) -> None:
    """Say on standard error what of a feed is kept apart, and what is published though it may be secret."""
    if feed.credentials.login:
        sys.stderr.write(f"{feed.url}: its user and password are kept apart, in the database\n")
    if names := secret_parameters(feed.url):
        wanted = ", ".join(f'{name} = "VARIABLE"' for name in names)
        sys.stderr.write(
            f"{masked(feed.url)}: its query ({', '.join(names)}) is a part of its name and published with each item; "
            f"to keep it to yourself leave it out of the url and write query_env = {{ {wanted} }} in a feeds file\n"
        )


def _subscription_row(feed: FeedSubscription) -> dict[str, object]:
    login = ["user and password"] if feed.credentials.login else []
    told = ", ".join([*login, *(f"{what} {place}" for what, place in feed.credentials.places)])
    return {name: told if name == "credentials" else getattr(feed, name) for name in LIST}


def _unknown(url: str) -> Misconfigured:
    return Misconfigured(f"no feed {masked(url)}: `wiredesk feeds list` shows them")


def _status_row(feed: FeedStatus, *, as_json: bool) -> dict[str, object]:
    times = {"last_polled": feed.last_polled_at, "last_success": feed.last_success_at, "next_poll": feed.next_poll_at}
    shown = times if as_json else {name: _shown(at) for name, at in times.items()}
    return {
        "url": feed.url,
        "title": feed.title,
        "state": feed.state,
        **shown,
        "status": feed.status_code,
        "entries": feed.entries,
        "failures": round(feed.failures, 2),
        "reason": feed.reason,
    }


def _shown(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if at else ""
