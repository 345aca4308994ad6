"""How the feeds do: the sick ones first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from wiredesk.database.feed_rows import STATES
from wiredesk.database.feeds import FeedStatus, Overview
from wiredesk.roles.web.pages import layout, links, moments
from wiredesk.roles.web.pages.markup import NOTHING, Markup, joined, tag

ORDER: Final = STATES
BESIDE_THE_NEWS: Final = 12
MOST: Final = 1_000


def page(status: Sequence[FeedStatus], *, state: str, now: datetime, may_leave: bool) -> str:
    """All feeds, or those in one state."""
    chosen = [feed for feed in _sorted(status) if not state or feed.state == state]
    left = len(chosen) - MOST
    main = layout.main(
        tag("h1", "Feeds"),
        _counts(Counter(feed.state for feed in status), chosen=state),
        _cards(chosen[:MOST], now=now),
        tag("p", f"and {left} more: `wiredesk feeds status` lists them all") if left > 0 else NOTHING,
        class_="feeds-page",
    )
    return layout.document("Feeds", main, here="/feeds", may_leave=may_leave)


def summary(overview: Overview, *, now: datetime) -> Markup:
    """The part beside the news: how many are well, and the first of them."""
    left = sum(overview.counts.values()) - len(overview.first)
    return tag(
        "aside",
        tag("h2", "Feeds"),
        _counts(overview.counts, chosen=None),
        _cards(overview.first, now=now),
        tag("p", tag("a", f"{left} more", href="/feeds")) if left > 0 else NOTHING,
        id="feeds",
        aria_label="Feeds",
    )


def _sorted(status: Sequence[FeedStatus]) -> list[FeedStatus]:
    return sorted(status, key=lambda feed: (ORDER.index(feed.state), feed.title.casefold() or feed.url))


def _counts(counts: Mapping[str, int], *, chosen: str | None) -> Markup:
    if not counts:
        return tag("p", "No feeds yet. Add one: ", tag("code", "wiredesk feeds add URL"), class_="empty")
    links_ = [
        tag(
            "a",
            f"{counts[state]} {state}",
            href=f"/feeds?state={state}",
            class_=f"state {state}",
            aria_current="true" if state == chosen else None,
        )
        for state in ORDER
        if counts.get(state)
    ]
    everything = tag("a", "all", href="/feeds") if chosen else NOTHING
    return tag("p", [joined(link, " ") for link in links_], everything, class_="counts")


def _cards(status: Sequence[FeedStatus], *, now: datetime) -> Markup:
    return tag("ul", [_card(feed, now=now) for feed in status], class_="cards")


def _card(feed: FeedStatus, *, now: datetime) -> Markup:
    is_new = feed.state == "ok" and feed.last_polled_at is None
    state = ("not polled yet", "waiting") if is_new else (feed.state, feed.state)
    facts = [
        joined("last success ", moments.age(feed.last_success_at, now=now)) if feed.last_success_at else None,
        "no success yet" if not feed.last_success_at and not is_new else None,
        joined("next poll ", moments.until(feed.next_poll_at, now=now)) if feed.next_poll_at else None,
        f"{feed.entries} entries" if feed.entries else None,
    ]
    return tag(
        "li",
        tag("p", links.outward(feed.url, feed.title or _short(feed.url)), class_="name"),
        tag(
            "p",
            tag("span", state[0], class_=f"state {state[1]}"),
            [joined(" ", tag("span", fact)) for fact in facts if fact is not None],
            class_="facts",
        ),
        tag("p", feed.reason, class_="reason") if feed.reason else NOTHING,
        class_="card",
    )


def _short(url: str) -> str:
    return url.partition("://")[2] or url
