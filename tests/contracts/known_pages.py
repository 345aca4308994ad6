"""Pages that are known, with what is due of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from tests.contracts.samples import NOW
from wiredesk.database import Database
from wiredesk.database.due import Job, Settlement
from wiredesk.database.pages import PAGE, THREAD, PageNote, PageRow

HOUR = timedelta(hours=1)


def a_page(
    key: str = "p1",
    *,
    link: str = "l1",
    entry: str = "e1",
    offset: int = 1,
    queued_at: datetime = NOW,
    content: bytes = b"{}",
    article_id: str = "",
) -> PageRow:
    return PageRow(
        key=key,
        link=link,
        entry_id=entry,
        entry=content,
        topic="t.entries",
        partition=0,
        offset=offset,
        traceparent="",
        queued_at=queued_at,
        article_id=article_id,
    )


def its_job(page: PageRow, *, host: str = "herald.example", due: datetime = NOW) -> Job:
    return Job(kind=PAGE, key=page.key, host=host, due=due)


async def queue(database: Database, *pages: PageRow) -> int:
    return await database.pages.queue([(page, its_job(page)) for page in pages], memory=HOUR)


async def lease(database: Database, kind: str = PAGE, *, now: datetime = NOW) -> Sequence[Job]:
    return await database.due.lease(kind, limit=99, per_host=99, now=now, until=now + HOUR)


async def had(database: Database, page: PageRow, *, rows: Sequence[Job] = (), at: datetime = NOW) -> None:
    """Queue it, and note that it was had, with `rows` due of it then."""
    await queue(database, page)
    (job,) = [job for job in await lease(database, now=at) if job.key == page.key]
    note = PageNote(
        outcome=Settlement(job=job),
        change=lambda row: replace(row, looked_at=at, article_id=page.article_id),
        rows=rows,
        forgotten_after=at + HOUR,
    )
    assert await database.pages.noted(note)


def thread(page: PageRow, *, due: datetime = NOW) -> Job:
    return Job(kind=THREAD, key=page.key, host="herald.example", due=due, routine=True)


def telling_of(text: str) -> bytes:
    return msgspec.json.encode({"url": "https://herald.example/a", "content": text})
