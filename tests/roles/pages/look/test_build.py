from __future__ import annotations

from wiredesk.roles.pages.extract.comments import FoundComment
from wiredesk.roles.pages.look.build import merged


def _comment(number: int, text: str, *, parent: int | None = None) -> FoundComment:
    return FoundComment(text=text, native_id=str(number), parent=parent)


def test_comments_that_only_the_feed_has_keep_whom_they_answer() -> None:
    in_feed = [
        _comment(1, "on the page as well"),
        _comment(2, "answers it", parent=0),
        _comment(3, "and that", parent=1),
    ]

    found = merged([_comment(7, "another"), _comment(1, "on the page as well")], in_feed)

    assert [comment.native_id for comment in found] == ["7", "1", "2", "3"]
    assert [comment.parent for comment in found] == [None, None, 1, 2]


def test_of_a_comment_that_both_have_the_page_says_whom_it_answers() -> None:
    on_page = [_comment(1, "first"), _comment(2, "second", parent=0)]

    found = merged(on_page, [_comment(2, "second"), _comment(1, "first")])

    assert [comment.parent for comment in found] == [None, 0]
