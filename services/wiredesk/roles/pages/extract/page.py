"""Everything taken out of one page; what a worker process runs."""

from __future__ import annotations

from dataclasses import dataclass

from lxml.html import HtmlElement

from wiredesk.roles.pages.extract import article, comments, metadata
from wiredesk.roles.pages.extract.structured import linked_objects
from wiredesk.roles.pages.extract.tree import parse


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedPage:
    """A page taken apart; `body` is None where it holds no article, `invites_comments` where it has a place for them."""

    metadata: metadata.Metadata
    body: article.Body | None
    comments: tuple[comments.FoundComment, ...]
    comments_method: str
    invites_comments: bool


def extract(body: bytes, url: str, charset: str | None) -> ExtractedPage:
    """The page at `url`. Raises `Malformed` where `body` holds no HTML.

    Comments are found and cut out first, so that none is taken for the article.
    """
    tree = parse(body, charset=charset)
    objects = linked_objects(tree)
    described = metadata.read(tree, objects, url=url)
    thread = comments.find(tree, objects)
    for element in thread.elements:
        _cut(element)
    return ExtractedPage(
        metadata=described,
        body=article.extract(tree, url=url, title=described.title),
        comments=thread.comments,
        comments_method=thread.method,
        invites_comments=thread.invites,
    )


def _cut(element: HtmlElement) -> None:
    # An item inside another one has gone with it.
    if element.getparent() is not None:
        element.drop_tree()
