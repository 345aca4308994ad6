"""Comment feeds."""

from tests.web import item, rss
from wiredesk.documents.comments import parse_comments

URL = "https://paper.example/one/feed"


def test_comments_are_oldest_first_and_know_their_parents() -> None:
    answer = item(
        "2",
        text="reply",
        extra="<pubDate>Tue, 06 Jan 2026 11:00:00 GMT</pubDate><author>ann@x.example (Ann)</author>"
        '<thr:in-reply-to xmlns:thr="http://purl.org/syndication/thread/1.0" ref="guid-1"/>',
    )
    first = item(
        "1",
        text="first",
        extra="<pubDate>Tue, 06 Jan 2026 10:00:00 GMT</pubDate>"
        '<thr:in-reply-to xmlns:thr="http://purl.org/syndication/thread/1.0" ref="the-article"/>',
    )

    comments = parse_comments(rss(answer, first).encode(), url=URL)

    assert [(c.guid, c.html, c.author, c.parent_guid) for c in comments] == [
        ("guid-1", "first", "", None),
        ("guid-2", "reply", "Ann", "guid-1"),
    ]


def test_comments_without_text_are_left_out() -> None:
    assert parse_comments(rss("<item><title>x</title></item>").encode(), url=URL) == ()
