"""Queries as trees."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiredesk.query import QueryFault, parse
from wiredesk.query.syntax import And, Fact, Near, Node, Not, Or, Term


def word(*words: str, at: int = 0, prefix: bool = False, field: str = "") -> Term:
    return Term(words=words, position=at, is_prefix=prefix, field=field)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("Manbij", word("manbij")),
        ("a b OR c", Or(parts=(And(parts=(word("a"), word("b", at=2))), word("c", at=7)))),
        ("a AND (b OR c)", And(parts=(word("a"), Or(parts=(word("b", at=7), word("c", at=12)))))),
        ("a NOT b", And(parts=(word("a"), Not(part=word("b", at=6), position=2)))),
        ('"Al Bab"', word("al", "bab")),
        ("hosp*", word("hosp", prefix=True)),
        ("region:sy-hl", Fact(field="region", value="SY-HL", position=7)),
        ("region:aleppo-front", Fact(field="region", value="ALEPPO-FRONT", position=7)),
        ("kind:comment", Fact(field="kind", value="comment", position=5)),
        (
            "lang:(en OR fr)",
            Or(parts=(Fact(field="lang", value="en", position=6), Fact(field="lang", value="fr", position=12))),
        ),
        ('title:"power cut"', word("power", "cut", at=6, field="title")),
        ("power NEAR/5 grid", Near(left=word("power"), right=word("grid", at=13), distance=5, position=6)),
        ("İstanbul Ørsted", And(parts=(word("istanbul"), word("orsted", at=9)))),
        ("don't", word("dont")),
        ("12:30", word("12", "30")),
        ("feed:https://a.example:80/rss", Fact(field="feed", value="https://a.example:80/rss", position=5)),
    ],
)
def test_a_query_is_this_tree(text: str, tree: Node) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "position", "told"),
    [
        ("", 0, "empty query"),
        ("(a", 0, "never closed"),
        ("a)", 1, "unexpected ')'"),
        ('a "b', 2, "never closed"),
        ("a OR", 4, "unexpected end"),
        ("NOT", 3, "unexpected end"),
        ("colour:red", 0, "unknown field 'colour'"),
        ("kind:video", 5, "expected article or comment"),
        ("ab*", 0, "3 letters"),
        ("NEAR/5 grid", 0, "expected a word"),
        ("a NEAR/99 b", 2, "expected 1 to 50"),
        ("a ...", 2, "no letter or digit"),
        ("lang:(region:SY)", 6, "inside field"),
        ("(" * 60 + "a" + ")" * 60, 50, "50 parentheses"),
    ],
)
def test_a_fault_is_told_with_its_position(text: str, position: int, told: str) -> None:
    with pytest.raises(QueryFault, match=told.replace("(", r"\(").replace(")", r"\)")) as caught:
        parse(text)

    assert caught.value.position == position


@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(["a", "AND", "OR", "NOT", "(", ")", '"', "region:", "x*", "NEAR/3"]), max_size=12).map(
        " ".join
    )
)
def test_any_text_is_a_query_or_a_fault(text: str) -> None:
    with contextlib.suppress(QueryFault):
        parse(text)
