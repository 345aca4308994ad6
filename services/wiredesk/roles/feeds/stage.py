"""Polls a due feed, publishes what is new in it, then remembers: in that order, so that a crash repeats and loses nothing."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import msgspec

from wiredesk import events, urls
from wiredesk.bus import MAX_VALUE_BYTES, Bus
from wiredesk.bus.records import to_record
from wiredesk.database import Database
from wiredesk.database.due import Job
from wiredesk.database.feeds import FEED, NO_CREDENTIALS, FeedSubscription, Poll, PollNote
from wiredesk.errors import Malformed, Misconfigured, Overrun
from wiredesk.events.collecting import publishable
from wiredesk.observe import POLLS, bound, log, new_traceparent
from wiredesk.outbound.credentials import Credentials
from wiredesk.outbound.door import Answer, FetchFailed
from wiredesk.outbound.politeness import NotYet, PoliteClient
from wiredesk.redaction import shown
from wiredesk.roles.credentials import fetched
from wiredesk.roles.feeds import state as states
from wiredesk.roles.feeds.outcome import Next, Polled, PollFailure, PollPolicy, after
from wiredesk.roles.feeds.reading import Source, read
from wiredesk.roles.feeds.schedule import Bounds
from wiredesk.roles.feeds.state import Listed, PollState
from wiredesk.text.invisible import without_controls
from wiredesk.workers import WorkerLimits, Workers

__all__ = ["FEED", "ROLE", "Poller", "PollerDeps"]

_log = log(__name__)

ROLE = "feeds"
PATIENCE = timedelta(seconds=5)
"""Longer waits for a host's turn go back to the due queue, so that the worker is free for other hosts."""

