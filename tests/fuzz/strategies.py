"""Documents as publishers write them and as they should not: well-formed structures with odd parts, then bytes changed."""

from __future__ import annotations

import json
from collections.abc import Mapping

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

FRAGMENTS = (
    "&#55357;&#56832; &#xDE00; &#0; &#xFFFF; &#99999999999; &amp;amp; &nope; & ]]> <![CDATA[ <!-- --> <? ?> < > </p> <p> <br/> <b>"
    " \x00 \x07 \x1b[2J \x7f \x85 \x9b \ud83d \ude00 \ufffe \uffff \ufeff \u202e \u2028 \u200b \U0001f600 \U0010ffff '"
    ' " \\ \\ud83d \\u0000 %00 %ed%a0%bd xml:base= xmlns: javascript:alert(1) http:// http://[ //x /x#c-1 ../.. ?a=b&c=%'
    " 2026-11-24T09:00:00Z 0000-00-00 99999-99-99 +9999 24:00 -0001-01-01T00:00:00Z NaN 1e999 -1 999999999999999999999"
).split(" ")
"""What was odd to some parser once."""

words = st.text(st.characters(codec=None), max_size=20)
odd_text = st.lists(st.sampled_from(FRAGMENTS) | words, max_size=5).map("".join)
mild_text = st.text("abc déא中 ,.", max_size=20)
any_text = mild_text | odd_text

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=6,
)


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@st.composite
def changed(draw: st.DrawFn, documents: SearchStrategy[bytes]) -> bytes:
    """A document with pieces of it cut out, doubled, moved, flipped or replaced by what is odd; or as it was."""
    body = draw(documents)
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 60)))
        match draw(st.sampled_from(["cut", "double", "insert", "flip", "end"])):
            case "cut":
                body = body[:start] + body[end:]
            case "double":
                body = body[:end] + body[start:]
            case "insert":
                body = (
                    body[:start] + draw(st.sampled_from(FRAGMENTS).map(as_bytes) | st.binary(max_size=6)) + body[start:]
                )
            case "flip":
                body = body[:start] + bytes(byte ^ 0x80 for byte in body[start:end]) + body[end:]
            case "end":
                body = body[:start]
    return body


def elements(names: str, inner: SearchStrategy[str] = any_text) -> SearchStrategy[str]:
    """XML elements of these names, in any number and order."""
    element = st.tuples(st.sampled_from(names.split()), inner).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>")
    return st.lists(element, max_size=8).map("".join)


RSS_FIELDS = (
    "title link description guid pubDate author category comments dc:creator dc:date slash:comments wfw:commentRss"
    " content:encoded enclosure source media:content thr:in-reply-to"
)
RSS = (
    '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:wfw="http://wellformedweb.org/CommentAPI/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"'
    ' xmlns:thr="http://purl.org/syndication/thread/1.0"><channel>{}{}</channel></rss>'
)
LINK = "<link>https://herald.example/{}</link>"
rss_items = st.lists(st.tuples(st.integers(0, 9), elements(RSS_FIELDS)), max_size=4).map(
    lambda items: "".join(f"<item>{LINK.format(number)}{rest}</item>" for number, rest in items)
)
rss = st.builds(RSS.format, elements("title link ttl language description sy:updatePeriod"), rss_items).map(as_bytes)
atom = st.builds(
    '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="{}">{}<entry><link href="{}"/>{}</entry></feed>'.format,
    any_text,
    elements("title id updated author link"),
    any_text,
    elements("id title summary content published updated author name category link"),
).map(as_bytes)
json_feed = st.fixed_dictionaries(
    {"version": st.just("https://jsonfeed.org/version/1.1")},
    optional={
        "title": json_values,
        "home_page_url": json_values,
        "language": json_values,
        "hubs": json_values,
        "items": json_values
        | st.lists(
            st.dictionaries(
                st.sampled_from(
                    "id url external_url title content_html content_text summary date_published date_modified authors author"
                    " tags language".split()
                ),
                json_values,
            ),
            max_size=3,
        ),
    },
).map(lambda value: json.dumps(value).encode())
sitemap = (
    st.lists(
        elements("loc lastmod news:news news:publication news:title news:keywords news:publication_date"), max_size=3
    )
    .map(lambda urls: "".join(f"<url><loc>https://herald.example/1</loc>{url}</url>" for url in urls))
    .map(
        lambda inner: (
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
            f' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{inner}</urlset>'
        )
    )
    .map(as_bytes)
)
feeds = changed(rss | atom | json_feed | sitemap)

opml = changed(
    st.lists(st.tuples(any_text, any_text), max_size=4)
    .map(lambda rows: "".join(f'<outline text="{text}" xmlUrl="https://a.example/{url}"/>' for text, url in rows))
    .map(lambda inner: as_bytes(f"<opml><head><title>x</title></head><body>{inner}</body></opml>"))
)

JSON_LD_FIELDS = (
    "@id @type @graph @context author creator headline publisher datePublished dateModified inLanguage articleSection"
    " keywords image isAccessibleForFree comment commentCount text commentText upvoteCount dateCreated identifier url name"
).split()
json_ld = st.dictionaries(st.sampled_from(JSON_LD_FIELDS), json_values, max_size=8).map(
    lambda facts: json.dumps([facts | {"@type": "NewsArticle", "headline": facts.get("headline", "Ferry")}, facts])
)
attributes = st.dictionaries(
    st.sampled_from("class id itemprop itemtype rel lang datetime content property name href".split()),
    st.sampled_from(["comment", "comments", "comment-7", "author", "canonical", "og:title", "schema.org/Comment"])
    | any_text,
    max_size=3,
).map(lambda named: "".join(f' {name}="{value}"' for name, value in named.items()))
html_pieces = st.recursive(
    any_text,
    lambda inner: st.builds(
        "<{0}{1}>{2}</{0}>".format,
        st.sampled_from("div p article section h1 time a span ul li meta link table tr td blockquote".split()),
        attributes,
        st.lists(inner, max_size=4).map("".join),
    ),
    max_leaves=12,
)
SENTENCES = "<p>A sentence of some length about the ferry and its passengers on that day.</p>" * 6
pages = changed(
    st.builds(
        '<html{}><head><title>{}</title><script type="application/ld+json">{}</script></head>'
        "<body><article><h1>Ferry</h1>{}</article>{}</body></html>".format,
        attributes,
        any_text,
        json_ld,
        st.just(SENTENCES),
        html_pieces,
    ).map(as_bytes)
)

robots = changed(
    st.lists(
        st.tuples(
            st.sampled_from(
                "User-agent Disallow Allow Crawl-delay Sitemap Request-rate Visit-time Host Noindex".split()
            ),
            st.sampled_from(["*", "wiredesk", "/", "/news/", "/*/1$", "1/5", "0400-0845"]) | any_text,
        ),
        max_size=12,
    )
    .map(lambda lines: "\n".join(f"{name}: {value}" for name, value in lines))
    .map(as_bytes)
)

headers: SearchStrategy[Mapping[str, str]] = st.dictionaries(
    st.sampled_from(["retry-after", "date", "content-type", "cache-control", "expires", "age"]), any_text
)
"""As the door gives them: names in lower case."""


def toml(example: str) -> SearchStrategy[bytes]:
    """An operator's file with slips of any kind."""
    return changed(st.just(as_bytes(example)))
