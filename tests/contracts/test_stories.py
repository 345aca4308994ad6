"""Stories as the stored items tell of them, on both databases."""

from __future__ import annotations

from datetime import timedelta

from tests.contracts.samples import NOW, a_comment, a_copy, an_article, regions_of
from wiredesk.database import Database
from wiredesk.database.stories import StoredStory

pytest_plugins = ("tests.contracts.databases",)

HOUR = timedelta(hours=1)


async def latest(database: Database, *, before_seq: int | None = None, limit: int = 50) -> list[str]:
    return [story.id for story in await database.stories.latest(before_seq=before_seq, limit=limit)]


async def test_a_story_is_told_by_its_founder_and_counts_copies(database: Database) -> None:
    founder = an_article("s1", title="Dam breaks", regions=["SY-HL"], story="s1", collected=NOW + HOUR)
    other = an_article("a0", title="Before it", story="s1", source="gazette.example", collected=NOW)
    await database.items.put([founder, other, a_comment("c1", article_id="s1")], now=NOW)
    await database.items.add_sightings(
        [
            a_copy("d1", of="s1", source="echo.example", collected=NOW + 3 * HOUR),
            a_copy("d2", of="a0", source="gazette.example", collected=NOW - HOUR),
            a_copy("d3", of="elsewhere", source="nobody.example"),
        ],
        now=NOW,
    )

    story = await database.stories.get("s1")

    assert story == StoredStory(
        id="s1",
        seq=3,
        original="s1",
        title="Dam breaks",
        regions=regions_of(["SY-HL"]),
        sources=3,
        items=4,
        first_seen=NOW - HOUR,
        last_seen=NOW + 3 * HOUR,
    )
    assert await database.stories.latest(limit=5) == [story]


async def test_where_the_founder_is_not_stored_the_earliest_article_tells(database: Database) -> None:
    await database.items.put(
        [
            an_article("a1", title="Later", story="s1", collected=NOW + HOUR),
            an_article("a2", title="Earlier", story="s1"),
        ],
        now=NOW,
    )

    story = await database.stories.get("s1")

    assert story is not None
    assert (story.original, story.title) == ("a2", "Earlier")


async def test_the_story_that_an_article_joined_last_comes_first(database: Database) -> None:
    for name, story in (("a1", "s1"), ("a2", "s2"), ("a3", "s3"), ("a4", "s1"), ("a5", None), ("a6", "s2")):
        await database.items.put([an_article(name, story=story)], now=NOW)

    assert await latest(database) == ["s2", "s1", "s3"]
    assert await latest(database, limit=2) == ["s2", "s1"]
    assert await latest(database, before_seq=4) == ["s3"]
    assert await latest(database, before_seq=3) == []


async def test_an_article_that_left_for_another_story_is_not_counted(database: Database) -> None:
    await database.items.put([an_article("a1", story="s1"), an_article("a2", story="s1")], now=NOW)

    moved = an_article("a2", text="Changed.", story="s2", collected=NOW + HOUR)
    await database.items.put([moved], now=NOW)

    stories = await database.stories.latest(limit=5)
    assert [(story.id, story.items) for story in stories] == [("s2", 1), ("s1", 1)]


async def test_a_story_goes_with_its_last_article(database: Database) -> None:
    await database.items.put([an_article("a1", story="s1")], now=NOW)
    await database.items.delete(ids=["a1"])

    assert await database.stories.get("s1") is None
    assert await latest(database) == []


async def test_a_revision_keeps_when_its_article_was_first_seen(database: Database) -> None:
    """Else the origin of a story would seem to be the last to have it, once it was corrected."""
    await database.items.put([an_article("s1", story="s1")], now=NOW)
    await database.items.put([an_article("a2", title="Later", story="s1", collected=NOW + HOUR)], now=NOW)

    await database.items.put([an_article("s1", text="Corrected.", story="s1", collected=NOW + 2 * HOUR)], now=NOW)

    story, item = await database.stories.get("s1"), await database.items.get("s1")
    assert story is not None
    assert item is not None
    assert (story.first_seen, story.last_seen, item.first_seen) == (NOW, NOW + 2 * HOUR, NOW)


async def test_a_copy_that_was_revised_is_counted_once(database: Database) -> None:
    await database.items.put([an_article("s1", story="s1")], now=NOW)
    await database.items.add_sightings([a_copy("d1", of="s1")], now=NOW)

    revised = an_article("d1", text="More is known.", story="s1", source="gazette.example", collected=NOW + HOUR)
    await database.items.put([revised], now=NOW)

    story = await database.stories.get("s1")
    assert story is not None
    assert (story.items, story.sources) == (2, 2)


async def test_an_article_seen_again_as_it_was_is_no_copy_of_itself(database: Database) -> None:
    await database.items.put([an_article("s1", story="s1")], now=NOW)

    await database.items.add_sightings([a_copy("s1", of="s1")], now=NOW)

    story = await database.stories.get("s1")
    assert story is not None
    assert story.items == 1
