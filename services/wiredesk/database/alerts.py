"""Alerts, unique by rule and story, and the webhooks that carry them to endpoints.

Alert, deliveries and due rows are written in one transaction, and so are a try's outcome and its due row: whatever
happens between, nothing is lost and no webhook id ever has two bodies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database import alerts_deliveries, alerts_endpoints, alerts_rows
from wiredesk.database.alerts_deliveries import WEBHOOK, Attempt, Delivery, Payload, Status
from wiredesk.database.alerts_endpoints import StoredEndpoint
from wiredesk.database.alerts_rows import NewAlert, SentAlert
from wiredesk.database.coalesce import Coalesced
from wiredesk.database.statements import BATCH, in_batches, padded
from wiredesk.database.tables import alerts, items
from wiredesk.database.transactions import Transactions

__all__ = ["WEBHOOK", "Alerts", "Attempt", "Delivery", "NewAlert", "Payload", "SentAlert", "Status", "StoredEndpoint"]


class Alerts:
    """The alerts, their deliveries and the endpoints."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._fetch = Coalesced(self._parcels, at_most=BATCH)
        self._settle = Coalesced(self._note_all, at_most=BATCH)

    async def raise_all(
        self, new_alerts: Sequence[NewAlert], *, captures: Sequence[str], now: datetime
    ) -> Mapping[str, Sequence[bytes]]:
        """Write those of `new_alerts` that are not stored yet, with a delivery due at once to each endpoint.

        Returns the bodies of all alerts that `captures` were the first to raise, now or earlier, by capture: a
        replay gets the same again, even where the rule has gone since.
        """
        bodies: dict[str, list[bytes]] = {}
        if not new_alerts and not await self._transactions.read(lambda c: alerts_rows.are_known(c, captures)):
            return bodies

        async def work(connection: AsyncConnection) -> Mapping[str, Sequence[bytes]]:
            return await alerts_rows.raise_all(connection, new_alerts, captures=captures, now=now)

        return await self._transactions.write(work)

    async def stories_of(self, articles: Sequence[str]) -> Mapping[str, str]:
        """The story of each of these articles, as far as it is stored or was alerted on."""
        stories: dict[str, str] = {}

        async def work(connection: AsyncConnection) -> None:
            for batch in in_batches(sorted(set(articles))):
                named = padded(batch)
                alerted = select(alerts.c.item, alerts.c.story).where(alerts.c.item.in_(named))
                stored = select(items.c.id, items.c.story).where(items.c.id.in_(named), items.c.story.is_not(None))
                for statement in (alerted, stored):
                    stories.update({item: story for item, story in await connection.execute(statement)})

        await self._transactions.read(work)
        return stories

    async def of_rule(self, rule: str, *, limit: int) -> Sequence[SentAlert]:
        """The alerts of `rule`, newest first; none where there is no such rule."""
        return await self._transactions.read(lambda connection: alerts_rows.of_rule(connection, rule, limit=limit))

    async def parcel(self, delivery: str) -> Payload | None:
        """What a due delivery sends, and whether its endpoint takes anything now. Calls that come together share a read."""
        return await self._fetch(delivery)

    async def _parcels(self, keys: Sequence[str]) -> Sequence[Payload | None]:
        return await self._transactions.read(lambda connection: alerts_deliveries.parcels(connection, keys))

    async def noted(self, note: Attempt) -> bool:
        """Store what became of a try, and date or delete its due row. Calls that come together share one commit.

        False, and nothing written, where the job's lease was lost: somebody else tries the same.
        """
        return await self._settle(note)

    async def _note_all(self, notes: Sequence[Attempt]) -> Sequence[bool]:
        return await self._transactions.write(lambda connection: alerts_deliveries.note_all(connection, notes))

    async def list(self, *, status: Status | None = None, endpoint: str = "", limit: int = 100) -> Sequence[Delivery]:
        """Deliveries, newest first, without their bodies."""
        return await self._transactions.read(
            lambda connection: alerts_deliveries.newest(connection, status=status, endpoint=endpoint, limit=limit)
        )

    async def get(self, delivery: str) -> Delivery | None:
        """One delivery with its body."""
        return await self._transactions.read(lambda connection: alerts_deliveries.load(connection, delivery))

    async def retry(self, delivery: str, *, now: datetime) -> bool:
        """Send it again, now and with all tries of the schedule before it: the same id and bytes.

        An endpoint that was disabled or paused takes webhooks again. False where there is no such delivery.
        """

        async def work(connection: AsyncConnection) -> bool:
            endpoint = await alerts_deliveries.again(connection, delivery, now=now)
            if endpoint is not None:
                await alerts_endpoints.enable(connection, endpoint)
            return endpoint is not None

        return await self._transactions.write(work)

    async def sync_endpoints(self, configured_endpoints: Sequence[StoredEndpoint]) -> None:
        """Make the endpoints those of the rules file; one whose URL has changed is no longer disabled."""
        await self._transactions.write(lambda connection: alerts_endpoints.sync(connection, configured_endpoints))

    async def last_tried(self) -> Mapping[str, Delivery]:
        """The delivery that was tried last at each endpoint, by the endpoint's name."""
        return await self._transactions.read(alerts_deliveries.last_tried)

    async def endpoints(self) -> Sequence[StoredEndpoint]:
        """Every endpoint, by name."""
        return await self._transactions.read(alerts_endpoints.every)

    async def forget(self, *, before: datetime) -> int:
        """Delete alerts raised before, with their deliveries and due rows; how many alerts."""
        forgotten = 0
        while gone := await self._transactions.write(lambda connection: alerts_rows.forget(connection, before=before)):
            forgotten += gone
        return forgotten
