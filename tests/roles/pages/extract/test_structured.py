"""JSON-LD as publishers write it."""

from __future__ import annotations

import json

import pytest

from wiredesk.roles.pages.extract.page import extract

PARAGRAPHS = "".join(
    f"<p>A sentence of some length about the ferry and its passengers, number {n}.</p>" for n in range(9)
)


def test_half_an_emoji_and_nul_in_json_ld_do_not_cost_the_page() -> None:
    facts = {
        "@type": "NewsArticle",
        "headline": "Ferry",
        "author": {"name": "Anna \ud83d"},
        "articleSection": "Sea\x00",
    }
    script = f'<script type="application/ld+json">{json.dumps(facts)}</script>'
    html = f"<html><head>{script}</head><body><article><h1>Ferry</h1>{PARAGRAPHS}</article></body></html>"

    page = extract(html.encode(), "https://news.example/1", None)

    assert [name.strip() for name in page.metadata.authors] == ["Anna"]
    assert page.metadata.section == "Sea"


def page_with(facts: object) -> bytes:
    script = f'<script type="application/ld+json">{json.dumps(facts)}</script>'
    return f"<html><head>{script}</head><body><article><h1>Ferry</h1>{PARAGRAPHS}</article></body></html>".encode()


@pytest.mark.parametrize("odd", [{"a": "b"}, ["a"], 7, 1.5, True, None, [], {}, [[["a"]]]], ids=repr)
@pytest.mark.parametrize(
    "field",
    """@id @type @graph author creator headline publisher datePublished dateModified inLanguage articleSection keywords
    image isAccessibleForFree comment text commentText upvoteCount dateCreated identifier url name""".split(),
)
def test_a_field_of_any_type_is_read_or_passed_over(field: str, odd: object) -> None:
    person = {"@type": "Person", "name": "Anna", field: odd}
    comment = {"@type": "Comment", "text": "Wet.", "author": person, field: odd}
    facts = {"@type": "NewsArticle", "headline": "Ferry", "author": [person], "comment": [comment], field: odd}

    page = extract(page_with([facts, person]), "https://news.example/1", None)

    assert page.body is not None
