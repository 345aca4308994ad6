"""Whether items answer to queries, one by one and many at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiredesk.query import evaluate, parse
from wiredesk.query.match import document
from wiredesk.query.ruleset import Ruleset
from wiredesk.query.syntax import And, Fact, Node, Not, Or, Term

TEXT = "Fighting near Manbij resumed on Monday. In Al-Bab the power station failed; the grid is down. 阿勒颇的医院"
ITEM = document(
    texts={"title": "Aleppo: Zwei Städte ohne Strom", "text": TEXT, "author": "Ana Núñez"},
    facts={
        "region": ["SY-HL", "145", "front", "us-embassies"],
        "source": ["Example.org"],
        "lang": ["en"],
        "kind": ["article"],
    },
)


@pytest.mark.parametrize(
    "query",
    [
        "manbij",
        "MANBIJ AND monday",
        '"al bab"',
        "stadte",
        "author:nunez",
        "author:(ana AND nunez)",
        "title:aleppo",
        "region:SY",
        "region:SY-HL",
        "region:145",
        "source:example.org",
        "lang:en kind:article",
        "fight*",
        "power NEAR/4 grid",
        "grid NEAR/4 power",
        "manbij AND NOT damascus",
        "damascus OR monday",
        "医院",
        '"阿勒颇的"',
        "al-bab",
        "author:ana*",
        "region:front",
        "region:Us-Embassies",
    ],
)
def test_the_item_answers(query: str) -> None:
    assert evaluate(parse(query), ITEM) is not None


@pytest.mark.parametrize(
    "query",
    [
        "damascus",
        '"bab al"',
        "title:manbij",
        "region:SY-RA",
        "region:S",
        "region:US",
        "kind:comment",
        "manbij AND NOT monday",
        "power NEAR/3 grid",
        "fightin",
    ],
)
def test_the_item_does_not_answer(query: str) -> None:
    assert evaluate(parse(query), ITEM) is None


def test_hits_are_places_in_the_untouched_text() -> None:
    hits = evaluate(parse('"al bab" AND stadte AND region:SY'), ITEM)

    assert hits is not None
    assert [TEXT[hit.start : hit.end] for hit in hits if hit.field == "text"] == ["Al-Bab"]
    assert [(hit.start, hit.end) for hit in hits if hit.field == "title"] == [(13, 19)]


letters = st.sampled_from("abcdef")
terms = st.builds(
    lambda words, prefix: Term(words=tuple(words), is_prefix=prefix and len(words[-1]) > 0),
    st.lists(letters, min_size=1, max_size=2),
    st.booleans(),
)
facts = st.builds(lambda value: Fact(field="region", value=value), st.sampled_from(["SY", "SY-HL", "DE"]))
nodes: st.SearchStrategy[Node] = st.recursive(
    terms | facts,
    lambda inner: (
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(parts=tuple(parts)))
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(parts=tuple(parts)))
        | inner.map(lambda part: Not(part=part))
    ),
    max_leaves=6,
)


@given(st.lists(nodes, max_size=8), st.lists(letters, max_size=8), st.sampled_from([[], ["SY"], ["SY-HL"], ["DE"]]))
def test_looked_up_by_anchor_or_tried_one_by_one_the_same_rules_match(
    queries: list[Node], words: list[str], regions: list[str]
) -> None:
    item = document(texts={"title": "", "text": " ".join(words)}, facts={"region": regions})

    looked_up = {key for key, _ in Ruleset(enumerate(queries)).matching(item)}

    assert looked_up == {key for key, node in enumerate(queries) if evaluate(node, item) is not None}
