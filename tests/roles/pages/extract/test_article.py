"""The article's own text, where a page misleads."""

from __future__ import annotations

from tests.texts import text
from wiredesk.roles.pages.extract import article, tree


def html(paragraphs: str) -> str:
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs.split("\n\n"))


def page(*, body_class: str) -> str:
    """A short article, then a much longer run of comments that nothing marks as such."""
    return (
        f"<html><body><main><article><h1>Title</h1><div class={body_class}>{html(text(1, characters=2_000))}</div></article>"
        f"<div class=text>{html(text(2, characters=6_000))}</div></main></body></html>"
    )


def test_a_long_run_of_unmarked_comments_stays_out_of_an_article_that_the_page_names() -> None:
    found = article.extract(tree.parse(page(body_class="entry-content").encode()), url="https://a.example/x")

    assert found is not None
    assert found.text == text(1, characters=2_000)
