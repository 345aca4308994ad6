"""Subscriptions, how polling them goes, and the entries they have shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk import urls
from wiredesk.database import credential_rows, due_rows, entry_rows, feed_rows, poll_rows
from wiredesk.database.coalesce import Coalesced
from wiredesk.database.columns import Instant
from wiredesk.database.credential_rows import NO_CREDENTIALS, FeedCredentials
from wiredesk.database.due_rows import Settlement
from wiredesk.database.entry_rows import EntriesShown, Pair
from wiredesk.database.feed_rows import (
    FEED,
    FeedStatus,
    FeedSubscription,
    KnownFeed,
    Origin,
    Overview,
    SyncedFeeds,
)
from wiredesk.database.poll_rows import Poll, PollNote
from wiredesk.database.statements import in_batches, padded
from wiredesk.database.tables import feeds
from wiredesk.database.transactions import Transactions

__all__ = [
    "FEED",
    "NO_CREDENTIALS",
    "FeedCredentials",
    "FeedStatus",
    "FeedSubscription",
    "Feeds",
    "KnownFeed",
    "Origin",
    "Overview",
    "Poll",
    "PollNote",
    "SyncedFeeds",
]


POLLS_AT_ONCE = 100
"""Polls in one transaction: their feeds' rows are held meanwhile."""


GATHER, GATHER_ENDED = timedelta(milliseconds=10), timedelta(milliseconds=30)
"""How long a poll waits for others to share what it reads, and what it writes at its end: a transaction costs as much
as ten polls."""


