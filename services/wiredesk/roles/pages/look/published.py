"""Remembers what was published of a page, so that each look publishes only what is new.

A comment may stand on the page and in the comment feed, which are looked at apart. It is one comment: known by its id,
by the platform's number, else by its words. Whichever showed it first has it published; the other's sight of it is
remembered and not published, though it may add a time or an author: the two word the same comment a little differently
(mark-up, quotes, cuts), so a second version for every comment of every page would be a flood of revisions that nobody
made. From then on each is compared with its own last sight, so an edit that either shows is a revision, once from each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self, TypeAlias, TypeVar

import msgspec

from wiredesk.events import CollectedArticle, CollectedComment, digest
from wiredesk.roles.pages.look import identity
from wiredesk.text.invisible import without_controls

MAX_ITEMS = 2_000
"""More comments than this are published again at the next look, which changes nothing downstream."""

SeenAt: TypeAlias = Literal["page", "feed"]

Collected = TypeVar("Collected", CollectedArticle, CollectedComment)


class Sight(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """An item as it was last seen: captures by where it stood, and under which capture it was published last."""

    page: str = ""
    feed: str = ""
    last: str = ""
    number: str = ""  # the platform's, of a comment
    words: str = ""  # digest of a comment's folded text


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenComment:
    """A comment of this look, with the platform's number as it stood there."""

    event: CollectedComment
    number: str = ""


class Published(msgspec.Struct, frozen=True, omit_defaults=True):
    """By the id of article or comment; `earlier` are captures of whose items no more is known."""

    items: dict[str, Sight] = {}
    earlier: tuple[str, ...] = ()

    @classmethod
    def decoded(cls, raw: bytes) -> Self:
        """From a row; raises a msgspec error where another version wrote it."""
        return msgspec.json.decode(raw, type=cls) if raw else cls()

    def encoded(self) -> bytes:
        """The encoded form for a row."""
        return msgspec.json.encode(self)

    def with_items(self, sights: Mapping[str, Sight]) -> Published:
        """With these seen last; what was seen longest ago is forgotten first, the article never."""
        if not sights:
            return self
        kept = {name: sight for name, sight in self.items.items() if name not in sights}
        items = kept | dict(sights)
        article = next(iter(self.items), next(iter(items)))  # whatever comes of a page, its article came first
        others = [item for item in items.items() if item[0] != article][-MAX_ITEMS:]
        return msgspec.structs.replace(self, items={article: items[article], **dict(others)})


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What of a look is to be published, in order, and how all of it is remembered."""

    events: tuple[CollectedArticle | CollectedComment, ...] = ()
    sights: Mapping[str, Sight]
    has_comments: bool = False

    def and_also(self, other: News) -> News:
        """This one, followed by the other."""
        return News(
            events=self.events + other.events,
            sights={**self.sights, **other.sights},
            has_comments=self.has_comments or other.has_comments,
        )


def article_news(article: CollectedArticle, published: Published, *, always: bool) -> News:
    """An article that says something else than it last did, or one that is `always` news.

    Where a text goes back to what it was before, its capture is another than the first time: it is a revision.
    """
    known = published.items.get(article.id, Sight())
    plain = article.capture
    event = _revised(article, known, was=known.page)
    is_known = plain == known.page or (not known.page and plain in published.earlier and not always)
    if is_known:
        event = msgspec.structs.replace(article, capture=known.last or plain)
    sights = {article.id: Sight(page=plain, last=event.capture)}
    return News(events=(event,) if always or not is_known else (), sights=sights)


def comment_news(comments: Sequence[SeenComment], published: Published, *, place: SeenAt) -> News:
    """Comments that were not seen before, and those that say something else than when they were last seen there."""
    names = _known_names(comments, published, place)
    events: list[CollectedComment] = []
    sights: dict[str, Sight] = {}
    for comment in comments:
        event = _named(comment.event, names)
        known = published.items.get(event.id)
        was = getattr(known, place) if known else ""
        revised = _revised(event, known or Sight(), was=was)
        is_new = known is None and event.capture not in published.earlier
        if is_new or (was and was != event.capture):
            events.append(revised)
            last = revised.capture
        else:
            last = known.last if known else event.capture
        sights[event.id] = _seen(known or Sight(), comment, event, place=place, last=last)
    return News(events=tuple(events), sights=sights, has_comments=bool(comments))


def _seen(known: Sight, comment: SeenComment, event: CollectedComment, *, place: SeenAt, last: str) -> Sight:
    return Sight(
        page=event.capture if place == "page" else known.page,
        feed=event.capture if place == "feed" else known.feed,
        last=last,
        number=known.number or without_controls(comment.number)[:40],
        words=_words(event),
    )


def _revised(event: Collected, known: Sight, *, was: str) -> Collected:
    """The event under the capture of what it now says, after what it said last."""
    if not was or was == event.capture:
        return event
    return msgspec.structs.replace(event, capture=digest("capture", event.capture, known.last or was))


def _known_names(comments: Sequence[SeenComment], published: Published, place: SeenAt) -> dict[str, str]:
    """The ids under which comments of this look are known already, where it is another than their own.

    Equal words are one comment only where the other place shows it; each such comment is taken once.
    """
    own = {comment.event.id for comment in comments}
    elsewhere = {
        name: sight
        for name, sight in published.items.items()
        if name not in own and (sight.feed if place == "page" else sight.page) and sight.words
    }
    by_number = {sight.number: name for name, sight in elsewhere.items() if sight.number}
    by_words: dict[str, list[str]] = defaultdict(list)
    for name, sight in elsewhere.items():
        by_words[sight.words].append(name)
    names: dict[str, str] = {}
    taken: set[str] = set()
    for comment in comments:
        if comment.event.id in published.items:
            continue
        worded = (name for name in by_words.get(_words(comment.event), ()) if name not in taken)
        same = by_number.get(comment.number) or next(worded, None)
        if same is not None:
            names[comment.event.id] = same
            taken.add(same)
    return names


def _named(event: CollectedComment, names: Mapping[str, str]) -> CollectedComment:
    """The event under the id that it is known by, answering whom it answers under the id that one is known by."""
    name = names.get(event.id, event.id)
    parent = names.get(event.parent_id, event.parent_id) if event.parent_id else None
    if (name, parent) == (event.id, event.parent_id):
        return event
    capture = identity.comment_capture(name, text=event.text)
    return msgspec.structs.replace(event, id=name, capture=capture, parent_id=parent if parent != name else None)


def _words(event: CollectedComment) -> str:
    return digest(identity.folded(event.text))[:16]
