"""One stored item as a row of the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wiredesk.database.items import Item, StoredItem
from wiredesk.events import Article
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
    found = item.event.regions
    if not found:
        return NOTHING
    more = f"and {len(found) - most} more" if len(found) > most else ""
    chips = [joined(links.region(one.code, one.name), " ") for one in found[:most]]
    return tag("p", tag("span", "Regions: ", class_="unseen"), chips, more, class_="regions")


def _facts(item: StoredItem, *, now: datetime) -> Markup:
    return together(
        tag("span", whence(item), class_="source"),
        moments.age(item.stored_at, now=now),
        verdict(item.event),
        _counted(1 + len(item.sources), "source") if item.sources else NOTHING,
        _counted(item.comments, "comment") if item.comments else NOTHING,
        tag("span", item.event.language, class_="language", title="Language")
        if isinstance(item.event, Article) and item.event.language
        else NOTHING,
    )


def verdict(event: Item) -> Markup:
    """What dedupe found."""
    if event.verdict.kind == "new":
        return tag("span", "new", class_="tag")
    changed = f"changed: {', '.join(event.verdict.changed)}" if event.verdict.changed else None
    return tag("span", event.verdict.kind, class_="tag revised", title=changed)


def _counted(number: int, noun: str) -> Markup:
    return tag("span", f"{number} {noun}{'s' if number != 1 else ''}", class_="count")


def title_of(item: StoredItem) -> str:
    """An article's title, or what a comment says."""
    if isinstance(item.event, Article):
        return item.event.title.strip() or "(without a title)"
    return excerpt(item.event.text) or ("(deleted)" if item.event.deleted else "(without text)")


def whence(item: StoredItem) -> str:
    """Who published it where."""
    if isinstance(item.event, Article):
        return item.event.source
    return f"comment by {item.event.author or 'somebody'} on {_site(item.event.url)}"


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
    return f"{line[:most].rpartition(' ')[0] or line[:most]}…"
