"""One task that follows the stored items for all streams, however many there are."""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

import msgspec
from prometheus_client import Counter, Gauge

from wiredesk.database.changes import STORED
from wiredesk.database.items import ItemQuery, Items, StoredItem
from wiredesk.errors import Unavailable
from wiredesk.observe import log
from wiredesk.roles.web.budget import PAGE_BYTES, READING_BYTES, ByteBudget
from wiredesk.roles.web.frames import Frame
from wiredesk.roles.web.problem import Problem, fault

_log = log(__name__)

READERS = Gauge("wiredesk_stream_readers", "Open streams.")
CUT = Counter("wiredesk_stream_cut_total", "Streams cut off because their reader was too slow.")

AT_ONCE = 200
"""Items in one look at the database, as far as `PAGE_BYTES` take them."""

REPLAY_BYTES = 512 * 1024
"""Stored bytes in one look of a stream that catches up: it holds them until its reader has taken them."""

FRAMES_FACTOR = 4
"""A frame with its item and its JSON, to the stored bytes."""

REPLAYS = 2
"""Streams that catch up from the database at a time: the others and the rest of the API want connections too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLimits:
    """How streams are kept; `waiting_items` and `waiting_bytes` bound what a slow reader may leave lying,
    `waiting_bytes_in_all` what all of them may, a frame for many counted once."""

    look_every: timedelta = timedelta(milliseconds=100)
    quiet: timedelta = timedelta(seconds=5)  # the same where nothing is told of
    away: timedelta = timedelta(seconds=2)
    heartbeat: timedelta = timedelta(seconds=15)
    write: timedelta = timedelta(seconds=30)
    waiting_items: int = 1_000
    waiting_bytes: int = 4 * 1024 * 1024
    waiting_bytes_in_all: int = 32 * 1024 * 1024
    readers: int = 2_000


class StreamReader:
    """An open stream: its query, where it stands, and what waits to be written to it."""

    def __init__(self, query: ItemQuery, *, at: int, cut: Callable[[], None], limits: StreamLimits) -> None:
        self.query, self.at, self.is_live, self.is_over = query, at, False, False
        self._cut, self._limits = cut, limits
        self._waiting: deque[Frame] = deque()
        self._taken: Sequence[Frame] = ()
        self._bytes = 0
        self._came = asyncio.Event()

    def offer(self, frames: Sequence[Frame]) -> None:
        """Queue `frames`, without those that the reader has already; a reader that falls too far behind is cut off."""
        fresh = [frame for frame in frames if frame.seq > self.at]
        if self.is_over or not fresh:
            return
        self._waiting += fresh
        self._bytes += sum(len(frame.sent) for frame in fresh)
        self._came.set()
        # A single one may be larger than all that may wait.
        too_much = self._bytes > self._limits.waiting_bytes and len(self._waiting) > 1
        if too_much or len(self._waiting) > self._limits.waiting_items:
            self.cut()

    def held(self) -> Iterator[Frame]:
        """The frames that wait for it or are being written."""
        yield from self._taken
        yield from self._waiting

    def cut(self) -> None:
        """Cut it off: it is too slow."""
        CUT.inc()
        _log.warning("web.stream_cut", at=self.at, items=len(self._waiting), bytes=self._bytes)
        self.end()
        self._cut()

    def end(self) -> None:
        """End the stream, and drop the waiting frames."""
        self.is_over = True
        self._waiting.clear()
        self._taken, self._bytes = (), 0
        self._came.set()

    async def take(self) -> Sequence[Frame]:
        """The waiting frames, as soon as there are some; none at the end. Those taken before count as written."""
        self._taken = ()
        await self._came.wait()
        self._came.clear()
        taken, self._bytes = list(self._waiting), 0
        self._taken = taken
        self._waiting.clear()
        if taken:
            self.at = taken[-1].seq
        return taken


class Follower:
    """Looks at the database while there are readers, and hands each of them what is new.

    `seq` is given out in order of commit, so whoever goes on after the last one seen misses nothing.
    """

    def __init__(self, items: Items, *, limits: StreamLimits, budget: ByteBudget | None = None) -> None:
        self.limits = limits
        self._budget = budget or ByteBudget()
        self._items = items
        self._at = 0
        self._readers: set[StreamReader] = set()
        self._wanted = asyncio.Event()
        self._replays = asyncio.Semaphore(REPLAYS)

    async def run(self) -> None:
        """Until cancelled."""
        await self._wanted.wait()  # by then the database is open, and tells of changes: the server starts before it
        changed = asyncio.Event()
        changes = self._items.changes
        with changes.told_to(changed, of=STORED) if changes else nullcontext():
            await self._follow(changed)

    async def _follow(self, changed: asyncio.Event) -> None:
        while True:
            await self._wanted.wait()
            changed.clear()
            try:
                query = ItemQuery(after_seq=self._at, oldest_first=True, limit=AT_ONCE)
                page = await self._items.page(query, max_bytes=PAGE_BYTES)
            except Unavailable as error:
                _log.warning("web.stream_waiting", error=str(error))
                await asyncio.sleep(self.limits.away.total_seconds())
                continue
            if page.items:
                by_text = any(reader.query.text for reader in self._readers)
                # Folding a long text takes milliseconds: off the event loop.
                self._hand_out(await asyncio.to_thread(_frames, page.items, by_text))
            if not page.goes_on:
                await asyncio.sleep(self.limits.look_every.total_seconds())
                await self._until_told(changed)

    async def _until_told(self, changed: asyncio.Event) -> None:
        if self._items.changes is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(self.limits.quiet.total_seconds()):
                    await changed.wait()

    def _hand_out(self, frames: Sequence[Frame]) -> None:
        suiting: dict[ItemQuery, Sequence[Frame]] = {}  # most readers ask for the same
        for reader in self._readers:
            if reader.is_live:
                if reader.query not in suiting:
                    suiting[reader.query] = [frame for frame in frames if frame.suits(reader.query)]
                reader.offer(suiting[reader.query])
        self._at = max(self._at, frames[-1].seq)
        self._cut_the_slowest()

    def _cut_the_slowest(self) -> None:
        """Cut readers, those furthest behind first, until all frames that wait are within bounds."""
        holders = Tally(id(frame) for reader in self._readers for frame in reader.held())
        lengths = {id(frame): len(frame.sent) for reader in self._readers for frame in reader.held()}
        waiting = sum(lengths.values())
        for reader in sorted(self._readers, key=lambda reader: reader.at):
            if waiting <= self.limits.waiting_bytes_in_all:
                return
            mine = [id(frame) for frame in reader.held()]
            holders.subtract(mine)
            waiting -= sum(lengths[frame] for frame in mine if not holders[frame])
            reader.cut()

    @asynccontextmanager
    async def joined(
        self, query: ItemQuery, *, since: int | None, cut: Callable[[], None]
    ) -> AsyncIterator[StreamReader]:
        """A reader of what comes after `since`, or from now on. `cut` ends its connection at once. Raises `Problem`."""
        head = await self._items.head()
        if since is not None and since > head:
            raise fault("since_id", str(since), expected=f"at most {head}, the newest there is (or as Last-Event-ID)")
        if len(self._readers) >= self.limits.readers:
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"{self.limits.readers} streams are open, which is the most",
                headers={"Retry-After": "30"},
            )
        if not self._readers:  # nobody looked meanwhile, and nobody is owed what came
            self._at = max(self._at, head)
        reader = StreamReader(query, at=head if since is None else since, cut=cut, limits=self.limits)
        self._readers.add(reader)
        self._changed()
        try:
            yield reader
        finally:
            self._readers.discard(reader)
            self._changed()

    def _changed(self) -> None:
        READERS.set(len(self._readers))
        if self._readers:
            self._wanted.set()
        else:
            self._wanted.clear()

    async def caught_up(self, reader: StreamReader) -> AsyncGenerator[Sequence[Frame], None]:
        """The items stored before `reader` came, read from the database; at the end the reader is live."""
        while reader.at < self._at and not reader.is_over:
            upto = self._at
            query = msgspec.structs.replace(
                reader.query, after_seq=reader.at, before_seq=upto + 1, oldest_first=True, limit=AT_ONCE
            )
            async with self._budget.claimed(READING_BYTES) as claim:
                async with self._replays:
                    page = await self._items.page(query, max_bytes=REPLAY_BYTES)
                if page.items:
                    frames = await asyncio.to_thread(_frames, page.items, False)
                    claim.shrink(FRAMES_FACTOR * sum(len(frame.sent) for frame in frames))
                    yield frames
            reader.at = page.items[-1].seq if page.goes_on else upto
        # No await since the last comparison: what the follower sees from here on is offered.
        reader.is_live = True

    def standing(self, reader: StreamReader) -> int:
        """How far a live reader without anything waiting has seen all there is for it."""
        return max(reader.at, self._at)

    def end(self) -> None:
        """End all streams."""
        for reader in self._readers:
            reader.end()


def _frames(items: Sequence[StoredItem], by_text: bool) -> Sequence[Frame]:
    frames = [Frame(item) for item in items]
    if by_text:
        for frame in frames:
            frame.run()
    return frames
