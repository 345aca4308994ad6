"""Feeds, sitemaps and lists of feeds in whatever charset they come."""

from __future__ import annotations

from pathlib import Path

import pytest

from wiredesk.documents import opml
from wiredesk.documents.parse import parse
from wiredesk.roles.feeds.subscriptions import read_file
from wiredesk.roles.pages.extract.tree import decoded

URL = "https://quay.example/feed"


def rss(title: str, *, declared: str = "utf-8") -> str:
    return (
        f'<?xml version="1.0" encoding="{declared}"?>\n<rss version="2.0"><channel><title>Quay</title>'
        f"<item><title>{title}</title><link>https://quay.example/1</link></item></channel></rss>"
    )


def title_of(body: bytes, *, content_type: str = "") -> str:
    return parse(body, url=URL, content_type=content_type).entries[0].title


def test_one_broken_byte_spoils_one_character() -> None:
    body = rss("Żółć nad portem — новости дня#").encode().replace(b"#", b"\xe6")

    assert title_of(body) == "Żółć nad portem — новости дня\ufffd"


@pytest.mark.parametrize("content_type", ["text/xml; charset=windows-1251", "text/xml", "text/xml; charset=utf-8"])
def test_a_declaration_that_cannot_be_true_is_not_believed(content_type: str) -> None:
    assert title_of(rss("Новости порта").encode("cp1251"), content_type=content_type) == "Новости порта"


def test_a_declaration_that_can_be_true_goes_before_the_header() -> None:
    body = rss("Новости", declared="koi8-r").encode("koi8-r")

    assert title_of(body, content_type="text/xml; charset=iso-8859-1") == "Новости"


def test_a_label_is_read_as_browsers_do() -> None:
    assert title_of(rss("오똠리", declared="euc-kr").encode("cp949")) == "오똠리"
    assert title_of(rss("„Ja“ – 5 €", declared="iso-8859-1").encode("cp1252")) == "„Ja“ – 5 €"


def test_a_sitemap_whose_header_alone_names_its_charset_is_read() -> None:
    body = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
    <url><loc>https://quay.example/1</loc><news:news><news:title>Новости порта</news:title></news:news></url></urlset>"""

    assert title_of(body.encode("cp1251"), content_type="text/xml; charset=windows-1251") == "Новости порта"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251"])
def test_a_list_of_feeds_is_read_in_its_charset(codec: str, tmp_path: Path) -> None:
    declared = "windows-1251" if codec == "cp1251" else "UTF-16" if "16" in codec else "utf-8"
    body = (
        f'<?xml version="1.0" encoding="{declared}"?><opml><body>'
        '<outline text="Новости порта" xmlUrl="https://quay.example/feed"/></body></opml>'
    ).encode(codec)
    path = tmp_path / "feeds.opml"
    path.write_bytes(body)

    assert opml.read(body).outlines[0].title == "Новости порта"
    assert [wanted.url for wanted in read_file(path).feeds] == ["https://quay.example/feed"]


@pytest.mark.parametrize(
    ("declared", "codec", "charset", "text"),
    [
        ("iso-8859-1", "cp1252", None, "„Das reicht nicht“ – 1,9 Millionen € …"),
        ("euc-kr", "cp949", None, "오똠리"),
        ("utf-8", "cp1251", "windows-1251", "Новости порта"),
        ("windows-1251", "cp1251", "utf-8", "Новости порта"),
    ],
)
def test_a_page_is_read_as_browsers_do(declared: str, codec: str, charset: str | None, text: str) -> None:
    page = f'<html><head><meta charset="{declared}"></head><body>{text}</body></html>'

    assert text in decoded(page.encode(codec), charset=charset)
