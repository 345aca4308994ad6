from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contracts.samples import NOW, a_comment, a_copy, an_article, ids
from wiredesk.database import Database, open_database
from wiredesk.database.items import ItemQuery
from wiredesk.events import Judged
from wiredesk.fates import Received
from wiredesk.roles.store.stage import COPY, OLDER, STORED, Store


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite:///{tmp_path}/database.sqlite", schema="t") as database:
        yield database


def received(*values: Judged) -> Sequence[Received[Judged]]:
    return [
        Received(value=value, topic="t.articles", partition=0, offset=offset, headers=(), at=NOW)
        for offset, value in enumerate(values)
    ]


async def test_articles_comments_and_copies_of_one_batch_each_have_their_fate(database: Database) -> None:
    store = Store(database, now=lambda: NOW)

    fates = await store(received(a_copy("b1", of="a1"), an_article("a1"), a_comment("c1", article_id="a1")))

    assert fates == [COPY, STORED, STORED]
    item = await database.items.get("a1")
    assert item is not None
    assert [source.id for source in item.sources] == ["b1"]
    assert item.comments == 1


async def test_an_older_collection_never_overwrites_a_newer_one(database: Database) -> None:
    store = Store(database, now=lambda: NOW)
    newer = an_article("a1", text="Corrected: the bridge is open.", collected=NOW + timedelta(minutes=5))
    older = an_article("a1", text="The bridge is shut.", collected=NOW)

    assert await store(received(newer)) == [STORED]
    assert await store(received(older)) == [OLDER]
    item = await database.items.get("a1")
    assert item is not None
    assert item.event.text == "Corrected: the bridge is open."


async def test_a_batch_that_is_replayed_changes_nothing(database: Database) -> None:
    store = Store(database, now=lambda: NOW)
    batch = received(an_article("a1"), a_comment("c1"), a_copy("b1", of="a1"))
    await store(batch)
    before = await database.items.search(ItemQuery(limit=10))

    await store(batch)

    after = await database.items.search(ItemQuery(limit=10))
    assert ids(after) == ids(before)
    assert [item.seq for item in after] == [item.seq for item in before]
    assert [len(item.sources) for item in after] == [len(item.sources) for item in before]
