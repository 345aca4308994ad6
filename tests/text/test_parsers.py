"""What parsers raise, and what none of them takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from wiredesk.errors import Malformed
from wiredesk.text.parsers import parsing, with_whole_references


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("&#55357;&#56832;", "\U0001f600"),
        ("&#xD83D;&#xDE00;", "\U0001f600"),
        ("&#xd83d;&#56832; and &#55357;&#xDE00;", "\U0001f600 and \U0001f600"),
        ("a&#55357;b", "ab"),
        ("a&#56832;&#55357;b", "ab"),
        ("&#0;&#8;&#x1F;&#65535;&#xFFFE;&#1114112;&#x110000;&#99999999999;", ""),
        ("&#9;&#10;&#xD;&#x1F600;&#128512;&#1114111;", "&#9;&#10;&#xD;&#x1F600;&#128512;&#1114111;"),
        ("&#8217;&amp;&#55295;&#57344;", "&#8217;&amp;&#55295;&#57344;"),
    ],
)
def test_references_that_xml_cannot_carry_are_made_whole_or_left_out(written: str, read: str) -> None:
    assert with_whole_references(written.encode()) == read.encode()


@given(
    st.lists(st.integers(0, 0x120000).map(lambda code: f"&#{code};") | st.integers(0, 0x120000).map("&#x{:X};".format))
)
def test_whatever_references_there_are_a_parser_takes_what_is_left(references: list[str]) -> None:
    assert etree.fromstring(with_whole_references(f"<a>{''.join(references)}</a>".encode())).tag == "a"


@pytest.mark.parametrize(
    "error", [KeyError("title"), UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "no"), RecursionError()]
)
def test_whatever_a_parser_raises_is_malformed_and_says_what_it_was(error: Exception) -> None:
    with pytest.raises(Malformed, match=rf"^no feed: .+ \({type(error).__name__}\)$") as raised, parsing("no feed"):
        raise error

    assert raised.value.__cause__ is error


def test_what_is_malformed_already_keeps_its_words() -> None:
    with pytest.raises(Malformed, match=r"^of its own$"), parsing("no feed"):
        raise Malformed("of its own")
