"""JSON-LD as publishers write it."""

from __future__ import annotations

import json

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
