"""The way out through a proxy: judged here, and told to nobody."""

import ipaddress
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from tests.proxy import AskedProxy
from tests.web import Page, Site
from wiredesk.config import load
from wiredesk.errors import Misconfigured
from wiredesk.outbound.door import Door, FetchFailed
from wiredesk.outbound.proxy import Resolve, proxy_of

ONLY_ONE = [ipaddress.ip_network("127.0.0.1/32")]


class Hosts(AbstractResolver):
    """Names as this machine knows them."""

    def __init__(self, **hosts: str) -> None:
        self._hosts = {name.replace("_", "."): address for name, address in hosts.items()}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host not in self._hosts:
            raise OSError(None, "no such name")
        address = self._hosts[host]
        return [ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        return


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with Site() as running:
        running.serve("/", Page(body="news"))
        yield running


def door_by(proxy: AskedProxy, *, login: str = "", resolve: Resolve = "here", **names: str) -> Door:
    url = proxy.url.replace("//", f"//{login}@") if login else proxy.url
    return Door(allow=ONLY_ONE, proxy=proxy_of(url, resolve=resolve), resolver=Hosts(**names))


def port_of(site: Site) -> str:
    return site.url.rpartition(":")[2]


async def test_plain_http_is_asked_for_by_the_name_whose_addresses_were_judged(site: Site) -> None:
    async with AskedProxy({"paper.example": "127.0.0.1"}) as proxy, door_by(proxy, paper_example="127.0.0.1") as door:
        answer = await door.get(f"http://paper.example:{port_of(site)}/")

    assert (answer.status, answer.body) == (200, b"news")
    assert proxy.asked == [f"GET http://paper.example:{port_of(site)}/ HTTP/1.1"]
    assert site.requests[0].headers["Host"] == f"paper.example:{port_of(site)}"


async def test_a_tunnel_is_asked_for_by_the_address_that_was_judged(site: Site) -> None:
    async with AskedProxy() as proxy, door_by(proxy, paper_example="127.0.0.1") as door:
        with pytest.raises(FetchFailed) as caught:  # the site speaks no TLS: how far it came shows whom we asked for
            await door.get(f"https://paper.example:{port_of(site)}/")

    assert caught.value.reason == "tls"
    assert proxy.asked == [f"CONNECT 127.0.0.1:{port_of(site)} HTTP/1.1"]


@pytest.mark.parametrize(
    "url",
    [
        "http://inner.example/",
        "https://inner.example/",
        "http://localhost/",
        "http://127.0.0.2/",
        "http://0x7f.2/",
        "http://127.2/",
        "http://2130706434/",
        "http://0177.0.0.2/",
        "http://１２７.０.０.２/",
        "https://①②⑦.2/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.2]/",
    ],
)
async def test_a_proxy_is_never_asked_for_what_may_not_be_dialled(url: str) -> None:
    async with AskedProxy() as proxy, door_by(proxy, inner_example="10.0.0.1", localhost="127.0.0.2") as door:
        with pytest.raises(FetchFailed) as caught:
            await door.get(url)

    assert caught.value.reason == "not_allowed"
    assert proxy.asked == []


async def test_a_redirect_to_an_inner_name_is_not_asked_for(site: Site) -> None:
    site.serve("/", Page(status=302, redirect_to="http://inner.example/"))
    async with (
        AskedProxy({"paper.example": "127.0.0.1"}) as proxy,
        door_by(proxy, paper_example="127.0.0.1", inner_example="10.0.0.1") as door,
    ):
        with pytest.raises(FetchFailed) as caught:
            await door.get(f"http://paper.example:{port_of(site)}/")

    assert caught.value.reason == "not_allowed"
    assert len(proxy.asked) == 1


async def test_a_name_that_nobody_knows_here_is_asked_for_only_where_the_operator_says_so(site: Site) -> None:
    async with AskedProxy({"paper.example": "127.0.0.1"}) as proxy:
        async with door_by(proxy) as door:
            with pytest.raises(FetchFailed, match="dns"):
                await door.get("http://paper.example/")
        assert proxy.asked == []
        async with Door(
            proxy=proxy_of(proxy.url, resolve="proxy"), ports=[int(port_of(site))], resolver=Hosts()
        ) as door:
            assert (await door.get(f"http://paper.example:{port_of(site)}/")).status == 200


async def test_literal_addresses_and_ports_are_judged_also_where_names_resolve_at_the_proxy() -> None:
    async with AskedProxy() as proxy, door_by(proxy, resolve="proxy") as door:
        for url in ("http://0x7f.2/", "http://paper.example:6379/", "https://paper.example:25/"):
            with pytest.raises(FetchFailed) as caught:
                await door.get(url)
            assert caught.value.reason == "not_allowed"

    assert proxy.asked == []


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_hears_our_login_and_nobody_hears_of_it(scheme: str) -> None:
    async with (
        AskedProxy(refuses=407) as proxy,
        door_by(proxy, login="puser:pp%40ss", paper_example="127.0.0.1") as door,
    ):
        try:
            text = str((await door.get(f"{scheme}://paper.example:443/")).status)
        except FetchFailed as error:
            text = str(error)

    assert proxy.logins == ["Basic cHVzZXI6cHBAc3M="]
    assert "407" in text
    assert [secret for secret in ("puser", "pp%40ss", "pp@ss", "cHVzZXI6cHBAc3M=") if secret in text] == []


async def test_the_site_never_sees_the_login_of_the_proxy(site: Site) -> None:
    async with (
        AskedProxy({"paper.example": "127.0.0.1"}) as proxy,
        door_by(proxy, login="puser:word", paper_example="127.0.0.1") as door,
    ):
        await door.get(f"http://paper.example:{port_of(site)}/")

    assert proxy.logins == ["Basic cHVzZXI6d29yZA=="]
    assert "cHVzZXI6d29yZA==" not in str(site.requests)


def test_a_proxy_that_is_no_url_is_refused_without_its_value() -> None:
    with pytest.raises(Misconfigured) as caught:
        load({"WIREDESK_OUTBOUND_PROXY": "http://puser:s3/cret@proxy:3128"})

    assert "WIREDESK_OUTBOUND_PROXY=***: expected http://HOST:PORT" in str(caught.value)
    assert "s3" not in str(caught.value)
