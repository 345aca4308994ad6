"""`wiredesk dedupe explain`."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from tests.cli.desk import Desk
from tests.contracts.samples import NOW, a_comment, a_copy, an_article
from tests.pipeline.running import environment
from tests.roles.dedupe.test_judge import FLOOD
from wiredesk.backends import bus_of, topics_of
from wiredesk.bus.records import to_record
from wiredesk.config import load
from wiredesk.database import Database
from wiredesk.events import JudgedArticle, Story, Verdict, digest

FIRST, SECOND, COPY = (digest("article", name) for name in ("first", "second", "copy"))
STORY = Story(id=FIRST, sources=2, items=2, first_seen=NOW)


def copy() -> JudgedArticle:
    text = FLOOD + " He was there."
    return msgspec.structs.replace(
        a_copy(COPY, of=FIRST),
        text=text,
        title="Flood",
        story=STORY,
        verdict=Verdict(kind="duplicate", of=FIRST, how="near copy", score=0.99),
    )


@pytest.fixture
def flooded(desk: Desk) -> Desk:
    """A story of two articles and a copy, whose text is in the log alone."""
    first = msgspec.structs.replace(an_article(FIRST, text=FLOOD, title="Flood"), story=STORY)
    update = Verdict(kind="revision", of=FIRST, how="update", score=0.97, changed=("text",))
    second = msgspec.structs.replace(
        an_article(SECOND, text=FLOOD.replace("1,200", "1,900"), title="Flood", source="gazette.example"),
        verdict=update,
        story=STORY,
    )
    desk.store([first, second, a_comment("c1", article_id=FIRST)])

    async def see(database: Database) -> None:
        await database.items.add_sightings([copy()], now=NOW)

    desk.with_database(see)
    return desk


def log_copy(desk: Desk) -> None:
    async def publish() -> None:
        config = load(environment(desk.home))
        async with bus_of(config, client="test") as bus:
            await bus.apply(topics_of(config))
            record = to_record(copy(), prefix=config.prefix, role="dedupe", now=NOW, traceparent="")
            await bus.publish([record])

    asyncio.run(publish())


def test_an_update_is_compared_with_what_it_updates(flooded: Desk) -> None:
    out = flooded("dedupe", "explain", SECOND).out

    assert "verdict: revision, by update, score 0.97, changed: text" in out
    assert f"of: {FIRST}: Flood" in out
    assert "2 items of 2 sources" in out
    assert "numbers: only here 1900; only there 1200" in out
    assert "1 number stands in the place of others" in out


def test_the_story_lists_who_tells_it(flooded: Desk) -> None:
    (told,) = flooded.lines("dedupe", "explain", FIRST)

    members = told["members"]
    assert isinstance(members, list)
    assert {(one["id"], one["role"]) for one in members} == {
        (FIRST, "original"),
        (SECOND, "revision"),
        (COPY, "copy"),
    }
    assert told["comparison"] is None


def test_a_copy_s_text_is_taken_from_the_log(flooded: Desk) -> None:
    log_copy(flooded)

    (told,) = flooded.lines("dedupe", "explain", COPY)
    out = flooded("dedupe", "explain", COPY).out

    comparison = told["comparison"]
    assert isinstance(comparison, dict)
    assert comparison["verdict"]["kind"] == "duplicate"
    assert "verdict: duplicate, by near copy, score 0.99" in out
    assert "it brings nothing new" in out


def test_of_a_copy_that_has_left_the_log_its_original_is_known(flooded: Desk) -> None:
    ended = flooded("dedupe", "explain", COPY)

    assert ended.status == 0, ended.err
    assert ended.out.startswith(f"{COPY}: a copy of {FIRST}; its text is in the log no more\n")
    assert SECOND in ended.out


def test_a_comment_has_a_verdict_alone(flooded: Desk) -> None:
    assert flooded("dedupe", "explain", "c1").out == "c1: comment by Ada\nverdict: new, by test\n"


def test_an_id_that_is_not_known_is_one_line_and_status_1(flooded: Desk) -> None:
    ended = flooded("dedupe", "explain", "nine")

    assert (ended.status, ended.err) == (
        1,
        "wiredesk: no item and no copy 'nine': `wiredesk items search` gives ids\n",
    )
