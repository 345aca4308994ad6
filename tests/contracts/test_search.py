"""How what is stored is found, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contracts.samples import NOW, a_comment, an_article, found_by, ids
from wiredesk.database import Database
from wiredesk.database.items import ItemQuery

pytest_plugins = ("tests.contracts.databases",)

HOUR = timedelta(hours=1)


QUERIES = {
    "no filter": (ItemQuery(), ["a1", "a2", "c1"]),
    "region": (ItemQuery(region="SY-HL"), ["a1"]),
    "region holds its units": (ItemQuery(region="sy"), ["a1", "a2"]),
    "region is no beginning": (ItemQuery(region="S"), []),
    "own area": (ItemQuery(region="Us-Embassies"), ["a2"]),
    "own area lies in no country": (ItemQuery(region="US"), []),
    "source": (ItemQuery(source="Gazette.example"), ["a2"]),
    "source of a comment": (ItemQuery(source="herald.example"), ["a1", "c1"]),
    "language": (ItemQuery(language="EN"), ["a1"]),
    "language of a variant": (ItemQuery(language="pt"), ["a2"]),
    "kind": (ItemQuery(kind="comment"), ["c1"]),
    "story": (ItemQuery(story="s1"), ["a2"]),
    "comments of an article": (ItemQuery(article_id="a1"), ["c1"]),
    "since": (ItemQuery(since=NOW + HOUR), ["c1"]),
    "until": (ItemQuery(until=NOW + HOUR), ["a1", "a2"]),
    "text and filter": (ItemQuery(text="rain", kind="article", region="SY-HL"), ["a1"]),
    "wildcards are letters": (ItemQuery(language="%"), []),
    "nothing before the first": (ItemQuery(before_seq=1), []),
}


@pytest.mark.parametrize("name", QUERIES)
async def test_filters(name: str, database: Database) -> None:
    first = an_article("a1", regions=["SY-HL"], language="en", text="rain in Aleppo")
    second = an_article(
        "a2", regions=["SY", "us-embassies"], source="gazette.example", language="pt-BR", story="s1", text="rain"
    )
    await database.items.put([first, second], now=NOW)
    await database.items.put([a_comment("c1", article_id="a1", text="no sun")], now=NOW + HOUR)

    query, expected = QUERIES[name]

    assert sorted(ids(await database.items.search(query))) == expected


TEXTS = {
    "one": "The quick brown fox. Don't panic: AT&T and U.S. troops, C++ 3.14 state-of-the-art",
    "two": "Łódź, Zürich, São Paulo, İstanbul, Ελλάδα, Ёлка, naïve æther, العَرَبِيَّة",
    "three": "昨日、東京都で雨が降った。２０２４年 서울에서 ภาษาไทย",
    "four": "brown quick dogs; हिन्दी में समाचार",
}
SEARCHES = {
    "quick": ["four", "one"],
    "QUICK brown": ["four", "one"],
    '"quick brown"': ["one"],
    "quick -fox": ["four"],
    '-"quick brown"': ["four", "three", "two"],
    "-quick -zurich": ["three"],
    "don't": ["one"],
    "dont": [],
    "u.s.": ["one"],
    "state-of-the-art": ["one"],
    "art of": ["one"],
    '"art of"': [],
    "lodz zurich": ["two"],
    "ŁÓDŹ": ["two"],
    "sao": ["two"],
    "istanbul": ["two"],
    "ελλαδα": ["two"],
    "елка": ["two"],
    "aether": ["two"],
    "العربية": ["two"],
    "東京": ["three"],
    "京都": ["three"],
    "東京都で": ["three"],
    "東都": [],
    "雨": ["three"],
    "た": ["three"],
    "晴": [],
    "2024年": ["three"],
    "서울": ["three"],
    "ภาษา": ["three"],
    "हिन्दी": ["four"],
    "हिन": [],
    '"quick': ["four", "one"],
    "qui": [],
    "qui*": [],
    "quick OR fox": [],
    "quick AND NEAR(": [],
    "(quick)": ["four", "one"],
    "quick:brown": ["one"],
    "^quick' & ! | <-> :*": ["four", "one"],
    "words\\": [],
    "!!!": [],
    '""': [],
    "-": [],
    "   ": ["four", "one", "three", "two"],
}


@pytest.fixture
async def library(database: Database) -> Database:
    await database.items.put([an_article(name, title="", text=text) for name, text in TEXTS.items()], now=NOW)
    return database


async def test_searches_mean_the_same_on_both(library: Database) -> None:
    assert {query: await found_by(library, query) for query in SEARCHES} == SEARCHES


async def test_title_and_comment_are_searched_as_well(database: Database) -> None:
    await database.items.put([an_article(title="Headline"), a_comment(text="A remark")], now=NOW)

    assert (await found_by(database, "headline"), await found_by(database, "remark")) == (["a1"], ["c1"])


async def test_a_very_long_text_is_stored_whole_and_found_by_its_beginning(database: Database) -> None:
    long = an_article(text="beginning " + " ".join(f"w{number}Ж" * 3 for number in range(60_000)))

    await database.items.put([long, an_article("a2", text="東京" * 80_000)], now=NOW)

    assert await found_by(database, "beginning") == ["a1"]
    assert await found_by(database, "京東京") == ["a2"]
    stored = await database.items.get("a1")
    assert stored is not None
    assert stored.event == long


@pytest.mark.parametrize("asked", ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example"])
async def test_a_source_is_found_in_letters_and_in_ascii_however_it_was_stored(asked: str, database: Database) -> None:
    await database.items.put(
        [an_article("a1", source="xn--bcher-kva.example"), an_article("a2", source="bücher.example")], now=NOW
    )

    assert sorted(ids(await database.items.search(ItemQuery(source=asked)))) == ["a1", "a2"]
