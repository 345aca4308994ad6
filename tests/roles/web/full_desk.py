"""A desk with news of every kind, for looking at pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from tests.contracts.samples import a_comment, a_copy, an_article
from tests.roles.web.test_console import polled
from wiredesk.database import Database
from wiredesk.database.feeds import FeedSubscription
from wiredesk.events import Comment, Place, Region, Verdict

LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung"
PARAGRAPH = (
    "Heavy rain raised the rivers around Idlib for the third day. Residents of Aleppo carried sandbags to the bridges "
    "while officials weighed closing the road to the coast."
)
IDLIB, ALEPPO = PARAGRAPH.index("Idlib"), PARAGRAPH.index("Aleppo")


def a_city(name: str, *, at: int) -> Place:
    return Place(
        field="text", text=name, start=at, end=at + len(name), name=name, kind="city", country="SY", confidence=0.9
    )


async def a_full(desk: Database) -> None:
    """News of every kind: scripts of both directions, long words, copies, a revision, threads, sick feeds."""
    now = datetime.now(UTC)
    syria = Region(code="SY", name="Syria", kind="country", score=0.9)
    idlib = Region(code="SY-ID", name="Idlib", kind="unit", score=0.8)
    flood = msgspec.structs.replace(
        an_article(
            "a1",
            title="Rivers rise around Idlib as the rain enters its third day",
            text=f"{PARAGRAPH}\n\n{PARAGRAPH}",
            authors=["Ada Field", "Bo Marsh"],
            story="s1",
        ),
        regions=(idlib, syria),
        words=52,
        published_at=now - timedelta(minutes=9),
        places=(a_city("Idlib", at=IDLIB), a_city("Aleppo", at=ALEPPO)),
    )
    arabic = an_article(
        "a2",
        title="ارتفاع منسوب الأنهار حول إدلب",
        text="استمر هطول الأمطار لليوم الثالث.",
        language="ar",
        source="sahifa.example",
    )
    german = an_article(
        "a3", title=f"{LONG} tritt in Kraft", text=f"{LONG} gilt ab heute.", language="de", source="blatt.example"
    )
    revised = msgspec.structs.replace(
        an_article("a4", title="Ferry timetable changed again", source="harbour-post.example"),
        verdict=Verdict(kind="revision", changed=("title", "text")),
    )
    comments = thread_of(now)
    for age, items in ((3_000, [german]), (600, [arabic, revised]), (120, [flood]), (40, comments)):
        await desk.items.put(items, now=now - timedelta(seconds=age))
    await desk.items.add_sightings([a_copy("k1", of="a1"), a_copy("k2", of="a1", source="kurier.example")], now=now)
    await subscribed(desk, now=now)


def thread_of(now: datetime) -> list[Comment]:
    """Nine comments, each an answer to the one before."""
    comments = [a_comment("c0", text="The bridge by the mill is already closed. We went round by the old road.")]
    for number in range(1, 9):
        reply = a_comment(
            f"c{number}", author=f"Reader {number}", text=f"I was there, at the {number}th. gate: it is true."
        )
        comments.append(msgspec.structs.replace(reply, parent_id=f"c{number - 1}", position=number, posted_at=now))
    return comments


async def subscribed(desk: Database, *, now: datetime) -> None:
    """Two feeds, one of them sick."""
    for name in ("well", "sick"):
        await desk.feeds.add(
            FeedSubscription(url=f"https://{name}.example/{'very-' * 12}long/rss.xml", origin="command", added_at=now)
        )
    for subscription in await desk.feeds.list():
        is_sick = "sick" in subscription.url
        await polled(
            desk,
            subscription.url,
            state="failing" if is_sick else "ok",
            reason="HTTP 503 from the server, 4 times in a row" if is_sick else "",
            now=now,
        )
