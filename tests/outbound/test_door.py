"""The one way out."""

import asyncio
import ipaddress
import zlib
from datetime import timedelta

import pytest

from tests.outbound.names import LOOPBACK, Names, reason_of
from tests.web import Page, Site
from wiredesk.outbound.door import LIMIT_PER_HOST, Answer, Door, FetchFailed
from wiredesk.outbound.header_text import readable
from wiredesk.outbound.journey import Journey
from wiredesk.text.hosts import ascii_host


@pytest.mark.parametrize("encoding", ["", "gzip", "br", "deflate", "x-gzip", "deflate, gzip"])
async def test_a_body_is_decoded(site: Site, door: Door, encoding: str) -> None:
    url = site.serve("/", Page(body="Grüße " * 1000, encoding=encoding, chunks=7))

    answer = await door.get(url)

    assert answer.body.decode() == "Grüße " * 1000
    assert (answer.status, answer.url, answer.moved_permanently_to) == (200, url, None)


async def test_we_say_who_we_are(site: Site, door: Door) -> None:
    await door.get(site.serve("/", Page()), headers={"If-None-Match": '"a"'})

    assert site.requests[0].headers["User-Agent"] == "wiredesk/1 (+https://desk.example/bot)"
    assert site.requests[0].headers["If-None-Match"] == '"a"'


@pytest.mark.parametrize(("sent", "text"), [(b'"plain"', '"plain"'), ("ü".encode(), "ü"), (b'"caf\xe9"', '"caf\xe9"')])
def test_a_header_of_any_bytes_is_text_that_can_be_stored(sent: bytes, text: str) -> None:
    """RFC 9110, 8.8.3 lets an ETag hold bytes that are no UTF-8; as the client gives them no database takes them."""
    assert readable(sent.decode("utf-8", "surrogateescape")) == text


async def test_an_error_status_is_an_answer(site: Site, door: Door) -> None:
    answer = await door.get(site.serve("/", Page(status=410, body="gone")))

    assert (answer.status, answer.body) == (410, b"gone")


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate"])
async def test_a_bomb_is_left_at_the_cap(site: Site, door: Door, encoding: str) -> None:
    url = site.serve("/", Page(body=b"0" * 50_000_000, encoding=encoding))

    assert await reason_of(door, url, max_bytes=1_000_000) == "too_large"


@pytest.mark.parametrize("encoding", ["x-gzip", "deflate, gzip"])
async def test_a_bomb_in_another_coding_is_left_at_the_cap(site: Site, door: Door, encoding: str) -> None:
    url = site.serve("/", Page(body=b"0" * 5_000_000, encoding=encoding))

    assert await reason_of(door, url, max_bytes=1_000_000) == "bad_body"


async def test_a_coding_that_nobody_knows_is_told_of(site: Site, door: Door) -> None:
    url = site.serve("/", Page(body=b"packed", headers={"Content-Encoding": "sdch"}))

    assert await reason_of(door, url) == "bad_body"


async def test_a_bomb_in_a_bomb_is_only_unpacked_once(site: Site, door: Door) -> None:
    url = site.serve("/", Page(body=zlib.compress(b"0" * 10_000_000), encoding="gzip"))

    assert len((await door.get(url, max_bytes=100_000)).body) < 100_000


async def test_a_huge_body_is_refused_or_cut(site: Site, door: Door) -> None:
    url = site.serve("/", Page(body=b"x" * 100_000))

    assert await reason_of(door, url, max_bytes=10_000) == "too_large"
    answer = await door.get(url, max_bytes=10_000, cut=True)
    assert (len(answer.body), answer.is_cut) == (10_000, True)


@pytest.mark.parametrize("page", [Page(body=b"x" * 1000, hangs=True), Page(hangs_before=True)])
async def test_a_server_that_never_ends_is_left(site: Site, door: Door, page: Page) -> None:
    assert await reason_of(door, site.serve("/", page), timeout=timedelta(seconds=0.2)) == "timeout"


async def test_a_body_cut_off_is_no_answer(site: Site, door: Door) -> None:
    assert await reason_of(door, site.serve("/", Page(body=b"x" * 1000, cut_off=True))) == "reset"


async def test_redirects_are_followed_and_permanent_ones_told(site: Site, door: Door) -> None:
    site.serve("/new", Page(body="here"))
    site.serve("/b", Page(status=308, redirect_to="/new"))
    site.serve("/a", Page(status=301, redirect_to="/b"))
    site.serve("/for-now", Page(status=302, redirect_to="/a"))

    permanent = await door.get(f"{site.url}/a")
    for_now = await door.get(f"{site.url}/for-now")

    assert (permanent.body, permanent.url, permanent.moved_permanently_to) == (
        b"here",
        f"{site.url}/new",
        f"{site.url}/new",
    )
    assert (for_now.url, for_now.moved_permanently_to) == (f"{site.url}/new", None)


async def test_redirects_end(site: Site, door: Door) -> None:
    site.serve("/round", Page(status=302, redirect_to="/round"))

    assert await reason_of(door, f"{site.url}/round", max_redirects=3) == "redirects"
    assert site.count("/round") == 4


async def test_a_cookie_wall_is_passed(site: Site, door: Door) -> None:
    site.serve(
        "/", Page(status=302, redirect_to="/", headers={"Set-Cookie": "seen=1; Path=/"}), Page(body="the article")
    )

    answer = await door.get(f"{site.url}/")

    assert answer.body == b"the article"
    assert site.requests[1].headers["Cookie"] == "seen=1"


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/x", "file:///etc/passwd", "javascript:alert(1)", "http://"])
async def test_a_redirect_to_no_web_address_is_refused(site: Site, door: Door, target: str) -> None:
    assert await reason_of(door, site.serve("/", Page(status=302, redirect_to=target))) == "redirects"