MAX_BYTES = 15 * 1024 * 1024
LIMITS = WorkerLimits(cpu=timedelta(seconds=10), wall=timedelta(seconds=30), memory_bytes=768 * 1024 * 1024)
ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, */*;q=0.5"
)
AT_ONCE = 200
"""Records in one publication: an entry may be large, and all of them are in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollerDeps:
    """What the poller works with; `now` is the clock."""

    bus: Bus
    database: Database
    web_client: PoliteClient
    workers: Workers
    prefix: str
    bounds: Bounds
    now: Callable[[], datetime]
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)


class Poller:
    """Works on rows of kind `feed`, whose key is the feed's URL."""

    def __init__(self, parts: PollerDeps) -> None:
        self._parts = parts

    async def __call__(self, job: Job) -> None:
        """Poll the feed; its row is dated anew, or deleted where nobody subscribes to the feed any more."""
        feed, state = await self._known(job)
        if feed is None:
            # The feed was removed while its row was leased.
            await self._parts.database.due.done(job)
            return
        with bound(feed=shown(feed.url)):
            try:
                look = await self._look(feed, state)
            except NotYet as later:
                await self._parts.database.due.done(job, again_at=self._parts.now() + later.wait)
                return
            await self._settle(job, feed, state, look)

    async def give_up(self, job: Job, error: Exception) -> None:
        """Count a poll that raised as a failed one."""
        feed, state = await self._known(job)
        if feed is None:
            await self._parts.database.due.done(job)
            return
        await self._settle(job, feed, state, Polled(failure=PollFailure(reason="failed", error=repr(error)[:300])))

    async def _known(self, job: Job) -> tuple[FeedSubscription | None, PollState]:
        known = await self._parts.database.feeds.known(job.key)
        return (None, PollState()) if known is None else (known.subscription, states.decode(known.state))

    async def _look(self, feed: FeedSubscription, state: PollState) -> Polled:
        now = self._parts.now()
        url, is_audit = feed.url, states.is_audit(feed.url, now=now)
        headers = {"Accept": ACCEPT} | state.conditions(now=now, is_audit=is_audit)
        try:
            # The operator named this feed: robots.txt is for what we find by ourselves.
            answer = await self._parts.web_client.get(
                url,
                headers=headers,
                max_bytes=MAX_BYTES,
                robots=False,
                patience=PATIENCE,
                credentials=await self._credentials(feed),
                ports=[urls.port_of(url)],
            )
        except Misconfigured as error:
            return Polled(failure=PollFailure(reason="credentials", error=f"{shown(url)}: {error}"))
        except FetchFailed as error:
            return Polled(failure=PollFailure(reason=error.reason, error=str(error)))
        if answer.status == 304:
            return Polled(answer=answer)
        if not 200 <= answer.status < 300:
            return Polled(
                answer=answer,
                failure=PollFailure(reason=str(answer.status), error=f"{shown(url)}: status {answer.status}"),
            )
        # Many servers answer 200 with the bytes of the last poll: those need no parsing.
        digest = hashlib.blake2b(answer.body, digest_size=16).digest()
        if digest == state.body_digest:
            return Polled(answer=answer, body_digest=digest)
        look = Polled(answer=answer, is_audit=is_audit, body_digest=digest, listed=await self._listed(feed.url, state))
        return await self._read(feed, answer, look)

    async def _listed(self, url: str, state: PollState) -> Listed:
        return state.listed or states.decode_listed(await self._parts.database.feeds.listed(url))

    async def _credentials(self, feed: FeedSubscription) -> Credentials | None:
        if feed.credentials == NO_CREDENTIALS:
            return None
        return await asyncio.to_thread(fetched, feed.credentials, feed=feed.url, environ=self._parts.environ)

    async def _read(self, feed: FeedSubscription, answer: Answer, look: Polled) -> Polled:
        url = feed.url
        source = Source(
            feed=url,
            known_as=feed.known_as,
            url=answer.url,
            content_type=answer.headers.get("content-type", ""),
            content_location=answer.headers.get("content-location", ""),
            seen_at=self._parts.now(),
        )
        try:
            reading = await self._parts.workers.run(read, answer.body, source, look.listed, limits=LIMITS)
        except (Malformed, Overrun) as error:
            reason = "overrun" if isinstance(error, Overrun) else "malformed"
            return Polled(answer=answer, failure=PollFailure(reason=reason, error=f"{shown(url)}: {error}"))
        return replace(look, reading=reading)

    async def _settle(self, job: Job, feed: FeedSubscription, state: PollState, look: Polled) -> None:
        """Publish, then remember."""
        now = self._parts.now()
        fresh = await self._fresh(feed.url, look)
        wish = PollPolicy(feed=feed.url, priority=feed.priority, bounds=self._parts.bounds)
        following = after(state, look, fresh, wish, now=now)
        await self._publish(fresh, now=now)
        if following.change:
            reason = look.failure.error if look.failure else ""
            change = events.FeedChanged(feed=feed.url, change=following.change, reason=reason, at=now)
            await self._publish([publishable(change, max_bytes=MAX_VALUE_BYTES)], now=now)
        kept = await self._parts.database.feeds.polled(
            Poll(
                job=job,
                url=feed.url,
                state=None if following.state == state else states.encode(following.state),
                listed=states.encode_listed(look.reading.listed) if look.reading else None,
                status=_note(look, following),
                entries=following.shown,
                seen_at=now,
                again_at=now + following.wait,
                returned={(entry.id, entry.revision) for entry in fresh if entry.returned_from},
            )
        )
        _tell(look, following, fresh=len(fresh), kept=kept)
        # Said once, at the poll that proves it, and not at each one after it.
        if following.state.moved.is_proved(feed.url, now=now) and not state.moved.is_proved(feed.url, now=now):
            _log.warning("feeds.moved_permanently", to=shown(following.state.moved.to))

    async def _fresh(self, feed: str, look: Polled) -> list[events.Entry]:
        """The entries whose revision is not the one that the feed showed last."""
        if look.reading is None or not look.reading.entries:
            return []
        pairs = [(entry.id, entry.revision) for entry in look.reading.entries]
        shown_before = await self._parts.database.feeds.fresh(feed, pairs)
        return [
            msgspec.structs.replace(entry, returned_from=shown_before[entry.id, entry.revision])
            for entry in look.reading.entries
            if (entry.id, entry.revision) in shown_before
        ]

    async def _publish(self, batch: Sequence[events.Event], *, now: datetime) -> None:
        for start in range(0, len(batch), AT_ONCE):
            await self._parts.bus.publish(
                [
                    to_record(event, prefix=self._parts.prefix, role=ROLE, now=now, traceparent=new_traceparent())
                    for event in batch[start : start + AT_ONCE]
                ]
            )


def _note(look: Polled, following: Next) -> PollNote:
    failures = following.state.failures
    return PollNote(
        title=look.reading.title if look.reading else None,
        status_code=look.answer.status if look.answer else None,
        succeeded=look.failure is None,
        failures=failures.weight,
        reason=without_controls(look.failure.error)[:1_000] if look.failure else "",
        entries=len(look.reading.pairs) if look.reading else None,
        state="dormant" if failures.dormant_since else "failing" if look.failure else "ok",
    )


def _tell(look: Polled, following: Next, *, fresh: int, kept: bool) -> None:
    outcome = look.failure.reason if look.failure else "changed" if look.reading else "unchanged"
    POLLS.labels(outcome).inc()
    facts = {"outcome": outcome, "fresh": fresh, "next_seconds": round(following.wait.total_seconds()), "kept": kept}
    if look.failure:
        _log.warning("feeds.poll_failed", error=look.failure.error[:300], change=following.change, **facts)
        return
    _log.info("feeds.polled", status=look.answer.status if look.answer else 0, **facts)
    if following.lost_items:
        _log.warning("feeds.items_lost", window=following.state.window)
