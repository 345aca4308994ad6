"""Which article a page is, and which comment a comment: ids that a replay and a second look find again."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from wiredesk import urls
from wiredesk.events import digest

SITE_WIDE_PLATFORMS = frozenset({"wordpress", "disqus", "blogger"})
"""Platforms that number comments once for the whole site. Others may begin with 1 on every page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where an article stands: `page_url` the content came from, `url` it goes by, `origin` it says it is a copy of.

    `known_as` is every URL it is known by, in the order in which they give it its id.
    """

    page_url: str
    url: str
    origin: str | None
    known_as: tuple[str, ...]


def addresses(declared: str | None, *, final: str | None, link: str) -> Addresses:
    """From the declared canonical URL, the one that answered (None where none did) and the entry's link.

    A canonical URL may name the article where it is of the page's registrable domain and no home page. One on another
    domain is evidence that this is a copy, never identity.
    """
    if final is not None and not urls.is_http(final):  # a redirect to more than any address may have
        final = None
    page_url = final or link
    if declared is not None and urls.is_home_page(declared):
        declared = None
    is_own = declared is not None and urls.site_of(declared) == urls.site_of(page_url)
    canonical = urls.canonical(declared) if declared is not None and is_own else None
    known = [canonical, urls.canonical(final) if final else None, link_key(link)]
    return Addresses(
        page_url=page_url,
        url=canonical or page_url,
        origin=None if is_own else declared,
        known_as=tuple(dict.fromkeys(url for url in known if url)),
    )


def link_key(link: str) -> str:
    """An entry's link as it is compared, with the part of a page that it names."""
    part = urls.part_of(link)
    return urls.canonical(link) + (f"#{part}" if part else "")


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
