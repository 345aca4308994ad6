"""One stored item as a row of the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wiredesk.database.items import Item, StoredItem
from wiredesk.events import Article, Comment
from wiredesk.roles.web.pages import links, moments
from wiredesk.roles.web.pages.layout import together
from wiredesk.roles.web.pages.markup import NOTHING, Markup, joined, tag

EXCERPT = 180
"""Characters of text under a title."""

_REGIONS = 6
_DIRECTION = "auto"  # every script in its own


def rows(items: Sequence[StoredItem], *, now: datetime) -> Markup:
    """The rows, in the order given."""
    return joined([row(item, now=now) for item in items])


def row(item: StoredItem, *, now: datetime) -> Markup:
    """Title, excerpt, where from and when, verdict, regions; `data-id` lets a newer one take its place."""
    words = tag("p", excerpt(item.event.text), class_="excerpt", dir=_DIRECTION, lang=language(item))
    title = tag("a", title_of(item), href=links.item_path(item.event.id), lang=language(item))
    return tag(
        "li",
        tag("h2", title, dir=_DIRECTION),
        words if isinstance(item.event, Article) else NOTHING,
        tag("p", _facts(item, now=now), class_="facts"),
        regions(item),
        class_=f"row {item.kind}",
        data_id=item.event.id,
        data_seq=item.seq,
    )


def regions(item: StoredItem, *, most: int = _REGIONS) -> Markup:
    """The regions in focus, best first."""
    regions = item.event.regions
    if not regions:
        return NOTHING
    more = f"and {len(regions) - most} more" if len(regions) > most else ""
    chips = [joined(links.region(region.code, region.name), " ") for region in regions[:most]]
    return tag("p", tag("span", "Regions: ", class_="unseen"), chips, more, class_="regions")


def _facts(item: StoredItem, *, now: datetime) -> Markup:
    return together(
        whence(item),
        moments.age(item.stored_at, now=now),
        verdict(item.event),
        counted(1 + len(item.sources), "source") if item.sources else NOTHING,
        tag("a", counted(item.comments, "comment"), href=f"{links.item_path(item.event.id)}#comments")
        if item.comments
        else NOTHING,
        tag("span", item.event.language, class_="language", title="Language")
        if isinstance(item.event, Article) and item.event.language
        else NOTHING,
    )


def verdict(event: Item) -> Markup:
    """What dedupe found, where it is more than that nobody had it before."""
    if event.verdict.kind == "new":
        return NOTHING
    changed = f"changed: {', '.join(event.verdict.changed)}" if event.verdict.changed else None
    return tag("span", event.verdict.kind, class_="tag revised", title=changed)


def counted(number: int, noun: str) -> Markup:
    """Such as `3 comments`."""
    return tag("span", f"{number} {noun}{'s' if number != 1 else ''}", class_="count")


def title_of(item: StoredItem) -> str:
    """An article's title, or what a comment says."""
    if isinstance(item.event, Article):
        return item.event.title.strip() or "(without a title)"
    return excerpt(item.event.text) or ("(deleted)" if item.event.deleted else "(without text)")


def whence(item: StoredItem) -> Markup:
    """Who published it where."""
    event = item.event
    if isinstance(event, Article):
        return tag("span", event.source, class_="source")
    return tag("span", "comment by ", author(event), f" on {_site(event.url)}", class_="source")


def author(comment: Comment) -> Markup:
    """Who wrote it, in a direction of its own: names of readers turn what stands beside them."""
    return tag("bdi", comment.author or "somebody")


def _site(url: str) -> str:
    return url.partition("://")[2].partition("/")[0] or url


def language(item: StoredItem) -> str | None:
    """The language of an article's words, for `lang`."""
    return (item.event.language or None) if isinstance(item.event, Article) else None


def excerpt(text: str, *, most: int = EXCERPT) -> str:
    """The beginning of `text` on one line, cut between words."""
    line = " ".join(text[: most * 4].split())
    if len(line) <= most:
        return line
    return f"{(line[:most].rpartition(' ')[0] or line[:most]).rstrip('.,;:…')}…"
