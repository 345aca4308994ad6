"""The role `pages`, built: entries become due pages, and these are fetched and looked at again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from wiredesk.dispatch import Dispatcher, Duty
from wiredesk.observe import Health
from wiredesk.outbound.politeness import PER_HOST
from wiredesk.roles.pages.look.comment_feeds import CommentReader
from wiredesk.roles.pages.look.intake import Intake
from wiredesk.roles.pages.look.jobs import COMMENTS, PAGE, THREAD
from wiredesk.roles.pages.look.publishing import PagesDeps
from wiredesk.roles.pages.look.revisits import USUAL, Pace
from wiredesk.roles.pages.look.stage import Fetcher
from wiredesk.roles.reads import PAGES
from wiredesk.roles.shared import Shared
from wiredesk.stop import Runs

PAGE_LIMIT = timedelta(minutes=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesConfig:
    """How many of each kind of row are worked on at once, and when pages are looked at again."""

    fetchers: int
    pace: Pace = USUAL
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)


def build(shared: Shared, config: PagesConfig, health: Health) -> Runs:
    """Taking in entries, and working on the three kinds of rows that this leads to."""
    deps = PagesDeps(
        bus=shared.bus,
        database=shared.database,
        web_client=shared.web_client,
        workers=shared.workers,
        prefix=shared.prefix,
        now=shared.now,
        pace=config.pace,
        environ=config.environ,
    )
    fetcher, reader = Fetcher(deps), CommentReader(deps)

    def dispatcher(kind: str, worker: Fetcher | CommentReader) -> Dispatcher:
        duty = Duty(
            kind=kind,
            work=worker,
            give_up=worker.give_up,
            concurrency=config.fetchers,
            per_host=PER_HOST,
            limit=PAGE_LIMIT,
            lease=shared.lease,
        )
        return Dispatcher(duty, shared.database.due, health=health)

    pages, threads, comments = dispatcher(PAGE, fetcher), dispatcher(THREAD, fetcher), dispatcher(COMMENTS, reader)
    intake = Intake(shared.database.pages, nudge=pages.nudge, now=shared.now)
    return [shared.consuming(PAGES, intake, health), pages.run, threads.run, comments.run]
