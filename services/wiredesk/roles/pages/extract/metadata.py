"""Title, authors, dates and the like: structured data first, the visible page where that is silent."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml.html import HtmlElement

from wiredesk import urls
from wiredesk.events.collecting import MAX_ITEMS
from wiredesk.roles.pages.extract.structured import LinkedObject, meta_contents, names_in, text_in
from wiredesk.text import dates
from wiredesk.text.invisible import visible

_ARTICLE_TYPE = re.compile(r"(?:Article|BlogPosting|Report|Review|LiveBlogPosting)$")
_TELLING = ("headline", "datePublished", "author", "articleBody", "keywords")
_AUTHOR_META = ("author", "article:author", "dc.creator", "parsely-author", "sailthru.author", "byl")
_PUBLISHED_META = ("article:published_time", "datepublished", "date", "dc.date", "parsely-pub-date", "pubdate")
_MODIFIED_META = ("article:modified_time", "og:updated_time", "datemodified", "last-modified")
_BYLINE = re.compile(r"^(?:by|von|par|por|di)\s+", re.IGNORECASE)
_SITE_SUFFIX = re.compile(r"\s+[|\u2013\u2014-]\s+[^|\u2013\u2014-]{2,40}$")

SIMILAR_TITLE = 0.5
"""Share of words a headline must have in common with the structured title to be taken for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a page says of its article; empty where it says nothing."""

    title: str = ""
    site: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    canonical: str | None = None
    language: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    paywalled: bool = False


def read(tree: HtmlElement, objects: Sequence[LinkedObject], *, url: str) -> Metadata:
    """The metadata of the page at `url`: JSON-LD `objects`, then OpenGraph and other meta elements, then headline and time."""
    article = _article_of(objects)
    meta = meta_contents(tree)
    return Metadata(
        title=visible(_title(tree, article, meta)),
        site=visible(meta.get("og:site_name") or text_in(article.get("publisher"))),
        authors=tuple(visible(_BYLINE.sub("", name))[:200] for name in _authors(tree, article, meta, objects))[
            : MAX_ITEMS["authors"]
        ],
        published_at=_first_instant(
            article.get("datePublished"), *(meta.get(name) for name in _PUBLISHED_META), _visible_time(tree)
        ),
        modified_at=_first_instant(article.get("dateModified"), *(meta.get(name) for name in _MODIFIED_META)),
        canonical=_canonical(tree, meta, url),
        language=_language(tree, article, meta),
        section=visible(text_in(article.get("articleSection")) or meta.get("article:section", "")) or None,
        tags=_tags(article, meta),
        image=_image(article, meta, url),
        paywalled=str(article.get("isAccessibleForFree", "")).lower() in ("false", "no"),
    )


def _article_of(objects: Sequence[LinkedObject]) -> Mapping[str, object]:
    articles = [
        item.facts
        for item in objects
        if any(_ARTICLE_TYPE.search(name) for name in item.types)
        and ("headline" in item.facts or "datePublished" in item.facts)
    ]
    return max(articles, key=lambda facts: sum(name in facts for name in _TELLING), default={})


def _title(tree: HtmlElement, article: Mapping[str, object], meta: Mapping[str, str]) -> str:
    headlines = [text for text in (" ".join(h1.text_content().split()) for h1 in tree.iter("h1")) if text]
    structured = text_in(article.get("headline")) or meta.get("og:title", "") or meta.get("twitter:title", "")
    # Structured titles are often shortened for search results: a like headline is what the reader saw.
    if structured and headlines and len(headlines[0]) > 15 and _likeness(headlines[0], structured) > SIMILAR_TITLE:
        return headlines[0]
    if structured:
        return structured
    if len(headlines) == 1:
        return headlines[0]
    titles = [" ".join((title.text or "").split()) for title in tree.iter("title")]
    return _SITE_SUFFIX.sub("", titles[0]) if titles else (headlines[0] if headlines else "")


def _likeness(first: str, second: str) -> float:
    left, right = (Counter(re.findall(r"\w+", text.casefold())) for text in (first, second))
    return 2 * (left & right).total() / max(1, left.total() + right.total())


def _authors(
    tree: HtmlElement, article: Mapping[str, object], meta: Mapping[str, str], objects: Sequence[LinkedObject]
) -> list[str]:
    by_id = {name: item.facts for item in objects if (name := _id_of(item.facts)) and "name" in item.facts}
    declared = article.get("author") or article.get("creator")
    people = declared if isinstance(declared, list) else [declared]
    resolved = [by_id.get(_id_of(person), person) if isinstance(person, dict) else person for person in people]
    names = [name for person in resolved for name in names_in(person)]
    if not names:
        names = next((author_names for name in _AUTHOR_META if (author_names := names_in(meta.get(name)))), [])
    if not names:
        marked = tree.xpath("//*[@itemprop='author']//*[@itemprop='name'] | //a[@rel='author']")
        names = [text for text in (" ".join(element.text_content().split()) for element in marked[:5]) if text]
    return list(dict.fromkeys(names))


def _id_of(facts: Mapping[str, object]) -> str:
    """The object's `@id`; empty where it has none, or one that is no text."""
    name = facts.get("@id")
    return name if isinstance(name, str) else ""


def _first_instant(*values: object) -> datetime | None:
    return next((at for value in values if (at := dates.published(text_in(value)))), None)


def _visible_time(tree: HtmlElement) -> str | None:
    for element in tree.iter("time"):
        if element.get("datetime") and not any(
            "comment" in (up.get("class") or "") + (up.get("id") or "") for up in element.iterancestors()
        ):
            return str(element.get("datetime"))
    return None


def _canonical(tree: HtmlElement, meta: Mapping[str, str], url: str) -> str | None:
    declared = [
        link.get("href") for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split()
    ]
    return next((joined for href in (*declared, meta.get("og:url")) if href and (joined := urls.join(url, href))), None)


def _language(tree: HtmlElement, article: Mapping[str, object], meta: Mapping[str, str]) -> str | None:
    declared = (
        tree.get("lang") or tree.get("xml:lang") or text_in(article.get("inLanguage")) or meta.get("og:locale", "")
    )
    code = re.match(r"[A-Za-z]{2,3}(?![A-Za-z])", declared.strip())
    return code[0].lower() if code else None


def _tags(article: Mapping[str, object], meta: Mapping[str, str]) -> tuple[str, ...]:
    declared = article.get("keywords") or meta.get("news_keywords") or meta.get("keywords") or meta.get("article:tag")
    values = (
        declared
        if isinstance(declared, list)
        else re.split(r"\s*[,;]\s*", declared)
        if isinstance(declared, str)
        else []
    )
    return tuple(dict.fromkeys(visible(text)[:100] for value in values if (text := text_in(value))))[
        : MAX_ITEMS["tags"]
    ]


def _image(article: Mapping[str, object], meta: Mapping[str, str], url: str) -> str | None:
    declared = article.get("image")
    image = declared.get("url") if isinstance(declared, dict) else declared
    link = text_in(image) or meta.get("og:image", "")
    return urls.join(url, link) if link else None
