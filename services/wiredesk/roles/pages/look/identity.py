"""Which article a page is, and which comment a comment: ids that a replay and a second look find again."""

from __future__ import annotations

import re
import unicodedata

from wiredesk import urls
from wiredesk.events import digest

SITE_WIDE_PLATFORMS = frozenset({"wordpress", "disqus", "blogger"})
"""Platforms that number comments once for the whole site. Others may begin with 1 on every page."""


def accepted_canonical(declared: str | None, *, page_url: str) -> str | None:
    """The declared canonical URL where it may name the article: of the page's registrable domain and no home page."""
    if declared is None or urls.site_of(declared) != urls.site_of(page_url) or urls.is_home_page(declared):
        return None
    return urls.canonical(declared)


def origin(declared: str | None, *, page_url: str) -> str | None:
    """The declared canonical URL on another domain: evidence that this is a copy, never identity."""
    if declared is None or urls.site_of(declared) == urls.site_of(page_url) or urls.is_home_page(declared):
        return None
    return declared


def article_urls(*, canonical: str | None, final: str | None, link: str) -> list[str]:
    """Every URL the article is known by, in the order in which they give it its id."""
    known = [canonical, urls.canonical(final) if final else None, link_key(link)]
    return list(dict.fromkeys(url for url in known if url))


def link_key(link: str) -> str:
    """An entry's link as it is compared, with the part of a page that it names."""
    part = urls.part_of(link)
    return urls.canonical(link) + (f"#{part}" if part else "")


def article_id(url: str) -> str:
    """The id an article gets from the first of its URLs."""
    return digest("article", url)


def article_capture(article: str, *, title: str, text: str) -> str:
    """One sighting: the same for a replay, another for a changed title or text."""
    return digest("capture", article, title, text)


def comment_id(*, site: str, platform: str, native: str, article: str, author: str, text: str) -> str:
    """A comment's id: the platform's own number within what it numbers, else article, author and folded text."""
    if native and platform in SITE_WIDE_PLATFORMS:
        return digest("comment", site, platform, native)
    if native:
        return digest("comment", article, platform, native)
    return digest("comment", article, folded(author), folded(text))


def comment_capture(comment: str, *, text: str) -> str:
    """One sighting of a comment: another for an edited text."""
    return digest("capture", comment, text)


def folded(text: str) -> str:
    """`text` without case, punctuation and white space differences (NFKC)."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))
