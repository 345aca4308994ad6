"""What is erased leaves no trace, on both databases."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.contracts.known_pages import a_page, had, queue, telling_of, thread
from tests.contracts.known_pages import lease as leased
from tests.contracts.raising import lease, raise_all, raised
from tests.contracts.samples import NOW, a_comment, a_copy, an_article, found_by
from wiredesk.database import Database
from wiredesk.database.alerts import WEBHOOK, NewAlert
from wiredesk.database.due import Settlement
from wiredesk.database.pages import PageNote
from wiredesk.database.tables import metadata
from wiredesk.events import Alert, Article, Comment, digest
from wiredesk.observe import Health
from wiredesk.roles.notify.body import frozen
from wiredesk.roles.store.upkeep import Upkeep

pytest_plugins = ("tests.contracts.databases",)

SECRET = "Zebediah"
ENTRY = digest("entry", "zebediah")


def secret_article(item_id: str = "a1", *, source: str = "herald.example") -> Article:
    article = an_article(
        item_id, title=f"{SECRET} speaks", text=f"So said {SECRET}.", authors=[f"{SECRET} Smith"], source=source
    )
    return msgspec.structs.replace(article, entry=ENTRY)


def alert_of(item: Article | Comment, *, name: str = "r-s") -> NewAlert:
    alert = Alert(id=name, rule="r", query="said", item=item.id, story="s", times=item.times)
    return raised(name, item=item.id, capture=item.capture, body=frozen(alert, item, now=NOW))


async def know_pages(database: Database, article: Article, *, name: str = "p1") -> None:
    """Its page had just now, and remembered with the entry's text; its thread to be looked at again."""
    page = a_page(name, link=name, entry=article.entry, content=telling_of(article.text), article_id=article.id)
    await had(database, page, rows=[thread(page)])


async def everything(database: Database) -> str:
    """All rows of all tables."""

    async def work(connection: AsyncConnection) -> str:
        tables = [(await connection.execute(select(table))).all() for table in metadata.sorted_tables]
        return "\n".join(repr(tuple(row)) for rows in tables for row in rows)

    return await database._transactions.read(work)


async def fill(database: Database) -> Article:
    """A secret with all that is made of it, and an innocent one beside it."""
    article, other = secret_article(), an_article("a2", text="Nothing of note.")
    await database.items.put([article, other, a_comment("c1", text=f"Poor {SECRET}!")], now=NOW)
    await database.items.add_sightings([a_copy("d1", of="a1"), a_copy("d2", of="a2")], now=NOW)
    await raise_all(database, alert_of(article), alert_of(other, name="r-t"))
    await know_pages(database, article)
    await know_pages(database, msgspec.structs.replace(other, entry="e2"), name="p2")
    assert SECRET in await everything(database)
    return article


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param({"ids": ["a1"]}, id="by id"),
        pytest.param({"authors": [f"{SECRET.lower()}  SMITH"]}, id="by author"),
    ],
)
async def test_an_article_that_is_erased_leaves_no_trace(database: Database, wanted: dict[str, list[str]]) -> None:
    await fill(database)

    assert await database.items.delete(**wanted) == 2

    left = await everything(database)
    assert SECRET not in left
    assert ENTRY not in left
    assert "'a1'" not in left
    assert await found_by(database, SECRET) == []


async def test_what_is_beside_it_stays(database: Database) -> None:
    await fill(database)

    await database.items.delete(ids=["a1"])

    other = await database.items.get("a2")
    assert other is not None
    assert [copy.id for copy in other.sources] == ["d2"]
    assert [one.id for one in await database.alerts.list()] == ["r-t-ops"]
    assert [job.key for job in await lease(database)] == ["r-t-ops"]
    assert [job.key for job in await leased(database, "thread")] == ["p2"]


