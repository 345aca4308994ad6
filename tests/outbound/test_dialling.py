"""Addresses and ports that are dialled, and those that never are."""

import pytest

from tests.outbound.names import LOOPBACK, Names, reason_of
from tests.web import Page, Site
from wiredesk.outbound.address import PORTS
from wiredesk.outbound.dialling import Dialling
from wiredesk.outbound.door import Door, FetchFailed


@pytest.mark.parametrize("host", ["0x7f.1", "127.1", "2130706433", "0177.1", "１２７.０.０.１", "①②⑦.1"])
async def test_an_address_in_another_notation_is_judged_as_it_will_be_dialled(site: Site, host: str) -> None:
    url = site.url.replace("127.0.0.1", host)

    async with Door() as shut:
        assert await reason_of(shut, f"{url}/") == "not_allowed"


@pytest.mark.parametrize("host", ["256.1.1.1", "1.2.3.4.5", "09.1", "paper.0x7f"])
async def test_what_ends_like_an_address_and_is_none_is_a_bad_url(door: Door, host: str) -> None:
    assert await reason_of(door, f"http://{host}/") == "bad_url"


@pytest.mark.parametrize("url", ["http://93.184.216.34:6379/", "https://paper.example:25/"])
async def test_a_port_that_feeds_do_not_use_is_not_dialled(url: str) -> None:
    async with Door(resolver=Names("93.184.216.34")) as door:
        with pytest.raises(FetchFailed, match=r"not allowed: port \d+ is none of 80, 443, 8080, 8443; WIREDESK_OUT"):
            await door.get(url)


async def test_what_the_operator_allows_or_names_is_dialled_at_any_port(site: Site) -> None:
    site.serve("/", Page())
    port = int(site.url.rpartition(":")[2])
    dialling = Dialling(allow=[], ports=PORTS)

    async with Door(allow=LOOPBACK) as door:
        assert (await door.get(f"{site.url}/")).status == 200
    dialling.check_url(f"http://93.184.216.34:{port}/", ports=frozenset([port]))
