"""What is erased leaves no trace, on both databases."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.contracts.raising import lease, raise_all, raised
from tests.contracts.samples import NOW, a_comment, a_copy, an_article, found_by, times_at
from wiredesk.database import Database
from wiredesk.database.alerts import WEBHOOK, Raised
from wiredesk.database.due import Job
from wiredesk.database.tables import metadata
from wiredesk.events import Alert, Article, Comment, Entry, digest
from wiredesk.observe import Health
from wiredesk.roles.notify.body import frozen
from wiredesk.roles.pages.look import jobs
from wiredesk.roles.store.upkeep import Upkeep

pytest_plugins = ("tests.contracts.databases",)

SECRET = "Zebediah"
ENTRY = digest("entry", "zebediah")


def secret_article(item_id: str = "a1", *, source: str = "herald.example") -> Article:
    article = an_article(
        item_id, title=f"{SECRET} speaks", text=f"So said {SECRET}.", authors=[f"{SECRET} Smith"], source=source
    )
    return msgspec.structs.replace(article, entry=ENTRY)


def alert_of(item: Article | Comment, *, name: str = "r-s") -> Raised:
    alert = Alert(id=name, rule="r", query="said", item=item.id, story="s", times=item.times)
    return raised(name, item=item.id, capture=item.capture, body=frozen(alert, item, now=NOW))


def pages_of(article: Article) -> list[Job]:
    """Its page had just now, and its thread to be looked at again, as the role keeps them."""
    entry = Entry(
        id=article.entry, feed=article.feed, guid="g", url=article.url, title=article.title, content=article.text,
        authors=article.authors, revision="1", times=times_at(NOW),
    )  # fmt: skip
    page = jobs.Task(entry=entry, topic="wiredesk.entries", partition=0, offset=7, looked_at=NOW)
    thread = msgspec.structs.replace(page, article_id=article.id)
    return [jobs.first_job(page, now=NOW), jobs.thread_job(thread, due=NOW)]


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
    await database.due.put([*pages_of(article), *pages_of(msgspec.structs.replace(other, entry="e2"))])
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
    assert await database.due.remove("thread", ["a2"]) == 1


async def test_a_source_that_is_erased_leaves_no_trace(database: Database) -> None:
    article = secret_article(source="x.example")
    await database.items.put([article, an_article("a2")], now=NOW)
    await database.items.add_sightings([a_copy("d1", of="a2", source="x.example")], now=NOW)
    await raise_all(database, alert_of(article))
    await database.due.put([*pages_of(article), Job(kind="thread", key="d1", host="x", due=NOW, payload=b"of a copy")])

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


async def test_among_many_due_rows_those_of_the_erased_are_found(database: Database) -> None:
    strangers = [
        Job(kind="page", key=f"k{number}", host=f"h{number % 7}", due=NOW, payload=b'{"entry":{"id":"other"}}')
        for number in range(2_100)
    ]
    article = secret_article()
    await database.items.put([article], now=NOW)
    await database.due.put([*strangers, *pages_of(article)])

    await database.items.delete(ids=["a1"])

    assert ENTRY not in await everything(database)
    assert await database.due.remove("page", [job.key for job in strangers]) == 2_100


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
