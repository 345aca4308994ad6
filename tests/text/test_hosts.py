"""Hosts: one form, in which they are compared and dialled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from wiredesk import urls
from wiredesk.roles.pages.look import identity
from wiredesk.text import hosts


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("News.Example.", "news.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bu\u0308cher.example", "xn--bcher-kva.example"),
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("b%C3%BCcher.example", "xn--bcher-kva.example"),
        ("نامه\u200cای.example", "xn--mgba3gch31f060k.example"),
        ("क्\u200dष.example", "xn--11b2ezcw70k.example"),
        ("a。b.example", "a.b.example"),
        ("i❤.ws", "xn--i-7iq.ws"),
        ("bad_ü.example", "xn--bad_-3ra.example"),
        ("１２７.0.0.1", "127.0.0.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("fe80::1%25eth0", "fe80::1%25eth0"),
        ("", ""),
    ],
)
def test_a_host_has_one_form(host: str, expected: str) -> None:
    assert hosts.ascii_host(host) == expected


@pytest.mark.parametrize("host", ["straße.example", "BÜCHER.example", "Παράδειγμα.example", "例え.example", "i❤.ws"])
def test_the_client_dials_the_host_that_is_compared(host: str) -> None:
    assert URL(f"http://{host}/").raw_host == hosts.ascii_host(host)


@given(st.text() | st.from_regex(r"[a-zß-öЀ-џ\u200c%_.-]{1,20}\.example"))
def test_the_form_of_a_form_is_itself(host: str) -> None:
    once = hosts.ascii_host(host)

    assert hosts.ascii_host(once) == once


@pytest.mark.parametrize("host", ["bücher.example", "xn--bcher-kva.example", "BÜCHER.example"])
def test_what_was_stored_or_typed_otherwise_is_among_the_forms(host: str) -> None:
    assert {"xn--bcher-kva.example", "bücher.example"} <= set(hosts.forms(host))


@pytest.mark.parametrize("url", ["http://..//victim.example/article", "http://./a"])
def test_a_host_of_dots_is_none(url: str) -> None:
    assert not urls.is_http(url)


def test_a_canonical_in_ascii_is_of_the_publisher_whose_page_is_in_letters() -> None:
    addresses = identity.addresses(
        "https://xn--bcher-kva.example/1", final=None, link="https://bücher.example/1?from=feed"
    )

    assert (addresses.url, addresses.origin) == ("https://xn--bcher-kva.example/1", None)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.8.1", True),
        ("::1", True),
        ("::1%lo", True),
        ("::ffff:127.0.0.1", True),
        ("LocalHost", True),
        ("127.paper.example", False),
        ("localhost.example", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_loopback_is_a_literal_address_or_localhost(host: str, *, expected: bool) -> None:
    assert hosts.is_loopback(host) is expected
