"""Builds the role `feeds`: the subscriptions of command line and file, and polling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from wiredesk.dispatch import Dispatcher, Duty
from wiredesk.observe import Health
from wiredesk.outbound.politeness import PER_HOST
from wiredesk.retry import patiently
from wiredesk.roles.feeds.feeds_file import FeedsFile
from wiredesk.roles.feeds.freshness import Freshness
from wiredesk.roles.feeds.schedule import Bounds
from wiredesk.roles.feeds.stage import FEED, Poller, PollerDeps
from wiredesk.roles.feeds.subscriptions import from_flags, subscriptions
from wiredesk.roles.shared import Shared
from wiredesk.stop import Run, Runs

POLL_LIMIT = timedelta(minutes=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedsConfig:
    """Feeds of command line and file, how often and how many to poll at once; `polls_all_now` polls all without delay.

    `environ` is what the secrets of feeds may name.
    """

    urls: Sequence[str]
    file: Path | None
    bounds: Bounds
    pollers: int
    polls_all_now: bool
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)


async def build(shared: Shared, config: FeedsConfig, health: Health) -> Runs:
    """Polling; the feeds given are those of the database by then. Raises `Misconfigured` where the feeds file is wrong."""
    polling = _polling(shared, config, health)
    runs: list[Run] = [polling.run, Freshness(shared.database, health=health, now=shared.now).run]
    await _subscribe(shared, config.urls, health)
    if config.file is not None:
        file = FeedsFile(
            config.file, shared.database, health=health, now=shared.now, nudge=polling.nudge, environ=config.environ
        )
        await file.load()
        runs.append(file.run)
    if config.polls_all_now:
        await patiently(lambda: _hurry(shared), health=health)
    return runs


async def _subscribe(shared: Shared, urls: Sequence[str], health: Health) -> None:
    flag_feeds = subscriptions(from_flags(urls), origin="flag", now=shared.now())
    await patiently(lambda: shared.database.feeds.sync(flag_feeds, origin="flag"), health=health)


async def _hurry(shared: Shared) -> None:
    for feed in await shared.database.feeds.list():
        await shared.database.due.hurry(FEED, feed.url, now=shared.now())


def _polling(shared: Shared, config: FeedsConfig, health: Health) -> Dispatcher:
    poller = Poller(
        PollerDeps(
            bus=shared.bus,
            database=shared.database,
            web_client=shared.web_client,
            workers=shared.workers,
            prefix=shared.prefix,
            now=shared.now,
            bounds=config.bounds,
            environ=config.environ,
        )
    )
    duty = Duty(
        kind=FEED,
        work=poller,
        give_up=poller.give_up,
        concurrency=config.pollers,
        per_host=PER_HOST,
        limit=POLL_LIMIT,
        lease=shared.lease,
    )
    return Dispatcher(duty, shared.database.due, health=health)