class Feeds:
    """Each feed that is not paused has one due row; both change in one transaction."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._known = Coalesced(self._known_many, at_most=POLLS_AT_ONCE, gather=GATHER)
        self._listed = Coalesced(self._listed_many, at_most=POLLS_AT_ONCE, gather=GATHER)
        self._fresh = Coalesced(self._fresh_many, at_most=POLLS_AT_ONCE, gather=GATHER)
        self._polled = Coalesced(self._polled_many, at_most=POLLS_AT_ONCE, gather=GATHER_ENDED)

    async def sync(self, subscriptions: Sequence[FeedSubscription], *, origin: Origin) -> SyncedFeeds:
        """Make the feeds of `origin` those `subscriptions`; a feed that another origin manages stays with it.

        New ones are due at once. A feed paused by command stays paused.
        """

        async def work(connection: AsyncConnection) -> SyncedFeeds:
            # Held, so that no other replica's sync changes them before this one has written.
            stored_feeds = {known.url: known for known in await feed_rows.every(connection, hold=True)}
            # A feed keeps the form of its URL in which it was first stored: its entries and state hang on that.
            stored = {urls.subscribed(url): url for url in stored_feeds} | {url: url for url in stored_feeds}
            by_url = {
                stored.get(feed.url, stored.get(urls.subscribed(feed.url), feed.url)): feed for feed in subscriptions
            }
            mine = {url for url, known in stored_feeds.items() if known.origin == origin}
            added = [by_url[url] for url in by_url if url not in stored_feeds]
            removed = sorted(mine - set(by_url))
            changed = [url for url in by_url if url in mine and feed_rows.differs(by_url[url], stored_feeds[url])]
            new = await feed_rows.insert(connection, added)
            await feed_rows.remove(connection, removed)
            for url in changed:
                values = {"priority": by_url[url].priority, "backfill": by_url[url].backfill}
                await connection.execute(update(feeds).where(feeds.c.url == url).values(values))
                if by_url[url].credentials != stored_feeds[url].credentials:
                    await credential_rows.store(connection, url, by_url[url].credentials)
            return SyncedFeeds(
                added=[feed.url for feed in added if feed.url in new],
                removed=removed,
                changed=changed,
                kept=sorted(set(by_url) & (set(stored_feeds) - mine)),
            )

        return await self._transactions.write(work)

    async def add(self, subscription: FeedSubscription) -> bool:
        """Subscribe, due at once; False where the feed is there already, whoever manages it."""

        async def work(connection: AsyncConnection) -> bool:
            if await feed_rows.stored_url(connection, subscription.url) is not None:
                return False
            return bool(await feed_rows.insert(connection, [subscription]))

        return await self._transactions.write(work)

    async def remove(self, url: str) -> bool:
        """Unsubscribe; its entries stay known for a while. False where there was no such feed."""

        async def work(connection: AsyncConnection) -> bool:
            stored = await feed_rows.stored_url(connection, url)
            return stored is not None and await feed_rows.remove(connection, [stored]) > 0

        return await self._transactions.write(work)

    async def list(self) -> Sequence[FeedSubscription]:
        """Every subscription, by URL."""
        return await self._transactions.read(feed_rows.every)

    async def get(self, url: str) -> FeedSubscription | None:
        """The subscription, if there is one."""
        return await self._transactions.read(lambda connection: feed_rows.load(connection, url))

    async def set_paused(self, url: str, paused: bool) -> bool:
        """Stop or resume polling; a resumed feed is due at once. False where there is no such feed."""

        async def work(connection: AsyncConnection) -> bool:
            stored = await feed_rows.stored_url(connection, url)
            known = await feed_rows.load(connection, stored, hold=True) if stored is not None else None
            if known is None:
                return False
            if known.paused != paused:
                await connection.execute(update(feeds).where(feeds.c.url == known.url).values(paused=paused))
                if paused:
                    await due_rows.remove(connection, FEED, [known.url])
                else:
                    await due_rows.insert(connection, FEED, {known.url: feed_rows.job(known)})
            return True

        return await self._transactions.write(work)

    async def status(self) -> Sequence[FeedStatus]:
        """How polling each feed goes, by URL."""
        statement = feed_rows.statuses()

        async def work(connection: AsyncConnection) -> Sequence[FeedStatus]:
            return [feed_rows.status(row) for row in await connection.execute(statement)]

        return await self._transactions.read(work)

    async def overview(self, *, most: int) -> Overview:
        """How many feeds are in each state, and the first of them, the sick ones before the others."""

        async def work(connection: AsyncConnection) -> Overview:
            return await feed_rows.overview(connection, most=most)

        return await self._transactions.read(work)

    async def credentials_for_pages(self) -> Mapping[str, FeedCredentials]:
        """What pages of a feed's origin are shown too, by feed; most feeds have none."""
        return await self._transactions.read(credential_rows.for_pages)

    async def with_backfill(self, urls: Collection[str]) -> frozenset[str]:
        """Those of the feeds at `urls` of which also what they held already is alerted on."""
        statement = select(feeds.c.url).where(feeds.c.backfill)

        async def work(connection: AsyncConnection) -> frozenset[str]:
            known: set[str] = set()
            for batch in in_batches(sorted(urls)):
                known.update((await connection.execute(statement.where(feeds.c.url.in_(padded(batch))))).scalars())
            return frozenset(known)

        return await self._transactions.read(work)

    async def last_successes(self) -> Mapping[str, datetime]:
        """When each feed that is not paused was last read with success, or else was subscribed to."""
        since = func.coalesce(feeds.c.last_success_at, feeds.c.added_at, type_=Instant)
        statement = select(feeds.c.url, since).where(feeds.c.paused.is_(False))

        async def work(connection: AsyncConnection) -> Mapping[str, datetime]:
            return {url: at for url, at in await connection.execute(statement)}

        return await self._transactions.read(work)

    async def known(self, url: str) -> KnownFeed | None:
        """The feed as polling needs it, if there is one. Calls that come together share one read."""
        return await self._known(url)

    async def listed(self, url: str) -> bytes | None:
        """What `Poll.listed` was last; None before the first document. Calls that come together share one read."""
        return await self._listed(url)

    async def fresh(self, feed: str, entries: Sequence[Pair]) -> Mapping[Pair, datetime | None]:
        """Which of these pairs of entry id and revision the feed did not show last, with when it showed them before.

        Calls that come together share one read.
        """
        return await self._fresh((feed, entries)) if entries else {}

    async def polled(self, poll: Poll) -> bool:
        """Remember a poll and what it showed, and when to poll next, all in one.

        False, and nothing written, where the lease of its job was lost: paused, removed, or somebody else's. Calls
        that come together share one commit.
        """
        return await self._polled(poll)

    async def _known_many(self, wanted: Sequence[str]) -> Sequence[KnownFeed | None]:
        found = await self._transactions.read(lambda connection: feed_rows.known(connection, wanted))
        return [found.get(url) for url in wanted]

    async def _listed_many(self, wanted: Sequence[str]) -> Sequence[bytes | None]:
        statement = select(feeds.c.url, feeds.c.listed).where(feeds.c.url.in_(padded(sorted(set(wanted)))))

        async def work(connection: AsyncConnection) -> dict[str, bytes | None]:
            return {url: listed for url, listed in await connection.execute(statement)}

        found = await self._transactions.read(work)
        return [found.get(url) for url in wanted]

    async def _fresh_many(self, asks: Sequence[tuple[str, Sequence[Pair]]]) -> Sequence[Mapping[Pair, datetime | None]]:
        async def work(connection: AsyncConnection) -> Sequence[Mapping[Pair, datetime | None]]:
            return [await entry_rows.fresh(connection, feed, entries) for feed, entries in asks]

        return await self._transactions.read(work)

    async def _polled_many(self, polls: Sequence[Poll]) -> Sequence[bool]:
        """`polled` for many, in their order; of two for one feed the first counts."""
        by_key = {poll.job.key: poll for poll in reversed(polls)}

        async def work(connection: AsyncConnection) -> set[str]:
            await poll_rows.hold(connection, [poll.url for poll in by_key.values()])
            outcomes = {
                key: Settlement(job=poll.job, again_at=poll.again_at, routine=poll.routine)
                for key, poll in by_key.items()
            }
            held = await due_rows.settle(connection, FEED, outcomes)
            kept = [by_key[key] for key in sorted(held)]
            await poll_rows.note(connection, kept)
            await entry_rows.remember(
                connection,
                [
                    EntriesShown(feed=poll.url, entries=poll.entries, returned=poll.returned, seen_at=poll.seen_at)
                    for poll in kept
                ],
            )
            return held

        held = await self._transactions.write(work)
        return [by_key[poll.job.key] is poll and poll.job.key in held for poll in polls]

    async def forget_entries(self, *, before: datetime) -> int:
        """Forget entries last shown before; those of a feed's newest document stay, however old. How many went."""
        forgotten = 0
        while batch := await self._transactions.write(lambda c: entry_rows.forget(c, before=before)):
            forgotten += batch
        return forgotten
