"""The verdict of every collected item: read candidates, judge, write; judge again where another replica was faster."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from wiredesk import urls
from wiredesk.errors import Unavailable
from wiredesk.events import (
    CollectedArticle,
    CollectedComment,
    Event,
    JudgedArticle,
    JudgedComment,
    StoryChanged,
    digest,
)
from wiredesk.fates import Fate, Passed, Received
from wiredesk.roles.dedupe.comments import CommentSighting, folded, judge_comment
from wiredesk.roles.dedupe.judge import ArticleSighting, Batch, View, judge
from wiredesk.roles.dedupe.memory import Judgement
from wiredesk.roles.dedupe.sketch import sketch
from wiredesk.state.seen import Candidates, Seen, Update

TRIES, PAUSE = 5, timedelta(milliseconds=10)
"""Of a batch, before its halves go apart: one that others were ahead of waits up to 20, 40, 80, 160 ms."""

Item = CollectedArticle | CollectedComment


class Dedupe:
    """Two round trips per batch, more where replicas work on the same stories."""

    def __init__(self, seen: Seen, *, now: Callable[[], datetime]) -> None:
        self._seen, self._now = seen, now

    async def __call__(self, received: Sequence[Received[Item]]) -> Sequence[Fate]:
        """A judged event a collected one, and for articles what became of their story."""
        items = [item.value for item in received]
        judgements = await self._settled(await asyncio.to_thread(_sightings, items))
        now = self._now()
        return [_fate(item, judgement, now) for item, judgement in zip(items, judgements, strict=True)]

    async def _settled(self, sightings: Sequence[ArticleSighting | CommentSighting]) -> list[Judgement]:
        """The verdicts, remembered. Raises `Unavailable` where others are faster at one item time and again.

        Of a batch every item must be as it was when it was judged: where replicas are at the same stories, smaller
        batches get through that a large one never does.
        """
        asks = [sighting.ask() for sighting in sightings]
        for number in range(TRIES):
            if number:
                # At random: replicas that were in each other's way once would be again.
                await asyncio.sleep(random.uniform(0, PAUSE.total_seconds() * 2**number))
            known = await self._seen.candidates(asks)
            judgements, writes = await asyncio.to_thread(judge_all, sightings, known)
            if not writes or await self._seen.settle(asks, [answer.version for answer in known], writes):
                return judgements
        if len(sightings) == 1:
            raise Unavailable(f"an item was changed by others {TRIES} times while it was judged", dependency="state")
        half = len(sightings) // 2
        return [*await self._settled(sightings[:half]), *await self._settled(sightings[half:])]


def judge_all(
    sightings: Sequence[ArticleSighting | CommentSighting], known: Sequence[Candidates]
) -> tuple[list[Judgement], list[Update]]:
    """The verdicts of a batch and what to remember; earlier items of the batch count as known."""
    batch = Batch()
    judgements: list[Judgement] = []
    writes: list[Update] = []
    for sighting, answer in zip(sightings, known, strict=True):
        view = View(answer=answer, batch=batch)
        if isinstance(sighting, ArticleSighting):
            judgement, write = judge(sighting, view)
        else:
            judgement, write = judge_comment(sighting, view)
        judgements.append(judgement)
        if write is not None:
            batch.take(write)
            writes.append(write)
    return judgements, writes


def _sightings(items: Sequence[Item]) -> list[ArticleSighting | CommentSighting]:
    return [sighting_of(item) for item in items]


def sighting_of(item: Item) -> ArticleSighting | CommentSighting:
    """An item as it is judged. Raises `ValueError` where an id is no digest of ours, which is the item's fault."""
    clock = item.times.collected or item.times.seen
    at = int(clock.timestamp()) if clock else 0
    if isinstance(item, CollectedComment):
        text = folded(item.text)
        return CommentSighting(
            comment=_bytes(item.id),
            capture=_bytes(item.capture),
            campaign=digest("campaign", text) if text else "",
            at=at,
        )
    origin = digest("article", urls.canonical(item.origin_url)) if item.origin_url else ""
    first_seen = item.times.seen or item.times.collected
    return ArticleSighting(
        article=_bytes(item.id),
        capture=_bytes(item.capture),
        origin=_bytes(origin) if origin else b"",
        source=item.source,
        at=at,
        first_seen=int(first_seen.timestamp()) if first_seen else at,
        sketch=sketch(item.text, title=item.title),
    )


def _bytes(name: str) -> bytes:
    """An id as 16 bytes; a foreign one, as another producer may write, by its digest."""
    try:
        raw = bytes.fromhex(name)
    except ValueError:
        raw = b""
    return raw if len(raw) == 16 else bytes.fromhex(digest("foreign", name))


def _fate(item: Item, judgement: Judgement, now: datetime) -> Fate:
    times = msgspec.structs.replace(item.times, deduplicated=now)
    facts = msgspec.structs.asdict(item) | {"verdict": judgement.verdict, "times": times}
    reason = "" if judgement.verdict.kind == "new" else judgement.verdict.kind
    if isinstance(item, CollectedComment):
        return Passed(outputs=(JudgedComment(**facts),), reason=reason)
    outputs: list[Event] = [JudgedArticle(**facts, story=judgement.story)]
    if judgement.story is not None:
        outputs.append(
            StoryChanged(
                id=judgement.story.id,
                item=item.id,
                capture=item.capture,
                source=item.source,
                story=judgement.story,
                times=times,
            )
        )
    return Passed(outputs=tuple(outputs), reason=reason)
