"""Lists of feeds."""

import pytest

from wiredesk.documents.opml import Outline, read, write
from wiredesk.errors import Malformed

LIST = [
    Outline(url="https://a.example/f?x=1&y=2", title="A <b>"),
    Outline(url="https://b.example/f", home="https://b.example/"),
]


def test_what_is_written_is_read() -> None:
    again = read(write(LIST, title="Mine")).outlines

    assert [outline.url for outline in again] == [outline.url for outline in LIST]
    assert again[1].home == "https://b.example/"


def test_folders_are_flattened_and_other_outlines_left_out() -> None:
    body = b"""<opml><body><outline text="News"><outline text="A" xmlurl="https://a.example/f"/>
    <outline text="again" xmlUrl="https://a.example/f"/><outline text="bad" xmlUrl="file:///etc/passwd"/></outline></body></opml>"""

    assert [(outline.url, outline.title) for outline in read(body).outlines] == [("https://a.example/f", "A")]


def test_halves_of_an_emoji_in_a_title_are_the_emoji() -> None:
    body = b"""<opml><body><outline text="A &#55357;&#56832; &#xDE00;" xmlUrl="https://a.example/f"/></body></opml>"""

    assert [outline.title for outline in read(body).outlines] == ["A \U0001f600"]


def test_a_title_that_xml_cannot_carry_does_not_stop_the_list() -> None:
    again = read(write([Outline(url="https://a.example/f", title="A\uffff\x07")], title="Mine\ufffe")).outlines

    assert [outline.title for outline in again] == ["A"]


@pytest.mark.parametrize("body", [b"", b"<rss/>", b"no list"])
def test_what_is_no_list_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(body)


def test_a_list_that_defines_entities_is_refused() -> None:
    body = b"""<!DOCTYPE opml [<!ENTITY a "aa">]><opml><body><outline xmlUrl="https://a.example/&a;"/></body></opml>"""

    with pytest.raises(Malformed, match="entities"):
        read(body)


def test_users_are_taken_out_of_urls_and_out_of_complaints() -> None:
    body = b"""<opml><body><outline xmlUrl="https://bob:s3cret@a.example/f"/><outline xmlUrl="https://a.example/f"/>
    <outline xmlUrl="https://bob:s3cret@a.example:99999/f"/></body></opml>"""

    listed = read(body)

    assert [(outline.url, outline.login) for outline in listed.outlines] == [("https://a.example/f", "bob:s3cret")]
    assert listed.left_out[0] == "line 1: https://a.example/f stands here for another user"
    assert "s3cret" not in str(listed) + repr(listed)
