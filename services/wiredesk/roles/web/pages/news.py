"""The first page: newest items, what to narrow them by, and how the feeds do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from wiredesk.database.feeds import Overview
from wiredesk.database.items import StoredItem
from wiredesk.roles.web.pages import feeds, layout, links
from wiredesk.roles.web.pages.markup import NOTHING, Markup, joined, tag
from wiredesk.roles.web.pages.rows import rows

SHOWN: Final = ("q", "region", "source", "language", "kind")
"""Filters with a field of their own."""

CARRIED: Final = {
    "story": "Only one story",
    "article": "Only comments on one article",
    "since": "Since {}",
    "until": "Until {}",
}
"""Filters that links set, kept while the others change, and how they are told."""

_FIELDS: Mapping[str, tuple[str, str, str]] = {
    "q": ("Words", "search", 'flood "red cross" -sport'),
    "region": ("Region", "text", "SY or SY-HL"),
    "source": ("Source", "text", "herald.example"),
    "language": ("Language", "text", "en"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsPage:
    """What the page shows; `head` is the place in the sequence from which the stream goes on."""

    items: Sequence[StoredItem]
    filters: Mapping[str, str]
    head: int
    older: str | None
    is_newest: bool
    feeds: Overview
    now: datetime
    may_leave: bool
    waiting_for: Sequence[str] = ()  # what keeps roles of this process from working, in words


def page(news: NewsPage) -> str:
    """The whole page."""
    main = layout.main(
        tag("h1", "News", class_="unseen"),
        _form(news.filters),
        tag("section", _live(news), _list(news), _older(news), class_="news", aria_label="Items, the newest first"),
        feeds.summary(news.feeds, now=news.now),
        class_="desk",
    )
    return layout.document("News", main, here="/", may_leave=news.may_leave, is_live=True)


def _form(filters: Mapping[str, str]) -> Markup:
    fields = [
        tag(
            "label",
            tag("span", label),
            tag(
                "input",
                name=name,
                type=kind,
                value=filters.get(name),
                placeholder=example,
                maxlength=1_000,
                autocapitalize="none",
                spellcheck="false",
            ),
            class_=f"field for-{name}",
        )
        for name, (label, kind, example) in _FIELDS.items()
    ]
    form = tag(
        "form",
        fields,
        tag("label", tag("span", "Kind"), _kinds(filters.get("kind", "")), class_="field"),
        [_carried(name, filters) for name in CARRIED if filters.get(name)],
        tag("p", tag("button", "Show"), " ", tag("a", "All news", href="/") if filters else NOTHING, class_="actions"),
        method="get",
        action="/",
        role="search",
        class_="filters",
    )
    # Open where there is no script; `console.js` shuts it on a narrow screen, where it would push the news away.
    summary = tag("summary", "Filters", [tag("span", f" {used}", class_="used") for used in _in_use(filters)])
    return tag("details", summary, form, id="sieve", open=True, class_="sieve")


def _in_use(filters: Mapping[str, str]) -> list[str]:
    return [CARRIED[name].format(value) if name in CARRIED else value for name, value in filters.items()]


def _carried(name: str, filters: Mapping[str, str]) -> Markup:
    others = {key: value for key, value in filters.items() if key != name}
    label = CARRIED[name].format(filters[name])
    return joined(
        tag("input", type="hidden", name=name, value=filters[name]),
        tag(
            "p",
            label,
            " ",
            tag("a", "no longer", href=links.news_path(**others), aria_label=f"{label}: no longer"),
            class_="carried",
        ),
    )


def _kinds(chosen: str) -> Markup:
    choices = (("", "all"), ("article", "articles"), ("comment", "comments"))
    return tag(
        "select", [tag("option", name, value=value, selected=value == chosen) for value, name in choices], name="kind"
    )


def _live(news: NewsPage) -> Markup:
    """Where `console.js` says what it does; without it the page says how to see more."""
    if not news.is_newest:
        return tag("p", "Older items. ", tag("a", "To the newest", href=links.news_path(**news.filters)), class_="live")
    return tag(
        "div",
        tag(
            "p",
            "As of ",
            tag("span", f"{news.now:%H:%M:%S}"),
            " UTC; load the page again for what is new.",
            id="live",
            role="status",
        ),
        tag("button", "Pause", id="pause", type="button", hidden=True),
        class_="live",
    )


def _list(news: NewsPage) -> Markup:
    empty = tag("p", _why_empty(news), id="empty", class_="empty", hidden=bool(news.items))
    listed = tag(
        "ol",
        rows(news.items, now=news.now),
        id="items",
        class_="rows",
        data_head=news.head if news.is_newest else None,
    )
    return joined(empty, listed)


def _why_empty(news: NewsPage) -> str:
    if news.filters:
        return "Nothing suits these filters yet."
    if news.waiting_for:
        return f"Nothing is stored yet: waiting for {', '.join(news.waiting_for)}."
    return "Nothing is stored yet."


def _older(news: NewsPage) -> Markup:
    # There without a target too: `console.js` gives it one where it had to leave out rows.
    path = links.news_path(**news.filters, cursor=news.older) if news.older else None
    return tag("p", tag("a", "Older", href=path, id="older"), class_="older", hidden=path is None)
