"""Whatever bytes a feed's URL answers with."""

import codecs
import gzip
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web import item, rss
from wiredesk.documents.parse import discover, parse
from wiredesk.errors import Malformed, Overrun
from wiredesk.workers import WorkerLimits, Workers

URL = "https://paper.example/feed/rss"
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="https://atom.example/base/">
<title>Blatt</title><link rel="self" href="/feed"/><link rel="hub" href="https://hub.example/"/><link rel="next" href="?p=2"/>
<entry><id>tag:a,1</id><title type="html">Tom &amp;amp; &lt;b>Jerry&lt;/b></title><link href="one"/>
<published>2026-01-02T03:04:05+02:00</published><updated>2026-01-03T00:00:00Z</updated>
<author><name>Ann</name></author><category term="news"/><content type="html">&lt;p>Long&lt;/p></content>
<link rel="replies" type="application/atom+xml" href="one/comments" xmlns:thr="http://purl.org/syndication/thread/1.0" thr:count="7"/>
</entry></feed>"""
SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://paper.example/old</loc><lastmod>2020-01-01</lastmod></url>
<url><loc>https://paper.example/new</loc><news:news><news:publication><news:name>P</news:name><news:language>en</news:language>
</news:publication><news:publication_date>2026-01-02</news:publication_date><news:title>New &amp; true</news:title></news:news></url>
</urlset>"""


def titles(body: bytes | str, **options: str) -> list[str]:
    body = body if isinstance(body, bytes) else body.encode()
    return [entry.title for entry in parse(body, url=URL, **options).entries]  # type: ignore[arg-type]


def test_rss_is_read_whole() -> None:
    extra = (
        "<pubDate>Tue, 06 Jan 2026 10:00:00 +0100</pubDate><category>politics</category>"
        "<comments>https://paper.example/one#comments</comments><slash:comments>12</slash:comments>"
        "<wfw:commentRss>https://paper.example/one/feed</wfw:commentRss>"
        "<content:encoded><![CDATA[<p>Whole text</p>]]></content:encoded>"
    )
    document = parse(rss(item("one", extra=extra), extra="<ttl>30</ttl><language>en-gb</language>").encode(), url=URL)
    entry = document.entries[0]

    assert (document.format, document.title, document.language) == ("rss20", "A feed", "en-gb")
    assert document.hints.ttl == timedelta(minutes=30)
    assert (entry.guid, entry.url, entry.title) == ("guid-one", "https://paper.example/one", "one")
    assert (entry.summary, entry.content) == ("Text of one", "<p>Whole text</p>")
    assert entry.published_at == datetime(2026, 1, 6, 9, tzinfo=UTC)
    assert (entry.comments_count, entry.comments_feed) == (12, "https://paper.example/one/feed")
    assert (entry.tags, entry.comments_url) == (("politics",), "https://paper.example/one#comments")


def test_atom_is_read_whole() -> None:
    document = parse(ATOM.encode(), url=URL)
    entry = document.entries[0]

    assert (document.format, document.language, document.hub) == ("atom10", "de", "https://hub.example/")
    assert document.next_url == "https://atom.example/base/?p=2"
    assert (entry.url, entry.title, entry.authors) == ("https://atom.example/base/one", "Tom & Jerry", ("Ann",))
    assert entry.published_at == datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)
    assert (entry.content, entry.summary) == ("<p>Long</p>", "")
    assert (entry.comments_feed, entry.comments_count) == ("https://atom.example/base/one/comments", 7)


def test_json_feed_is_read_and_wrong_types_count_as_missing() -> None:
    items = [{"id": 7, "url": "/a", "title": "A", "content_text": "1 < 2"}, {"id": [], "title": 5, "tags": "x"}, "no"]
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()

    first, second = parse(body, url=URL).entries

    assert (first.guid, first.url, first.content) == ("7", "https://paper.example/a", "1 &lt; 2")
    assert (second.guid, second.title, second.tags) == (None, "", ())


@pytest.mark.parametrize("packed", [False, True])
def test_a_news_sitemap_is_read(packed: bool) -> None:
    body = gzip.compress(SITEMAP.encode()) if packed else SITEMAP.encode()
    document = parse(body, url=URL)

    assert document.format == "sitemap-news"
    assert [entry.title for entry in document.entries] == ["", "New & true"]
    assert document.entries[1].published_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert [entry.url for entry in parse(body, url=URL, max_entries=1).entries] == ["https://paper.example/new"]


