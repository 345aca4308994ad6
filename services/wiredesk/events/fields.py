"""What every field of the events means, for the published schemas and `docs/events.md`; inherited ones stand once."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

FIELDS: Mapping[str, Mapping[str, str]] = {
    "Times": {
        "published": "when the publisher says it was published",
        "seen": "when its feed showed it first",
        "fetched": "when its page was fetched; absent where the feed's own content was taken",
        "collected": "when article or comment had been taken out",
        "deduplicated": "when the verdict was given",
        "geotagged": "when places and regions were found",
    },
    "Extraction": {
        "method": "how the text was got: trafilatura, feed, json-ld, microdata, ids, groups and so on",
        "confidence": "how far it can be trusted, 0 to 1",
        "source": "`page`, or `feed` where the page could not be had and the feed's own content was taken",
    },
    "Verdict": {
        "kind": "`new`, `revision` (a changed text of an item known) or `duplicate` (a copy of another item)",
        "of": "of a revision the item's own id, of a duplicate the id of the original",
        "how": "what told: capture, content, origin, sketch and so on",
        "score": "how alike the two are, 0 to 1, where that was measured",
        "changed": "names of the fields that changed, of a revision",
        "campaign": "comments with the same text under several articles share this name",
    },
    "Story": {
        "id": "the story's id: that of the article that founded it",
        "sources": "how many publishers had told it when this was judged",
        "items": "how many articles it had",
        "first_seen": "when its first article was seen",
    },
    "Place": {
        "field": "`title` or `text`",
        "text": "the name as it stands there",
        "start": "where it begins in the field, in code points",
        "end": "where it ends, exclusive",
        "name": "the place's usual name",
        "kind": "country, unit (first level below it), city and so on",
        "geoname_id": "its GeoNames id",
        "latitude": "degrees, WGS 84",
        "longitude": "degrees, WGS 84",
        "country": "ISO 3166-1 alpha-2",
        "unit": "ISO 3166-2",
        "confidence": "how sure the name means this place, 0 to 1",
    },
    "Region": {
        "code": "ISO 3166-1 (`SY`), ISO 3166-2 (`SY-HL`), UN M49 (`145`) or the code of an own area",
        "name": "its English name, of an own area the one that it was given",
        "kind": "country, unit, m49 or area",
        "score": "how much the item is about it, 0 to 1; regions come best first",
    },
    "Match": {
        "field": "the field of the item",
        "start": "where the match begins, in code points",
        "end": "where it ends, exclusive",
    },
    "Entry": {
        "id": "the entry's id within its feed: by guid, else link, else title and day",
        "feed": "URL of the feed",
        "guid": "its guid as published; empty where it has none",
        "url": "its link, absolute",
        "title": "plain text",
        "summary": "HTML as published",
        "content": "HTML as published; empty where the feed gives none",
        "authors": "names",
        "published_at": "as the feed says; a date in the future is taken as now",
        "updated_at": "as the feed says",
        "language": "of the entry or the feed, as published",
        "tags": "categories",
        "comments_url": "page of its comments",
        "comments_feed": "feed of its comments",
        "comments_count": "how many comments the feed says there are",
        "revision": "digest of title, text and link: another one means that it was edited",
        "times": "when what happened",
    },
    "CollectedArticle": {
        "id": "the article's id: it never changes, whatever URL leads to the article",
        "capture": "digest of id, title and text: the same for a replay, another for a changed text",
        "entry": "id of the entry that led to it",
        "url": "its canonical URL, where the page declares an acceptable one, else where it was fetched",
        "fetched_url": "where it was fetched, after redirects",
        "origin_url": "a canonical URL on another domain: this page says that it is a copy of that",
        "feed": "URL of the feed that led to it",
        "source": "registrable domain of the page",
        "site": "the site's name, as it calls itself",
        "title": "plain text",
        "text": "plain text, paragraphs apart by an empty line, without title, boilerplate and comments",
        "markdown": "the same with headings, lists, quotations and links",
        "authors": "names",
        "published_at": "as the page says, else the feed",
        "modified_at": "as the page says, else the feed",
        "language": "ISO 639, as declared",
        "section": "the site's own",
        "tags": "keywords and categories",
        "image": "URL of the leading image",
        "paywalled": "whether the page says that only a part is free",
        "words": "how many the text has",
        "truncated": "whether the text was cut to what the log takes",
        "extraction": "how the text was got",
        "times": "when what happened",
    },
    "JudgedArticle": {"verdict": "what dedupe found", "story": "the story it belongs to, as it stood then"},
    "Article": {"places": "places named in title and text, in order", "regions": "regions in focus, best first"},
    "CollectedComment": {
        "id": "the comment's id: by the platform's own number, else by article, author and text",
        "capture": "digest of id and text: another for an edited comment",
        "article_id": "id of the article it stands under; also the record's key",
        "url": "URL of that article",
        "permalink": "its own URL",
        "author": "the name shown; empty where none is",
        "text": "plain text",
        "posted_at": "as the page says",
        "edited_at": "as the page says",
        "parent_id": "id of the comment it answers",
        "position": "place on the page, from 0",
        "depth": "0 for a top-level comment",
        "likes": "as the page says",
        "deleted": "whether the page says that it was removed",
        "inferred": "whether its borders were guessed from the layout, not marked up",
        "platform": "wordpress, disqus and so on, where known",
        "extraction": "how it was got",
        "times": "when what happened",
    },
    "JudgedComment": {"verdict": "what dedupe found"},
    "Comment": {
        "places": "places named in the text, in order",
        "regions": "regions in focus, best first",
        "inherited": "whether the regions are its article's, as it names no place itself",
    },
    "StoryChanged": {
        "id": "the story's id",
        "item": "id of the article that joined or founded it",
        "source": "registrable domain of that article",
        "story": "the story with it",
        "times": "of the article",
    },
    "FeedChanged": {
        "feed": "URL of the feed",
        "change": "`failing`, `dormant`, `back` or `entry_removed`",
        "reason": "a sentence for people",
        "entry": "id of the entry that left the feed",
        "at": "when it was noticed",
    },
    "Alert": {
        "id": "the alert's id; one a rule and story",
        "rule": "the rule's name; also the record's key",
        "query": "the rule's query, as it was",
        "item": "id of the article or comment that matched",
        "story": "the story, or the article where it belongs to none",
        "reason": "why, in words",
        "matched": "where the query matched",
        "times": "of the item",
    },
}
"""By struct and field."""


def meaning(struct: type[msgspec.Struct], field: str) -> str:
    """What `field` of `struct` means, said by it or by what it inherits from. Raises `KeyError` where nobody says."""
    for ancestor in struct.__mro__:
        if field in FIELDS.get(ancestor.__name__, {}):
            return FIELDS[ancestor.__name__][field]
    raise KeyError(f"{struct.__name__}.{field} is not described in FIELDS")
