"""Entries and articles, each state of an article inheriting the one before."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from wiredesk.events.event import Event
from wiredesk.events.values import Extraction, Place, Region, Story, Time, Times, Verdict


class Entry(Event, frozen=True, kw_only=True):
    """An item seen in a feed; `revision` is the digest of its content, `content` HTML as published, controls removed.

    `returned_from` is when the feed showed this same revision last, where it showed another one in between.
    """

    type_name = "wiredesk.entry"
    topic = "entries"
    time_fields = ("published_at", "updated_at", "returned_from")

    id: Annotated[str, Meta(description="the entry's id within its feed: by guid, else link, else title and day")]
    feed: Annotated[str, Meta(description="URL of the feed")]
    guid: Annotated[str, Meta(description="its guid as published; empty where it has none")]
    url: Annotated[str, Meta(description="its link, absolute")]
    title: Annotated[str, Meta(description="plain text")]
    summary: Annotated[str, Meta(description="HTML as published")] = ""
    content: Annotated[str, Meta(description="HTML as published; empty where the feed gives none")] = ""
    authors: Annotated[tuple[str, ...], Meta(description="names")] = ()
    published_at: Annotated[Time | None, Meta(description="as the feed says; a date in the future is taken as now")] = (
        None
    )
    updated_at: Annotated[Time | None, Meta(description="as the feed says")] = None
    language: Annotated[str | None, Meta(description="of the entry or the feed, as published")] = None
    tags: Annotated[tuple[str, ...], Meta(description="categories")] = ()
    comments_url: Annotated[str | None, Meta(description="page of its comments")] = None
    comments_feed: Annotated[str | None, Meta(description="feed of its comments")] = None
    comments_count: Annotated[int | None, Meta(description="how many comments the feed says there are")] = None
    revision: Annotated[str, Meta(description="digest of title, text and link: another one means that it was edited")]
    returned_from: Annotated[
        Time | None,
        Meta(description="when the feed showed this same revision last, if it showed another one in between"),
    ] = None
    times: Annotated[Times, Meta(description="when what happened")]


class CollectedArticle(Event, frozen=True, kw_only=True):
    """Clean text of a page; `text` is plain, paragraphs apart by an empty line; `source` the page's registrable domain."""

    type_name = "wiredesk.article.collected"
    topic = "collected"
    time_fields = ("published_at", "modified_at")

    id: Annotated[str, Meta(description="the article's id: it never changes, whatever URL leads to the article")]
    capture: Annotated[
        str, Meta(description="digest of id, title and text: the same for a replay, another for a changed text")
    ]
    entry: Annotated[str, Meta(description="id of the entry that led to it")]
    url: Annotated[
        str, Meta(description="its canonical URL, where the page declares an acceptable one, else where it was fetched")
    ]
    fetched_url: Annotated[str, Meta(description="where it was fetched, after redirects")]
    origin_url: Annotated[
        str | None, Meta(description="a canonical URL on another domain: this page says that it is a copy of that")
    ] = None
    feed: Annotated[str, Meta(description="URL of the feed that led to it")]
    source: Annotated[str, Meta(description="registrable domain of the page")]
    site: Annotated[str, Meta(description="the site's name, as it calls itself")] = ""
    title: Annotated[str, Meta(description="plain text")]
    text: Annotated[
        str, Meta(description="plain text, paragraphs apart by an empty line, without title, boilerplate and comments")
    ]
    markdown: Annotated[str, Meta(description="the same with headings, lists, quotations and links")] = ""
    authors: Annotated[tuple[str, ...], Meta(description="names")] = ()
    published_at: Annotated[Time | None, Meta(description="as the page says, else the feed")] = None
    modified_at: Annotated[Time | None, Meta(description="as the page says, else the feed")] = None
    language: Annotated[str | None, Meta(description="ISO 639, as declared")] = None
    section: Annotated[str | None, Meta(description="the site's own")] = None
    tags: Annotated[tuple[str, ...], Meta(description="keywords and categories")] = ()
    image: Annotated[str | None, Meta(description="URL of the leading image")] = None
    paywalled: Annotated[bool, Meta(description="whether the page says that only a part is free")] = False
    words: Annotated[int, Meta(description="how many the text has")] = 0
    truncated: Annotated[bool, Meta(description="whether the text was cut to what the log takes")] = False
    extraction: Annotated[Extraction, Meta(description="how the text was got")]
    times: Annotated[Times, Meta(description="when what happened")]


class JudgedArticle(CollectedArticle, frozen=True, kw_only=True):
    """A collected article with dedupe's verdict."""

    type_name = "wiredesk.article.unique"
    topic = "unique"

    verdict: Annotated[Verdict, Meta(description="what dedupe found")]
    story: Annotated[Story | None, Meta(description="the story it belongs to, as it stood then")] = None


class Article(JudgedArticle, frozen=True, kw_only=True):
    """A unique article with the places it mentions and the regions in focus, best first."""

    type_name = "wiredesk.article"
    topic = "articles"

    places: Annotated[tuple[Place, ...], Meta(description="places named in title and text, in order")] = ()
    regions: Annotated[tuple[Region, ...], Meta(description="regions in focus, best first")] = ()
