"""A stream's filters are those of a list: what the database finds and what is found in memory are the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contracts.samples import NOW, a_comment, an_article, ids
from wiredesk.database import Database
from wiredesk.database.items import ItemQuery
from wiredesk.events import Article, Comment
from wiredesk.roles.web.frames import Frame

pytest_plugins = ("tests.contracts.databases",)

HOUR = timedelta(hours=1)
QUERIES = [
    ItemQuery(),
    *(
        ItemQuery(text=text)
        for text in (
            "rain",
            "RAIN town",
            "rain -storm",
            "-rain",
            '"rain fell"',
            '"fell rain"',
            "dammerung",
            "Dämmerung",
            "東京",
            "京",
            "東",
            "京に",
            '"in 東京"',
            "-",
            '""',
            "  ",
            "town's",
            "it's",
            "1,000",
            "o'neill",
            "storm_surge",
            "ra",
            "rain rain",
            "-storm -snow",
            '-"rain fell"',
            "\N{LATIN SMALL LIGATURE FI}re",
            "straße",
            "strasse",
        )
    ),
    *(ItemQuery(region=region) for region in ("SY", "sy", "SY-HL", "SY-H", "S", " sy ")),
    *(ItemQuery(language=language) for language in ("en", "EN", "en-gb", "en-us", "e", "pt_br", "%")),
    ItemQuery(source="gazette.example"),
    ItemQuery(source="Gazette.Example"),
    ItemQuery(source="example"),
    ItemQuery(kind="comment"),
    ItemQuery(kind="article"),
    ItemQuery(kind="other"),
    ItemQuery(story="s1"),
    ItemQuery(story="s"),
    ItemQuery(article_id="a1"),
    ItemQuery(article_id="a9"),
    ItemQuery(since=NOW + HOUR),
    ItemQuery(until=NOW + HOUR),
    ItemQuery(since=NOW, until=NOW),
    ItemQuery(before_seq=3),
    ItemQuery(after_seq=3),
    ItemQuery(after_seq=2, before_seq=5),
    ItemQuery(text="rain", region="SY", kind="article", language="en", source="herald.example"),
]


@pytest.fixture
async def stored(database: Database) -> Database:
    early = [
        an_article("a1", text="Rain fell on the town's 1,000 roofs.", regions=["SY-HL"], story="s1"),
        an_article("a2", text="A storm, then rain in 東京に.", language="en-GB", source="Gazette.example", story="s2"),
        an_article("a3", text="Die Dämmerung über der Straße", title="", language=None, regions=["SYR", "FR"]),
    ]
    late: list[Article | Comment] = [
        an_article("a4", text="storm_surge at O'Neill's. It\u2019s fire and 雨東京", language="pt-BR", regions=["SY"]),
        a_comment("c1", article_id="a1", text="Rain? rain!", regions=["SY-RA"]),
        a_comment("c2", article_id="a9", text="東", site="gazette.example"),
    ]
    await database.items.put(early, now=NOW)
    await database.items.put(late, now=NOW + HOUR)
    return database


async def test_what_a_list_finds_a_stream_lets_through(stored: Database) -> None:
    everything = await stored.items.after(0, limit=100)

    for query in QUERIES:
        found = ids(await stored.items.search(query))
        let_through = [item.event.id for item in reversed(everything) if Frame(item).suits(query)]
        assert let_through == found, query
