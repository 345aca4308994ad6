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
        ("http://straße.example/1", "http://xn--strae-oqa.example/1"),
        ("http://xn--strae-oqa.example/1", "http://xn--strae-oqa.example/1"),
        ("http://strasse.example/1", "http://strasse.example/1"),
        ("https://news.example/a/./b", "https://news.example/a/b"),
        ("https://news.example/a/c/../b", "https://news.example/a/b"),
        ("https://news.example/a/c/%2E%2e/b/.", "https://news.example/a/b"),
        ("https://news.example/../..", "https://news.example/"),
        ("https://news.example/a//b", "https://news.example/a//b"),
        ("https://news.example/a/...", "https://news.example/a/..."),
        ("mailto:desk@example.org", "mailto:desk@example.org"),
    ],
)
def test_equal_pages_get_equal_urls(url: str, expected: str) -> None:
    assert urls.canonical(url) == expected


@given(
    st.text()
    | st.from_regex(r"https?://[a-z0-9.\-]{1,20}(:\d{1,5})?(/[^\s#]{0,20}|/\.\.?|/%2[eE]){0,4}(\?[^\s#]{0,30})?")
)
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


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTPS://FjordPost.example:443/rss", "https://fjordpost.example/rss"),
        ("http://bücher.example:80", "http://xn--bcher-kva.example/"),
        (
            "https://Me:Secret@News.example:8443/A/./B?b=%2f&a=1#C",
            "https://news.example:8443/A/./B?b=%2f&a=1#C",
        ),
        ("feeds.toml", "feeds.toml"),
    ],
)
def test_a_subscription_keeps_what_its_publisher_wrote_behind_the_host(url: str, expected: str) -> None:
    assert urls.subscribed(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://a.example/sig?u=https%3A%2F%2Fx&q=%27'&r=a+b%20c",
            "https://a.example/sig?u=https%3A%2F%2Fx&q=%27'&r=a+b%20c",
        ),
        ("https://a.example/a%2Fb/%zz/./c/../d", "https://a.example/a%2Fb/%zz/d"),
        ("https://bücher.example/ü?q=ä ö#teil", "https://xn--bcher-kva.example/%C3%BC?q=%C3%A4%20%C3%B6"),
        ('https://a.example/"<x>"', "https://a.example/%22%3Cx%3E%22"),
    ],
)
def test_what_is_asked_for_goes_out_as_written(url: str, expected: str) -> None:
    assert urls.requested(url) == expected


@given(st.text() | st.from_regex(r"https?://[a-zß-ö0-9.\-]{1,20}(/[^\s#]{0,20}){0,3}(\?[^\s#]{0,30})?"))
def test_what_goes_out_is_ascii_and_names_the_same_page(url: str) -> None:
    if urls.is_http(url) and urls.host_of(url).isascii():
        sent = urls.requested(url)

        assert sent.isascii()
        assert urls.requested(sent) == sent


def test_one_publisher_is_one_site_in_letters_and_in_ascii() -> None:
    assert urls.site_of("https://www.bücher.org/1") == urls.site_of("https://xn--bcher-kva.org/2")
    assert urls.registrable_domain("www.bücher.org") == "xn--bcher-kva.org"


def test_what_is_joined_has_no_login() -> None:
    assert urls.join("https://bob:word@paper.example/rss", "/a") == "https://paper.example/a"
    assert urls.join("https://paper.example/rss", "https://eve:word@other.example/b") == "https://other.example/b"
