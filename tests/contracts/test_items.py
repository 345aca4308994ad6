"""What is stored and how it is found, on both databases."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta

import pytest

from tests.contracts.known_pages import a_page, had, thread
from tests.contracts.samples import NOW, a_comment, a_copy, an_article, found_by, ids
from wiredesk.database import Database, open_database
from wiredesk.database.items import ItemQuery, StoredItem

pytest_plugins = ("tests.contracts.databases",)

HOUR = timedelta(hours=1)


async def test_an_item_comes_back_as_it_was_put(database: Database) -> None:
    article = an_article(
        regions=["SY-HL", "SY"], authors=["Ada Lovelace"], story="s1", text="Dämmerung\n\n東京 \\u0000 '\""
    )

    assert await database.items.put([article, a_comment()], now=NOW) == [True, True]

    stored = await database.items.get("a1")
    assert stored == StoredItem(seq=1, kind="article", event=article, stored_at=NOW, first_seen=NOW, comments=1)
    comment = await database.items.get("c1")
    assert comment == StoredItem(seq=2, kind="comment", event=a_comment(), stored_at=NOW, first_seen=NOW)
    assert await database.items.get("nine") is None
    assert await database.items.count() == {"article": 1, "comment": 1}


async def test_what_is_stored_already_changes_nothing(database: Database) -> None:
    await database.items.put([an_article()], now=NOW)

    assert await database.items.put([an_article()], now=NOW + HOUR) == [False]

    assert await database.items.head() == 1
    assert [item.stored_at for item in await database.items.after(0, limit=9)] == [NOW]


async def test_a_version_that_differs_in_its_times_only_keeps_the_seq(database: Database) -> None:
    """A replay of an earlier role sets its times anew; who follows the sequence need not see that."""
    await database.items.put([an_article()], now=NOW)

    assert await database.items.put([an_article(collected=NOW + HOUR)], now=NOW + HOUR) == [False]

    stored = await database.items.get("a1")
    assert stored is not None
    assert (stored.seq, stored.event.times.collected) == (1, NOW + HOUR)


async def test_a_later_version_replaces_an_earlier_one_under_a_new_seq(database: Database) -> None:
    await database.items.put([an_article(text="old words", regions=["FR"], authors=["Ada"])], now=NOW)
    await database.items.put([an_article("a2")], now=NOW)

    newer = an_article(text="new words", regions=["DE"], collected=NOW + HOUR)
    assert await database.items.put([newer], now=NOW + HOUR) == [True]

    assert [(item.seq, item.event.id) for item in await database.items.after(0, limit=9)] == [(2, "a2"), (3, "a1")]
    assert (await found_by(database, "old"), await found_by(database, "new")) == ([], ["a1"])
    assert ids(await database.items.search(ItemQuery(region="FR"))) == []
    assert ids(await database.items.search(ItemQuery(region="DE"))) == ["a1"]
    assert await database.items.delete(authors=["Ada"]) == 0


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
async def test_the_version_collected_last_wins_in_whatever_order_they_come(
    order: tuple[int, ...], database: Database
) -> None:
    versions = [
        an_article(text="first"),
        an_article(text="second", collected=NOW + HOUR),
        an_article(text="first", collected=NOW + 2 * HOUR),
        an_article(text="third", collected=NOW + HOUR / 2),
    ]

    for number in order:
        await database.items.put([versions[number]], now=NOW)

    stored = await database.items.get("a1")
    assert stored is not None
    assert stored.event == versions[2]


async def test_of_two_versions_in_one_batch_the_newer_is_stored(database: Database) -> None:
    older, newer = an_article(text="old"), an_article(text="new", collected=NOW + HOUR)

    assert await database.items.put([newer, older], now=NOW) == [True, False]

    assert await found_by(database, "new") == ["a1"]


async def test_newest_first_by_page_and_oldest_first_from_a_point(database: Database) -> None:
    await database.items.put([an_article(f"a{number}") for number in range(5)], now=NOW)

    first = await database.items.search(ItemQuery(limit=2))
    second = await database.items.search(ItemQuery(limit=2, before_seq=first[-1].seq))

    assert (ids(first), ids(second)) == (["a4", "a3"], ["a2", "a1"])
    assert ids(await database.items.after(3, limit=9)) == ["a3", "a4"]
    assert await database.items.head() == 5


async def test_the_head_does_not_go_back(database: Database) -> None:
    assert await database.items.head() == 0
    await database.items.put([an_article()], now=NOW)

    await database.items.delete(ids=["a1"])
    await database.items.put([an_article("a2")], now=NOW)

    assert [item.seq for item in await database.items.after(0, limit=9)] == [2]


async def test_copies_tell_where_else_an_item_was_seen(database: Database) -> None:
    copies = [a_copy("d1", of="a1", collected=NOW + HOUR), a_copy("d2", of="a1", source="echo.example")]
    await database.items.add_sightings([*copies, a_copy("d3", of="other")], now=NOW)
    await database.items.add_sightings(copies, now=NOW + HOUR)

    await database.items.put([an_article()], now=NOW)

    stored = await database.items.get("a1")
    assert stored is not None
    assert [(sighting.id, sighting.source, sighting.seen) for sighting in stored.sources] == [
        ("d2", "echo.example", NOW),
        ("d1", "gazette.example", NOW + HOUR),
    ]
    assert [len(item.sources) for item in await database.items.search(ItemQuery())] == [2]


async def test_of_a_copy_the_original_is_known_though_it_is_not_stored(database: Database) -> None:
    await database.items.add_sightings([a_copy("d", of="a1")], now=NOW)

    assert await database.items.original_of("d") == "a1"
    assert await database.items.original_of("a1") is None


async def test_a_copy_judged_new_when_it_is_delivered_again_is_known_but_not_one_collected_again(
    database: Database,
) -> None:
    await database.items.add_sightings([a_copy(name, of="a1") for name in ("d", "e", "f")], now=NOW)

    delivered_again, collected_again = an_article("d"), an_article("e", collected=NOW + HOUR)
    assert await database.items.already_copies([delivered_again, collected_again, an_article("a1")]) == {"d"}


async def test_a_deleted_article_takes_all_that_is_known_of_it_along(database: Database) -> None:
    article_id, copy_id = await database.aliases.settle([["https://herald.example/a"], ["https://x.example/"]])
    await database.items.put([an_article(article_id, text="secret"), an_article("a2", text="secret")], now=NOW)
    await database.items.put([a_comment("c1", article_id=article_id), a_comment("c2", article_id="a2")], now=NOW)
    await database.items.add_sightings([a_copy(copy_id, of=article_id), a_copy("d", of="a2")], now=NOW)
    page = a_page(content=b"secret", article_id=article_id)
    await had(database, page, rows=[thread(page)])

    assert await database.items.delete(ids=[article_id, "nine"]) == 2

    assert await found_by(database, "secret") == ["a2"]
    assert sorted(ids(await database.items.search(ItemQuery()))) == ["a2", "c2"]
    assert await database.due.next_due("thread") is None
    assert await database.aliases.settle([["other", "https://herald.example/a"]]) != [article_id]
    await database.items.put([an_article(article_id, text="public")], now=NOW)
    again = await database.items.get(article_id)
    assert again is not None
    assert (again.sources, again.comments) == ((), 0)


async def test_items_are_erased_by_source(database: Database) -> None:
    await database.items.put(
        [an_article("a1", source="x.example"), an_article("a2"), a_comment("c1", article_id="a1", site="y.example")],
        now=NOW,
    )
    await database.items.add_sightings([a_copy("d", of="a2", source="x.example")], now=NOW)

    assert await database.items.delete(sources=["X.example"]) == 2

    (left,) = await database.items.search(ItemQuery())
    assert (left.event.id, left.sources) == ("a2", ())


async def test_items_are_erased_by_author(database: Database) -> None:
    await database.items.put(
        [
            an_article("a1", authors=["Ada  LOVELACE", "Bob"]),
            an_article("a2", authors=["Ada"]),
            a_comment("c1", article_id="a2", author="ada lovelace"),
            a_comment("c2", article_id="a2", author="Bob"),
        ],
        now=NOW,
    )

    assert await database.items.delete(authors=["Ada Lovelace"]) == 2

    assert sorted(ids(await database.items.search(ItemQuery()))) == ["a2", "c2"]


async def test_a_copy_is_erased_by_its_own_id(database: Database) -> None:
    await database.items.put([an_article()], now=NOW)
    await database.items.add_sightings([a_copy("d", of="a1")], now=NOW)

    await database.items.delete(ids=["d"])

    stored = await database.items.get("a1")
    assert stored is not None
    assert stored.sources == ()


async def test_deleting_nothing_deletes_nothing(database: Database) -> None:
    await database.items.put([an_article()], now=NOW)

    assert await database.items.delete() == 0
    assert await database.items.count() == {"article": 1}


async def test_an_article_with_more_comments_than_fit_in_a_transaction_is_erased_whole(database: Database) -> None:
    comments = [a_comment(f"c{number}") for number in range(1_100)]
    await database.items.put([an_article(), *comments], now=NOW)

    assert await database.items.delete(ids=["a1"]) == 1_101
    assert await database.items.count() == {}


async def test_items_collected_long_ago_expire(database: Database) -> None:
    await database.items.put([an_article("old"), an_article("new", collected=NOW + HOUR)], now=NOW + HOUR)
    await database.items.add_sightings([a_copy("d", of="old"), a_copy("e", of="never stored")], now=NOW)

    assert await database.items.expire(before=NOW + HOUR) == 1

    assert ids(await database.items.search(ItemQuery())) == ["new"]
    await database.items.put([an_article("old"), an_article("never stored")], now=NOW)
    assert [item.sources for item in await database.items.search(ItemQuery())] == [()] * 3


async def test_who_reads_by_seq_while_four_write_sees_every_item_once(
    database: Database, database_url: str, prefix: str
) -> None:
    """Writers in two replicas; a reader that starts at 0 and only ever goes on from the last seq it saw."""
    writers, each = 4, 40
    seen: list[str] = []

    async def write(replica: Database, number: int) -> None:
        for start in range(0, each, 4):
            batch = [an_article(f"w{number}-{start + offset}") for offset in range(4)]
            await replica.items.put(batch, now=NOW)

    async def read() -> None:
        at = 0
        while len(seen) < writers * each:
            for item in await database.items.after(at, limit=7):
                assert item.seq > at
                at = item.seq
                seen.append(item.event.id)

    async with open_database(database_url, schema=prefix) as other, asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        tasks.create_task(read())
        for number in range(writers):
            tasks.create_task(write((database, other)[number % 2], number))

    assert len(set(seen)) == len(seen) == writers * each
    assert await database.items.head() == writers * each


async def test_writers_of_the_same_items_agree(database: Database, database_url: str, prefix: str) -> None:
    """Versions of ten items, in four orders at once: no deadlock, and the newest of each is what stays."""
    versions = [
        an_article(f"a{number}", text=f"version {hour}", collected=NOW + hour * HOUR)
        for hour in range(4)
        for number in range(10)
    ]

    async with open_database(database_url, schema=prefix) as other, asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        for number in range(4):
            turned = versions[number * 10 :] + versions[: number * 10]
            tasks.create_task((database, other)[number % 2].items.put(turned[::-1] if number % 2 else turned, now=NOW))

    assert {item.event.text for item in await database.items.search(ItemQuery())} == {"version 3"}
    assert await database.items.count() == {"article": 10}
