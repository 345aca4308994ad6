"""How polls went, as values and in the rows of their feeds, written within a transaction that is already under way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import LargeBinary, Update, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database.due_rows import Job
from wiredesk.database.entry_rows import Pair
from wiredesk.database.statements import in_batches, padded
from wiredesk.database.tables import feeds

FeedHealth: TypeAlias = Literal["ok", "failing", "dormant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PollNote:
    """How a poll went; `entries` is what the document listed, `failures` their weight since the last success."""

    title: str | None = None  # None leaves the one known
    status_code: int | None = None
    succeeded: bool = True
    failures: float = 0.0
    reason: str = ""
    entries: int | None = None  # None leaves the number known: 304 says nothing of it
    state: FeedHealth = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """What is to be remembered of a poll of the leased `job`, which is due again at `again_at`.

    `state` and `listed` are opaque, None where they are what they were; `entries` are those to note as shown, of which
    `returned` were shown before others.
    """

    job: Job
    url: str
    state: bytes | None
    listed: bytes | None = None
    status: PollNote
    entries: Sequence[Pair]
    seen_at: datetime
    again_at: datetime
    routine: bool = True
    returned: Collection[Pair] = ()


_HOLD = (
    select(feeds.c.url)
    .where(feeds.c.url.in_(bindparam("urls", expanding=True)))
    .order_by(feeds.c.url)
    .with_for_update()
)


async def hold(connection: AsyncConnection, wanted: Iterable[str]) -> None:
    """Hold the rows of the feeds at `wanted` until the transaction ends."""
    for batch in in_batches(sorted(set(wanted))):
        await connection.execute(_HOLD, {"urls": padded(batch)})


async def note(connection: AsyncConnection, polls: Sequence[Poll]) -> None:
    """Write how `polls` of as many feeds went. A state that has not changed is not written again."""
    for columns, statement in _NOTES.items():
        rows = [
            _noted(poll)
            for poll in polls
            if columns == tuple(n for n in ("state", "listed") if getattr(poll, n) is not None)
        ]
        if rows:
            await connection.execute(statement, rows)


def _note_of(*opaque: str) -> Update:
    """Writes how polls went, and those of the opaque columns."""
    table = feeds.c
    return (
        update(feeds)
        .where(table.url == bindparam("of_url"))
        .values(
            last_polled_at=bindparam("seen_at", type_=table.last_polled_at.type),
            last_success_at=func.coalesce(
                bindparam("succeeded_at", type_=table.last_success_at.type), table.last_success_at
            ),
            listed_at=func.coalesce(bindparam("entries_at", type_=table.listed_at.type), table.listed_at),
            status_code=bindparam("new_status_code", type_=table.status_code.type),
            failures=bindparam("new_failures", type_=table.failures.type),
            reason=bindparam("new_reason", type_=table.reason.type),
            health=bindparam("new_health", type_=table.health.type),
            title=func.coalesce(bindparam("new_title", type_=table.title.type), table.title),
            entries=func.coalesce(bindparam("new_entries", type_=table.entries.type), table.entries),
            **{name: bindparam(f"new_{name}", type_=LargeBinary) for name in opaque},
        )
    )


_NOTES = {columns: _note_of(*columns) for columns in ((), ("state",), ("listed",), ("state", "listed"))}


def _noted(poll: Poll) -> dict[str, object]:
    status = poll.status
    row: dict[str, object] = {
        "of_url": poll.url,
        "seen_at": poll.seen_at,
        "succeeded_at": poll.seen_at if status.succeeded else None,
        "entries_at": poll.seen_at if status.entries or poll.entries else None,
        "new_status_code": status.status_code,
        "new_failures": status.failures,
        "new_reason": status.reason,
        "new_health": status.state,
        "new_title": status.title,
        "new_entries": status.entries,
    }
    opaque = {"new_state": poll.state, "new_listed": poll.listed}
    return row | {name: value for name, value in opaque.items() if value is not None}
