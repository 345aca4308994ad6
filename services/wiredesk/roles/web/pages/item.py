"""The page of one item: its text, where it plays, who else has it, and what readers say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wiredesk.database.items import StoredItem
from wiredesk.events import Article, Comment, Place
from wiredesk.roles.web.pages import layout, links, moments, rows
from wiredesk.roles.web.pages.comment_tree import ThreadedComment, threaded
from wiredesk.roles.web.pages.markup import NOTHING, Markup, joined, tag

DEEPEST = 6
"""Levels that are set in; at 360 pixels more would leave no room for words."""

_PARAGRAPH = re.compile(r"\S.*?(?=\n[^\S\n]*\n|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An item with the stored comments on it."""

    item: StoredItem
    comments: Sequence[Comment]
    now: datetime
    may_leave: bool


def page(shown: Shown) -> str:
    """The whole page."""
    title = rows.title_of(shown.item)
    language = rows.language(shown.item)
    event = shown.item.event
    article = tag(
        "article",
        tag(
            "h1",
            title if isinstance(event, Article) else ["Comment by ", rows.author(event)],
            lang=language,
            dir="auto",
        ),
        _byline(shown),
        rows.regions(shown.item, most=50),
        tag("div", marked(event.text, event.places), class_="text", lang=language, dir="auto"),
    )
    main = layout.main(article, _beside(shown), _comments(shown), class_="item")
    return layout.document(title, main, here=layout.ELSEWHERE, may_leave=shown.may_leave)


def _byline(shown: Shown) -> Markup:
    event = shown.item.event
    if isinstance(event, Comment):
        posted = tag("span", "posted ", moments.instant(event.posted_at)) if event.posted_at else NOTHING
        origin = links.outward(event.permalink or event.url, "on the page")
        about = tag("a", "the article", href=links.item_path(event.article_id))
        return tag("p", layout.together(posted, origin, about, rows.verdict(event)), class_="facts")
    authors = tag("span", f"by {', '.join(event.authors)}") if event.authors else NOTHING
    published = tag("span", "published ", moments.instant(event.published_at)) if event.published_at else NOTHING
    return tag(
        "p",
        layout.together(
            links.outward(event.url, event.source, class_="source"),
            authors,
            published,
            rows.verdict(event),
            tag("span", f"{event.words} words") if event.words else NOTHING,
        ),
        class_="facts",
    )


def marked(text: str, places: Sequence[Place]) -> Markup:
    """The paragraphs of `text` with the names of places marked."""
    within = sorted((place for place in places if place.field == "text"), key=lambda place: (place.start, -place.end))
    return joined(
        [tag("p", _with_marks(text, match.start(), match.end(), within)) for match in _PARAGRAPH.finditer(text)]
    )


def _with_marks(text: str, start: int, end: int, places: Sequence[Place]) -> list[Markup | str]:
    pieces: list[Markup | str] = []
    at = start
    for place in places:
        if at <= place.start < place.end <= end:  # of overlapping ones the first
            pieces += [text[at : place.start], tag("mark", text[place.start : place.end], title=_told(place))]
            at = place.end
    return [*pieces, text[at:end]]


def _told(place: Place) -> str:
    return f"{place.name} ({', '.join(part for part in (place.kind, place.unit or place.country) if part)})"


def _beside(shown: Shown) -> Markup:
    return tag("aside", _places(shown), _sources(shown), _times(shown), aria_label="About this item")


def _places(shown: Shown) -> Markup:
    places = {(place.name, place.unit or place.country or ""): place for place in shown.item.event.places}
    if not places:
        return NOTHING
    listed = [
        tag("li", name, tag("span", f" {where}", class_="code") if where else NOTHING, f" · {place.kind}")
        for (name, where), place in sorted(places.items())
    ]
    return joined(tag("h2", "Places"), tag("ul", listed, class_="plain"))


def _sources(shown: Shown) -> Markup:
    item = shown.item
    if not isinstance(item.event, Article):
        return NOTHING
    also = [
        tag("li", links.outward(sighting.url, sighting.source), " ", moments.age(sighting.seen, now=shown.now))
        for sighting in item.sources
    ]
    story = item.event.story
    return joined(
        tag("h2", "Sources"),
        tag("ul", tag("li", links.outward(item.event.url, item.event.source)), also, class_="plain"),
        tag("p", tag("a", "The whole story", href=links.news_path(story=story.id))) if story else NOTHING,
    )


def _times(shown: Shown) -> Markup:
    times = shown.item.event.times
    known = (
        ("first seen", shown.item.first_seen),
        ("seen", times.seen),
        ("fetched", times.fetched),
        ("collected", times.collected),
        ("stored", shown.item.stored_at),
    )
    terms = [joined(tag("dt", name), tag("dd", moments.instant(at))) for name, at in known if at is not None]
    return joined(tag("h2", "Times"), tag("dl", terms))


def _comments(shown: Shown) -> Markup:
    if not isinstance(shown.item.event, Article):
        return NOTHING
    count, total = len(shown.comments), shown.item.comments
    heading = f"{count or 'No'} comment{'s' if count != 1 else ''}" + (f" of {total}" if total > count else "")
    turns = tag("ol", [_turn(turn) for turn in threaded(shown.comments)], class_="thread")
    return tag("section", tag("h2", heading, id="comments"), turns if count else NOTHING, aria_labelledby="comments")


def _turn(turn: ThreadedComment) -> Markup:
    comment = turn.comment
    answers = (
        tag("a", "to ", rows.author(turn.answers), href=f"#{_anchor(turn.answers)}", class_="answers")
        if turn.answers
        else NOTHING
    )
    posted = moments.instant(comment.posted_at) if comment.posted_at else NOTHING
    likes = rows.counted(comment.likes, "like") if comment.likes else NOTHING
    words = marked(comment.text, comment.places) if comment.text.strip() else tag("p", "(deleted)", class_="hint")
    return tag(
        "li",
        tag(
            "p",
            layout.together(tag("b", rows.author(comment)), answers, posted, likes, rows.verdict(comment)),
            class_="facts",
        ),
        tag("div", words, dir="auto", class_="words"),
        id=_anchor(comment),
        class_=f"turn depth-{min(turn.depth, DEEPEST)}",
    )


def _anchor(comment: Comment) -> str:
    return f"c-{comment.id}"
