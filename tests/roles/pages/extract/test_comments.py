"""Readers' comments, in the ways that pages mark them up."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from wiredesk.roles.pages.extract import comments, structured, tree
from wiredesk.roles.pages.extract.comments import CommentSection

WORDPRESS = """
<article><p>Story.</p></article>
<div id="comments"><ol class="commentlist">
  <li id="comment-11" class="comment depth-1"><div id="div-comment-11">
    <cite class="fn">Marta</cite> <time datetime="2026-11-20T10:00:00Z">20 November</time>
    <div class="comment-content"><p>First of all.</p><p>And then.</p></div><a class="comment-reply-link">Reply</a></div>
    <ol class="children"><li id="comment-12" class="comment depth-2">
      <cite class="fn">Jo</cite><div class="comment-content"><p>An answer.</p></div></li></ol></li>
  <li id="comment-13" class="pingback depth-1"><div class="comment-content"><p>[...] quoted elsewhere [...]</p></div></li>
</ol></div>"""

MICRODATA = """
<div itemscope itemtype="https://schema.org/Comment"><span itemprop="author">Ana</span>
  <div itemprop="text">Once.</div>
  <div itemscope itemtype="https://schema.org/Comment"><span itemprop="author">Ben</span><div itemprop="text">Twice.</div></div>
</div>"""

JSON_LD = """<script type="application/ld+json">{"@type": "NewsArticle", "comment": [
  {"@type": "Comment", "@id": "https://a.example/x#comment-7", "text": "One.", "author": {"name": "Eva"}, "upvoteCount": 4,
   "dateCreated": "2026-11-20T10:00:00Z", "comment": [{"@type": "Comment", "text": "Two.", "author": "Gil"}]}]}</script>"""

BLOGGER = """<dl><dd class="comment-body" id="c1234567890"><p>Read by many.</p></dd></dl>"""

UNNUMBERED = """
<section class="comments"><div class="comment odd first"><div class="comment-meta"><span class="comment-author">Lea</span>
  <span class="comment-date">8. Dezember 2010 um 10:56</span></div><div class="comment-text">So it goes.</div></div>
<div class="comment even"><div class="comment-meta"><span class="comment-author">Max</span>
  <span class="comment-date">9. Dezember 2010 um 8:01</span></div><div class="comment-text">Or not.</div></div></section>"""

IN_SIDEBAR = f'<div class="sidebar-right">{WORDPRESS}</div>'

TEASERS = """<ol><li class="list-item comment"><h3><a href="/a">Comment: the budget is a chance for the Tories</a></h3>
  <span class="author">P. Johnston</span><time datetime="2026-11-20">20 November</time></li>
<li class="list-item comment"><h3><a href="/b">Comment: entitlement culture has won</a></h3>
  <span class="author">J. Moore</span><time datetime="2026-11-19">19 November</time></li></ol>"""

WHOLE_PAGE = """<article class="post comment-open"><h1>Title</h1><span class="author">Ana</span><time datetime="2026-11-20"></time>
<p>The story itself.</p></article>"""

WIDGET = """<aside class="recent-comments"><ul><li id="comment-3">Otto on another story</li></ul></aside>"""


def found(html: str) -> CommentSection:
    page = tree.parse(f"<html><body>{html}</body></html>".encode())
    return comments.find(page, structured.linked_objects(page))


def said(html: str) -> list[tuple[str, str, int | None]]:
    """Author, text and parent of each comment."""
    return [(one.author, one.text, one.parent) for one in found(html).comments]


@pytest.mark.parametrize(
    ("html", "method", "expected"),
    [
        (WORDPRESS, "ids", [("Marta", "First of all.\nAnd then.", None), ("Jo", "An answer.", 0)]),
        (MICRODATA, "microdata", [("Ana", "Once.", None), ("Ben", "Twice.", 0)]),
        (JSON_LD, "json-ld", [("Eva", "One.", None), ("Gil", "Two.", 0)]),
        (BLOGGER, "ids", [("", "Read by many.", None)]),
        (UNNUMBERED, "groups", [("Lea", "So it goes.", None), ("Max", "Or not.", None)]),
        (IN_SIDEBAR, "ids", [("Marta", "First of all.\nAnd then.", None), ("Jo", "An answer.", 0)]),
    ],
    ids=["WordPress", "microdata", "JSON-LD", "Blogger", "unnumbered", "in a sidebar"],
)
def test_comments_come_with_author_text_and_what_they_answer(
    html: str, method: str, expected: list[tuple[str, str, int | None]]
) -> None:
    assert said(html) == expected
    assert found(html).method == method


def test_numbers_times_and_likes_are_kept_where_the_page_gives_them() -> None:
    wordpress, linked = found(WORDPRESS).comments[0], found(JSON_LD).comments[0]

    assert (wordpress.native_id, wordpress.platform) == ("11", "wordpress")
    assert (linked.native_id, linked.likes) == ("7", 4)
    assert wordpress.posted_at == linked.posted_at is not None


@pytest.mark.parametrize(
    "html",
    [WIDGET, TEASERS, WHOLE_PAGE],
    ids=["comments of other stories", "teasers of opinions", "the article itself"],
)
def test_what_only_looks_like_comments_is_left_alone(html: str) -> None:
    assert found(html) == CommentSection()


def test_a_date_in_words_is_read_in_the_language_of_the_page() -> None:
    assert [one.posted_at for one in found(UNNUMBERED).comments] == [
        datetime(2010, 12, 8, 10, 56, tzinfo=UTC),
        datetime(2010, 12, 9, 8, 1, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    "html",
    [
        '<section id="comments"></section>',
        '<div class="layout comments-area"></div>',
        '<form action="/wp-comments-post.php"></form>',
        '<script type="application/ld+json">{"@type": "NewsArticle", "commentCount": 0}</script>',
    ],
)
def test_an_empty_place_for_comments_invites_them(html: str) -> None:
    assert found(html).invites


@pytest.mark.parametrize("html", ['<a class="comments" href="#c">3</a>', WIDGET, "<p>No comments.</p>"])
def test_a_mere_mention_of_comments_invites_none(html: str) -> None:
    assert not found(html).invites