def test_https_never_becomes_http() -> None:
    journey = Journey("https://paper.example/feed")

    with pytest.raises(FetchFailed) as caught:
        journey.hop(Answer(status=301, url="", headers={"location": "http://paper.example/feed"}, body=b""), limit=5)

    assert caught.value.reason == "redirects"


@pytest.mark.parametrize(
    "url", ["", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://a b/", "http://[::1/"]
)
async def test_what_is_no_url_is_refused(door: Door, url: str) -> None:
    assert await reason_of(door, url) in ("bad_url", "dns")


async def test_a_closed_port_is_refused(site: Site, door: Door) -> None:
    async with Site() as gone:
        url = gone.url

    assert await reason_of(door, f"{url}/") == "refused"
    with pytest.raises(FetchFailed, match=r"refused: no connection to 127\.0\.0\.1:\d+: Connect call failed") as caught:
        await door.get(f"{url}/")
    assert "ssl" not in str(caught.value)


async def test_an_unencrypted_answer_to_https_is_a_tls_failure(site: Site, door: Door) -> None:
    assert await reason_of(door, site.url.replace("http:", "https:")) == "tls"


async def test_a_name_that_does_not_resolve_is_told(door: Door) -> None:
    assert await reason_of(door, "http://nowhere.invalid/") == "dns"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "0x7f.1", "127.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]"]
)
async def test_private_addresses_are_never_asked(site: Site, host: str) -> None:
    url = f"{site.url.replace('127.0.0.1', host)}/"

    async with Door() as shut:
        with pytest.raises(FetchFailed) as caught:
            await shut.get(url)

    assert caught.value.reason in ("not_allowed", "bad_url", "dns")
    assert site.requests == []


async def test_a_refusal_names_the_address_and_the_setting(site: Site) -> None:
    async with Door() as shut:
        with pytest.raises(FetchFailed, match=r"127\.0\.0\.1 is no public address; WIREDESK_OUTBOUND_ALLOW or --allow"):
            await shut.get(site.url)


async def test_a_redirect_to_a_private_address_is_not_followed(site: Site) -> None:
    async with Site("127.3.3.1") as inner, Door(allow=[ipaddress.ip_network("127.0.0.1/32")]) as door:
        secret = inner.serve("/secret", Page(body="keys"))

        assert await reason_of(door, site.serve("/", Page(status=302, redirect_to=secret))) == "not_allowed"
        assert inner.requests == []


async def test_a_name_for_a_private_address_is_not_dialled(site: Site) -> None:
    port = site.url.rpartition(":")[2]
    async with Door(resolver=Names("127.0.0.1")) as shut:
        assert await reason_of(shut, f"http://paper.example:{port}/") == "not_allowed"
    assert site.requests == []


async def test_a_name_that_changes_its_address_between_two_requests_is_checked_again(site: Site) -> None:
    port = site.url.rpartition(":")[2]
    site.serve("/", Page(headers={"Connection": "close"}))
    async with (
        Site("127.3.3.1") as inner,
        Door(allow=[ipaddress.ip_network("127.0.0.1/32")], resolver=Names("127.0.0.1", "127.3.3.1")) as door,
    ):
        assert (await door.get(f"http://one.example:{port}/")).status == 200
        # Another name for another place in the name cache: the second look-up gives the private address.
        assert await reason_of(door, f"http://two.example:{inner.url.rpartition(':')[2]}/") == "not_allowed"
        assert inner.requests == []


async def test_a_post_is_answered_once(site: Site, door: Door) -> None:
    url = site.serve("/hook", Page(status=307, redirect_to="/elsewhere", body="x" * 1000))

    answer = await door.post(url, body=b"{}", headers={"Content-Type": "application/json"}, max_bytes=100)

    assert (answer.status, len(answer.body), answer.is_cut) == (307, 100, True)
    assert [(asked.method, asked.body) for asked in site.requests] == [("POST", b"{}")]


async def test_receivers_that_hang_starve_no_other_receiver_of_their_host(site: Site, door: Door) -> None:
    hanging = site.serve("/hangs", Page(hangs_before=True))
    other = site.serve("/other", Page())

    async with asyncio.TaskGroup() as tasks:
        waiting = [tasks.create_task(door.post(hanging, body=b"")) for _ in range(LIMIT_PER_HOST + 2)]
        await site.wait_for("/hangs", times=len(waiting))
        assert (await door.post(other, body=b"", timeout=timedelta(seconds=5))).status == 200
        for task in waiting:
            task.cancel()


async def test_a_signed_query_goes_out_as_it_was_written(site: Site, door: Door) -> None:
    site.serve("/", Page())
    written = "/s%2Fig;v=1?u=https%3A%2F%2Fx%2F%3Fa%3Db&q=%27a%27&r=a+b%20c&s=%7e"

    await door.get(site.url + written)

    assert [asked.target for asked in site.requests] == [written]


@pytest.mark.parametrize("host", ["straße.example", "نامه\u200cای.example", "bad_ü.example", "i❤.ws"])
async def test_a_host_in_letters_is_dialled_by_its_ascii_form(site: Site, host: str) -> None:
    site.serve("/", Page())
    port = site.url.rpartition(":")[2]

    async with Door(allow=LOOPBACK, resolver=Names("127.0.0.1")) as door:
        await door.get(f"http://{host}:{port}/")

    assert site.requests[0].headers["Host"] == f"{ascii_host(host)}:{port}"


async def test_a_host_that_is_no_name_is_a_bad_url(door: Door) -> None:
    assert await reason_of(door, "http://\x80/") == "bad_url"
