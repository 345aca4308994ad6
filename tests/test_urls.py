"""URLs as identities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiredesk import urls


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://Example.ORG:80/a/", "http://example.org/a"),
        ("https://example.org:443", "https://example.org/"),
        ("https://example.org/a?utm_source=x&b=2&a=1&fbclid=7#top", "https://example.org/a?a=1&b=2"),
        ("https://example.org/%7euser/%e4%f6", "https://example.org/~user/%E4%F6"),
        ("https://example.org/a%2Fb", "https://example.org/a%2Fb"),
        ("https://user:secret@example.org/", "https://example.org/"),
        ("https://münchen.example/straße", "https://xn--mnchen-3ya.example/stra%C3%9Fe"),
        ("http://[2001:DB8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("mailto:desk@example.org", "mailto:desk@example.org"),
    ],
)
def test_equal_pages_get_equal_urls(url: str, expected: str) -> None:
    assert urls.canonical(url) == expected


@given(st.text() | st.from_regex(r"https?://[a-z0-9.\-]{1,20}(:\d{1,5})?(/[^\s#]{0,20}){0,3}(\?[^\s#]{0,30})?"))
def test_canonical_twice_is_canonical_once(url: str) -> None:
    once = urls.canonical(url)

    assert urls.canonical(once) == once


@given(st.text(), st.text())
def test_join_gives_an_http_url_or_nothing(base: str, link: str) -> None:
    joined = urls.join(base, link)

    assert joined is None or urls.is_http(joined)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("news.bbc.co.uk", "bbc.co.uk"),
        ("one.blogspot.com", "one.blogspot.com"),
        ("127.3.4.1", "127.3.4.1"),
        ("localhost", "localhost"),
        ("WWW.Example.org.", "example.org"),
    ],
)
def test_the_registrable_domain_is_what_someone_registered(host: str, expected: str) -> None:
    assert urls.registrable_domain(host) == expected


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "", "http://", "ftp://example.org/x"])
def test_links_that_are_not_http_are_dropped(link: str) -> None:
    assert urls.join("https://example.org/", link) is None


def test_a_home_page_is_no_article() -> None:
    assert urls.is_home_page("https://example.org/?utm_source=feed")
    assert not urls.is_home_page("https://example.org/?p=12")


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("https://a.example/now#2026-02-16", "2026-02-16"),
        ("https://a.example/page#comment-210335", "comment-210335"),
        ("https://a.example/page#xtor=RSS-1", ""),
        ("https://a.example/#!/news", ""),
        ("https://a.example/page#comments", ""),
        ("https://a.example/page#", ""),
        ("https://a.example/page", ""),
        ("https://[bad", ""),
    ],
)
def test_a_fragment_names_a_part_of_a_page_unless_it_is_tracking_a_route_or_a_place_of_every_page(
    url: str, part: str
) -> None:
    assert urls.part_of(url) == part
