"""`/api/stories`."""

from __future__ import annotations

from datetime import timedelta

from tests.contracts.samples import NOW, a_copy, an_article
from tests.roles.web.api import Api
from wiredesk.database import Database

HOUR = timedelta(hours=1)


async def test_a_story_tells_of_its_original_and_who_else_has_it(api: Api, desk: Database) -> None:
    await desk.items.put(
        [
            an_article("s1", title="Dam breaks", regions=["SY-HL", "SY"], story="s1"),
            an_article("a2", title="More on the dam", story="s1", source="gazette.example", collected=NOW + HOUR),
        ],
        now=NOW,
    )
    await desk.items.add_sightings([a_copy("d1", of="s1", source="echo.example", collected=NOW + 2 * HOUR)], now=NOW)

    told = (await api.get("/api/stories/s1")).json

    assert told["story"] == (await api.get("/api/stories")).json["stories"][0]
    regions = [region["code"] for region in told["story"].pop("regions")]
    assert regions == ["SY-HL", "SY"]
    assert told["story"] == {
        "id": "s1",
        "seq": 2,
        "original": "s1",
        "title": "Dam breaks",
        "sources": 3,
        "items": 3,
        "first_seen": "2026-11-24T12:00:00Z",
        "last_seen": "2026-11-24T14:00:00Z",
    }
    assert [item["id"] for item in told["items"]] == ["s1", "a2"]


async def test_stories_are_read_by_cursor_the_last_joined_first(api: Api, desk: Database) -> None:
    for number in range(7):
        await desk.items.put([an_article(f"a{number}", story=f"s{number}")], now=NOW)
    await desk.items.put([an_article("b0", story="s0"), an_article("alone")], now=NOW)

    stories: list[str] = []
    page = (await api.get("/api/stories", limit="3")).json
    while True:
        stories += [story["id"] for story in page["stories"]]
        if not page["next"]:
            break
        page = (await api.get("/api/stories", limit="3", cursor=page["next"])).json

    assert stories == ["s0", "s6", "s5", "s4", "s3", "s2", "s1"]


async def test_the_articles_of_a_story_are_read_by_cursor(api: Api, desk: Database) -> None:
    await desk.items.put([an_article(f"a{number}", story="s1") for number in range(5)], now=NOW)

    assert await api.read_to_the_end("/api/stories/s1", limit="2") == ["a4", "a3", "a2", "a1", "a0"]


async def test_where_nothing_is_stored_there_are_no_stories(api: Api) -> None:
    assert (await api.get("/api/stories")).json == {"stories": [], "next": None}