def test_a_sitemap_whose_gzip_has_several_members_is_read_whole() -> None:
    half = len(SITEMAP) // 2
    body = gzip.compress(SITEMAP[:half].encode()) + gzip.compress(SITEMAP[half:].encode())

    assert len(parse(body, url=URL).entries) == 2


def test_a_sitemap_index_names_sitemaps_and_no_entries() -> None:
    index = "<sitemapindex><sitemap><loc>https://paper.example/1.xml.gz</loc></sitemap></sitemapindex>"
    document = parse(index.encode(), url=URL)

    assert (document.entries, [sitemap.url for sitemap in document.sitemaps]) == (
        (),
        ["https://paper.example/1.xml.gz"],
    )


TEXT = rss(item("Zürich and Łódź"))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (TEXT.encode(), ""),
        (TEXT.encode(), "text/xml; charset=iso-8859-1"),  # valid UTF-8 goes before what the server says
        (TEXT.replace('"1.0"?', '"1.0" encoding="iso-8859-1"?').encode(), ""),
        (codecs.BOM_UTF8 + TEXT.encode(), ""),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "text/xml"),
        (TEXT.encode("utf-16-be"), ""),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), ""),
        (TEXT.encode("iso-8859-2", "xmlcharrefreplace"), "application/rss+xml; charset=iso-8859-2"),
        (TEXT.replace('"1.0"?', '"1.0" encoding="iso-8859-2"?').encode("iso-8859-2", "xmlcharrefreplace"), "text/xml"),
    ],
)
def test_encodings_are_found_out(body: bytes, content_type: str) -> None:
    assert titles(body, content_type=content_type) == ["Zürich and Łódź"]


@pytest.mark.parametrize(
    "body",
    [
        "\n\n<br>PHP notice" + rss(item("a")),
        rss(item("a")).replace('<?xml version="1.0"?>', "<?xml?xml version=1.0 ?>"),
        rss(item("a")).replace("<description>", "<description>R&D &nbsp; "),
        rss(item("a")).replace("Text of", "Text\x0b\x1f of"),
        "<rss rss:version=2.0><rss:channel><rss:item><rss:title>a</rss:title></rss:item></rss:channel></rss>",
        rss(item("a", extra="<content:encoded><![CDATA[never closed</content:encoded>")),
        rss(item("a"))[:-30],
    ],
)
def test_what_is_broken_is_mended(body: str) -> None:
    assert titles(body) == ["a"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "white space"),
        (b"  \n ", "white space"),
        (b"<html><body>Please log in</body></html>", "HTML page"),
        (b"<!doctype html><title>x</title>", "HTML page"),
        (b'<!DOCTYPE html><link rel="alternate" type="application/rss+xml" href="/f">', "https://paper.example/f"),
        (b"<note><to>Tove</to></note>", "first element is note"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "missing"),
        (b'{"version": "https://jsonfeed.org/version/2"}', "JSON with version"),
        (b'{"a": ', "looks like JSON"),
        (b"[" * 100_000, "looks like JSON"),
        (gzip.compress(b"x" * 1000, mtime=0)[:20], "cut off"),
        (b"\x1f\x8brubbish", "broken gzip"),
        (gzip.compress(b"0" * 60_000_000, mtime=0), "unpacks to more"),
    ],
)
def test_what_is_no_feed_is_named(body: bytes, told: str) -> None:
    with pytest.raises(Malformed, match=told.replace("/", r"\/")):
        parse(body, url=URL)


@given(st.binary(max_size=300) | st.text(alphabet="<>/!-[]CDATA&;?= itemrsfdqué\x00", max_size=300).map(str.encode))
def test_any_bytes_are_a_feed_or_malformed(body: bytes) -> None:
    try:
        parse(body, url=URL)
    except Malformed:
        return


def test_a_body_that_is_a_file_name_is_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text(rss(item("secret")))

    with pytest.raises(Malformed):
        parse(str(secret).encode(), url=URL)


def test_controls_never_leave_and_links_are_http() -> None:
    body = rss(item("a&#x7f;\x00b", link="javascript:alert(1)", text="x\x01&#x7f;y"), item("c", link=" /deep\n/c d "))

    first, second = parse(body.encode(), url=URL).entries

    assert (first.title, first.summary, first.url) == ("ab", "xy", None)
    assert second.url == "https://paper.example/deep/c%20d"