async def test_a_source_that_is_erased_leaves_no_trace(database: Database) -> None:
    article = secret_article(source="x.example")
    await database.items.put([article, an_article("a2")], now=NOW)
    await database.items.add_sightings([a_copy("d1", of="a2", source="x.example")], now=NOW)
    await raise_all(database, alert_of(article))
    await know_pages(database, article)
    copied = a_page("p2", link="l2", entry="e2", content=b"of x.example", article_id="d1")
    await had(database, copied, rows=[thread(copied)])

    assert await database.items.delete(sources=["X.example"]) == 1

    left = await everything(database)
    assert SECRET not in left
    assert "x.example" not in left
    assert "d1" not in left
    assert await database.due.next_due(WEBHOOK) is None


async def test_a_comment_is_erased_by_its_author_and_its_article_stays(database: Database) -> None:
    comment = a_comment("c1", author=SECRET, text="Mine.")
    await database.items.put([an_article(), comment, a_comment("c2", author="Bob")], now=NOW)
    await raise_all(database, alert_of(comment))

    assert await database.items.delete(authors=[SECRET]) == 1

    left = await everything(database)
    assert SECRET not in left
    assert "Mine." not in left
    assert await database.items.count() == {"article": 1, "comment": 1}
    assert await database.alerts.list() == []


async def test_an_alert_is_erased_by_author_though_its_item_is_not_stored(database: Database) -> None:
    """It had expired, or its newest version is signed by somebody else."""
    await raise_all(database, alert_of(secret_article()), alert_of(an_article("a2"), name="r-t"))

    assert await database.items.delete(authors=[f"{SECRET} Smith"]) == 0

    assert [one.id for one in await database.alerts.list()] == ["r-t-ops"]
    assert [job.key for job in await lease(database)] == ["r-t-ops"]


async def test_among_many_pages_those_of_the_erased_are_found(database: Database) -> None:
    strangers = [a_page(f"k{number}", link=f"k{number}", entry=f"e{number}") for number in range(1_200)]
    article = secret_article()
    await database.items.put([article], now=NOW)
    await know_pages(database, article)
    await queue(database, *strangers)

    await database.items.delete(ids=["a1"])

    assert ENTRY not in await everything(database)
    assert await database.due.remove("page", [page.key for page in strangers]) == 1_200


async def test_a_page_that_is_looked_at_while_it_is_erased_does_not_come_back(database: Database) -> None:
    article = secret_article()
    await database.items.put([article], now=NOW)
    await know_pages(database, article)
    (job,) = await leased(database, "thread")

    await database.items.delete(ids=["a1"])

    note = PageNote(outcome=Settlement(job=job, again_at=NOW), rows=[job], forgotten_after=NOW)
    assert not await database.pages.noted(note)
    assert ENTRY not in await everything(database)
    assert await database.due.next_due("thread") is None


async def test_erasing_by_source_reads_alerts_some_at_a_time_and_writes_in_short_transactions(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are, nobody else waits for the erasing of all of them."""
    monkeypatch.setattr("wiredesk.database.erasing.AT_ONCE", 2)
    monkeypatch.setattr("wiredesk.database.erase_mentions.AT_ONCE", 2)
    for number in range(7):
        await raise_all(database, alert_of(secret_article(f"a{number}", source="x.example"), name=f"r-{number}"))
    await database.items.add_sightings([a_copy(f"d{n}", of="a9", source="x.example") for n in range(5)], now=NOW)

    await database.items.delete(sources=["x.example"])

    assert "x.example" not in await everything(database)
    assert await database.alerts.list() == []


async def test_alerts_are_kept_no_longer_than_the_items_whose_text_they_hold(database: Database) -> None:
    day = timedelta(days=1)
    await database.items.put([secret_article()], now=NOW)
    await raise_all(database, alert_of(secret_article()))
    upkeep = Upkeep(database, keep_days=90, health=Health("store"), now=lambda: NOW + 91 * day)

    await upkeep.once()

    assert SECRET not in await everything(database)
    assert await database.alerts.list() == []


async def test_zero_days_keep_everything(database: Database) -> None:
    await database.items.put([secret_article()], now=NOW)
    await raise_all(database, alert_of(secret_article()))

    await Upkeep(database, keep_days=0, health=Health("store"), now=lambda: NOW + timedelta(days=9_999)).once()

    assert await database.items.count() == {"article": 1}
    assert len(await database.alerts.list()) == 1
