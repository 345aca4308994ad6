"""Items for tests, with only what a test is about to be said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from wiredesk.database import Database
from wiredesk.database.items import ItemQuery, StoredItem
from wiredesk.events import Article, Comment, Extraction, JudgedArticle, Region, Story, Times, Verdict

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FOUND = Extraction(method="test", confidence=1.0)
NEW = Verdict(kind="new", how="test")


def times_at(collected: datetime) -> Times:
    return Times(collected=collected, deduplicated=collected, geotagged=collected)


def regions_of(codes: Sequence[str]) -> tuple[Region, ...]:
    return tuple(Region(code=code, name=code, kind="country", score=1.0) for code in codes)


def an_article(
    item_id: str = "a1",
    *,
    text: str = "Rain fell on the town.",
    title: str = "Rain",
    collected: datetime = NOW,
    regions: Sequence[str] = (),
    source: str = "herald.example",
    language: str | None = "en",
    authors: Sequence[str] = (),
    story: str | None = None,
) -> Article:
    return Article(
        id=item_id,
        capture=f"{item_id} {text}",
        entry="e",
        url=f"https://{source}/{item_id}",
        fetched_url=f"https://{source}/{item_id}",
        feed=f"https://{source}/rss",
        source=source,
        title=title,
        text=text,
        authors=tuple(authors),
        language=language,
        extraction=FOUND,
        verdict=NEW,
        regions=regions_of(regions),
        story=Story(id=story, sources=1, items=1, first_seen=collected) if story else None,
        times=times_at(collected),
    )


def a_comment(
    item_id: str = "c1",
    *,
    article_id: str = "a1",
    text: str = "Well said.",
    author: str = "Ada",
    site: str = "herald.example",
    collected: datetime = NOW,
    regions: Sequence[str] = (),
) -> Comment:
    return Comment(
        id=item_id,
        capture=f"{item_id} {text}",
        article_id=article_id,
        url=f"https://{site}/{article_id}",
        author=author,
        text=text,
        extraction=FOUND,
        verdict=NEW,
        times=times_at(collected),
        regions=regions_of(regions),
    )


def a_copy(item_id: str, *, of: str, source: str = "gazette.example", collected: datetime = NOW) -> JudgedArticle:
    return JudgedArticle(
        id=item_id,
        capture=item_id,
        entry="e",
        url=f"https://{source}/{item_id}",
        fetched_url=f"https://{source}/{item_id}",
        feed="f",
        source=source,
        title="Rain",
        text="Rain.",
        extraction=FOUND,
        verdict=Verdict(kind="duplicate", of=of),
        times=times_at(collected),
    )


def ids(found: Sequence[StoredItem]) -> list[str]:
    return [item.event.id for item in found]


async def found_by(database: Database, text: str) -> list[str]:
    return sorted(ids(await database.items.search(ItemQuery(text=text))))