def test_known_items_are_not_read_again() -> None:
    old = parse(rss(item("a"), item("b")).encode(), url=URL)
    new = parse(rss(item("c"), item("a"), item("b", text="edited")).encode(), url=URL, known=frozenset(old.slices))

    assert [entry.title for entry in new.entries] == ["c", "b"]
    assert (new.skipped, len(new.slices), new.title) == (1, 3, "A feed")


def test_items_beyond_the_cap_are_counted() -> None:
    document = parse(rss(*(item(str(number)) for number in range(10))).encode(), url=URL, max_entries=3)

    assert ([entry.title for entry in document.entries], document.left_out) == (["0", "1", "2"], 7)


def test_an_empty_item_inside_an_item_is_none() -> None:
    assert titles(rss(item("a", extra="<item></item>"))) == ["a"]


def test_a_page_names_its_feeds() -> None:
    page = b"""<base href="/news/"><link rel="alternate" type="application/rss+xml" href="rss">
    <link rel="stylesheet alternate" type="application/atom+xml" href="https://x.example/atom"><link rel=alternate hreflang=de href=/de>"""

    assert discover(page, url="https://paper.example/") == ("https://paper.example/news/rss", "https://x.example/atom")


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    return f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">{entities}]>{rss(item("&j;"))}'.encode()


HOSTILE = {
    "comment runs": rss(item("a", text="&lt;!--" * 150_000)).encode(),
    "open comments": rss(item("a", text="<!--" * 150_000)).encode(),
    "billion laughs": laughs(),
    "deep nesting": b"<rss><channel>" + b"<a>" * 300_000,
    "empty items": b"<rss><channel>" + b"<item/>" * 140_000,
    "open CDATA": rss(item("a", text="<![CDATA[" * 100_000)).encode(),
    "endless date": rss(item("a", extra="<pubDate>" + "1" * 1_000_000 + "</pubDate>")).encode(),
    "endless tag": b"<rss><channel><item " + b"a='b' " * 150_000,
    "deep JSON": b'{"a":' * 200_000,
    "deep sitemap": b"<urlset>" + b"<url>" * 200_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
async def test_hostile_bodies_end_within_limits(body: bytes) -> None:
    workers = Workers(1)
    limits = WorkerLimits(cpu=timedelta(seconds=2), wall=timedelta(seconds=15), memory_bytes=300 * 1024 * 1024)
    with suppress(Malformed, Overrun):
        await workers.run(_count, body, limits=limits)

    assert await workers.run(_count, rss(item("a")).encode(), limits=limits) == 1


def _count(body: bytes) -> int:
    return len(parse(body, url=URL).entries)


@pytest.mark.parametrize("halves", ["&#55357;&#56832;", "&#xD83D;&#xDE00;"])
def test_an_emoji_as_two_references_is_the_emoji_wherever_it_stands(halves: str) -> None:
    extra = f"<author>Ann {halves}</author><category>{halves}</category><description>Rain {halves}</description>"
    document = parse(rss(item(f"Rain {halves}", extra=extra), item("next")).encode(), url=URL)

    assert [entry.title for entry in document.entries] == ["Rain \U0001f600", "next"]
    assert "\U0001f600" in document.entries[0].tags[0]


@pytest.mark.parametrize("odd", ["&#55357;", "&#xDE00;", "&#0;", "&#xFFFF;", "&#1114112;", "&#7;"])
def test_a_reference_to_no_character_costs_no_other_item(odd: str) -> None:
    assert titles(rss(item(f"Rain {odd}"), item("next"))) == ["Rain", "next"]
    assert titles(SITEMAP.replace("New &amp;", f"New {odd}&amp;"))[1] == "New & true"


@pytest.mark.parametrize("half", [b"\xed\xa0\xbd", b"\xed\xb8\x80", b"\xff", b"\xef\xbf\xbf"])
def test_half_a_surrogate_in_raw_bytes_stops_no_document(half: bytes) -> None:
    for document in (SITEMAP.encode().replace(b"New", b"New " + half), rss(item("New")).encode().replace(b"New", half)):
        assert len(parse(document, url=URL).entries) == document.count(b"<item>") + document.count(b"<url>")
