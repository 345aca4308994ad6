"""What is known of pages, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.contracts.known_pages import HOUR, a_page, had, lease, queue, thread
from tests.contracts.samples import NOW
from wiredesk.database import Database
from wiredesk.database.due import Job, Settlement
from wiredesk.database.page_rows import is_news
from wiredesk.database.pages import COMMENTS, PAGE, THREAD, PageNote

pytest_plugins = ("tests.contracts.databases",)

MINUTE = timedelta(minutes=1)


def keys(jobs: object) -> list[str]:
    assert isinstance(jobs, list | tuple)
    return sorted(job.key for job in jobs)


async def test_a_queued_page_is_known_and_due_and_queueing_it_again_changes_nothing(database: Database) -> None:
    assert await queue(database, a_page("p1"), a_page("p2", link="l2")) == 2
    assert await queue(database, a_page("p1", offset=9)) == 0

    assert await database.pages.get("p1") == a_page("p1")
    assert await database.pages.get("p9") is None
    assert keys(await lease(database)) == ["p1", "p2"]


@pytest.mark.parametrize(
    ("again", "is_queued"),
    [
        pytest.param(a_page(offset=2, queued_at=NOW + MINUTE), False, id="the same link in a second feed, soon"),
        pytest.param(a_page(offset=2, queued_at=NOW + 2 * HOUR), True, id="the same link in a second feed, later"),
        pytest.param(a_page(offset=1, queued_at=NOW + 2 * HOUR), False, id="a replay, however late"),
    ],
)
async def test_a_page_that_was_had_is_queued_again_only_for(database: Database, again: object, is_queued: bool) -> None:
    await had(database, a_page())

    assert await queue(database, again) == int(is_queued)  # type: ignore[arg-type]


async def test_an_entry_that_goes_back_to_what_it_said_before_is_looked_at_again(database: Database) -> None:
    await had(database, a_page("before", offset=1))
    await had(database, a_page("after", offset=2, queued_at=NOW + MINUTE))

    assert await queue(database, a_page("after", offset=3, queued_at=NOW + 2 * MINUTE)) == 0
    assert await queue(database, a_page("before", offset=4, queued_at=NOW + 3 * MINUTE)) == 1


def test_pages_of_other_links_say_nothing_of_this_one() -> None:
    assert is_news(a_page("p1"), [a_page("p2", offset=7)], memory=HOUR)


async def test_a_note_changes_page_and_rows_in_one(database: Database) -> None:
    await queue(database, a_page())
    (job,) = await lease(database)
    comments = Job(kind=COMMENTS, key="p1", host="comments.example", due=NOW)
    note = PageNote(
        outcome=Settlement(job=job),
        change=lambda row: replace(row, looks=3, captures=b"c"),
        rows=[thread(a_page()), comments],
        forgotten_after=NOW,
    )

    assert await database.pages.noted(note)

    assert await database.pages.get("p1") == replace(a_page(), looks=3, captures=b"c")
    assert await database.due.next_due(PAGE) is None
    assert keys(await lease(database, THREAD)) == keys(await lease(database, COMMENTS)) == ["p1"]


async def test_nothing_is_noted_by_who_lost_the_lease(database: Database) -> None:
    await queue(database, a_page())
    (job,) = await lease(database)
    lost = replace(job, lease="somebody else's")
    note = PageNote(
        outcome=Settlement(job=lost),
        change=lambda row: replace(row, looks=3),
        rows=[thread(a_page())],
        forgotten_after=NOW,
    )

    assert not await database.pages.noted(note)

    assert await database.pages.get("p1") == a_page()
    assert await database.due.next_due(THREAD) is None


async def test_two_who_note_at_once_on_one_page_lose_nothing_of_each_other(database: Database) -> None:
    comments = Job(kind=COMMENTS, key="p1", host="herald.example", due=NOW)
    await had(database, a_page(), rows=[thread(a_page()), comments])
    (looking,), (reading,) = await lease(database, THREAD), await lease(database, COMMENTS)

    await asyncio.gather(
        *(
            database.pages.noted(
                PageNote(
                    outcome=Settlement(job=job),
                    change=lambda row, name=name: replace(row, captures=row.captures + name),  # type: ignore[misc]
                    forgotten_after=NOW + HOUR,
                )
            )
            for job, name in ((looking, b"t"), (reading, b"c"))
        )
    )

    page = await database.pages.get("p1")
    assert page is not None
    assert sorted(page.captures) == sorted(b"ct")
    assert page.forgotten_after == NOW + HOUR  # no row names it any more


async def test_a_page_is_remembered_while_a_row_names_it_and_for_a_while_after(database: Database) -> None:
    await had(database, a_page("named", link="1"), rows=[thread(a_page("named"))])
    await had(database, a_page("over", link="2"))
    await queue(database, a_page("due", link="3"))

    assert await database.pages.forget(before=NOW + HOUR) == 0
    assert await database.pages.forget(before=NOW + 2 * HOUR) == 1

    assert await database.pages.get("over") is None
    assert await database.pages.get("named") is not None
    assert await database.pages.get("due") is not None


async def test_memory_is_no_work(database: Database) -> None:
    await had(database, a_page())

    assert await database.due.next_due(PAGE) is None
    assert await database.due.first_waiting([PAGE]) is None


async def test_one_page_of_an_article_is_watched(database: Database) -> None:
    await had(database, a_page("p1", article_id="a1"), rows=[thread(a_page("p1"))])

    assert await database.pages.is_watched("a1", but="p2")
    assert not await database.pages.is_watched("a1", but="p1")
    assert not await database.pages.is_watched("a2", but="p2")


async def test_what_is_waited_for_is_told_by_its_date_alone(database: Database) -> None:
    rows = [
        Job(kind=PAGE, key="later", host="h", due=NOW + HOUR),
        Job(kind=PAGE, key="first", host="h", due=NOW + MINUTE),
        Job(kind=PAGE, key="routine", host="h", due=NOW, routine=True),
        Job(kind="other", key="k", host="h", due=NOW),
    ]
    await database.due.put(rows)

    assert await database.due.first_waiting([PAGE, THREAD]) == NOW + MINUTE
    await database.due.lease(PAGE, limit=9, per_host=9, now=NOW + MINUTE, until=NOW + HOUR)
    assert await database.due.first_waiting([PAGE, THREAD]) == NOW + MINUTE  # leased, and waited for still
    assert await database.due.first_waiting([]) is None


async def test_rows_are_named_by_what_they_ask_for(database: Database) -> None:
    entry = b'{"url":"https://herald.example/a","comments_feed":"https://herald.example/a/feed"}'
    await queue(database, a_page("p1", content=entry), a_page("p2", link="l2", content=b"of another version"))

    assert await database.pages.addresses(PAGE, ["p1", "p2"]) == {"p1": "https://herald.example/a", "p2": ""}
    assert await database.pages.addresses(COMMENTS, ["p1"]) == {"p1": "https://herald.example/a/feed"}
