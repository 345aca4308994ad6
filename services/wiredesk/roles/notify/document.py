"""Items as queries see them."""

from __future__ import annotations

from wiredesk import urls
from wiredesk.events import Article, Comment
from wiredesk.query.match import Document, document
from wiredesk.text import hosts


def document_of(item: Article | Comment, *, story: str) -> Document:
    """The words and facts of `item`, which belongs to `story`."""
    regions = [region.code for region in item.regions]
    if isinstance(item, Comment):
        return document(
            texts={"text": item.text, "author": item.author},
            facts={
                "kind": ["comment"],
                "region": regions,
                "source": hosts.forms(urls.site_of(item.url)),
                "story": [story],
            },
        )
    return document(
        texts={
            "title": item.title,
            "text": item.text,
            "author": "\n".join(item.authors),
            "tag": "\n".join(item.tags),
        },
        facts={
            "kind": ["article"],
            "region": regions,
            "source": hosts.forms(item.source),
            "feed": [urls.subscribed(item.feed)],
            "story": [story],
            "lang": [item.language.partition("-")[0], item.language] if item.language else [],
        },
    )
