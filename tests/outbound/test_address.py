"""Which addresses may be dialled."""

import ipaddress

import pytest

from wiredesk.outbound.address import may_dial, parsed


@pytest.mark.parametrize(
    "address",
    """
        127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 192.0.0.8 198.18.0.1
        224.0.0.1 239.255.255.250 255.255.255.255 240.0.0.1 192.88.99.1 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1
        ::ffff:10.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::7f00:1
        2002:7f00:1:: 2002:a00:1::1 2001:0:7f00:1::1 2001:0:808:808:0:0:80ff:fffe fe80::1 fc00::1
        fd12:3456::1 fec0::1 ff02::1 100::1 2001:db8::1 2001:10::1 3fff::1 5f00::1 4000::1
    """.split(),
)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not may_dial(ipaddress.ip_address(address), allow=())


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "93.184.216.34",
        "172.32.0.1",
        "2606:4700::1111",
        "2a00:1450:4001::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
    ],
)
def test_public_addresses_are_dialled(address: str) -> None:
    assert may_dial(ipaddress.ip_address(address), allow=())


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203"])
def test_an_operator_allows_a_private_range_however_it_is_written(address: str) -> None:
    allow = [ipaddress.ip_network("10.0.0.0/8")]

    assert may_dial(ipaddress.ip_address(address), allow=allow)
    assert not may_dial(ipaddress.ip_address("192.168.0.1"), allow=allow)


@pytest.mark.parametrize(
    ("host", "is_address"),
    [
        ("127.0.0.1", True),
        ("[::1]", True),
        ("fe80::1%eth0", True),
        ("example.org", False),
        ("0x7f.1", False),
        ("", False),
    ],
)
def test_an_address_is_told_from_a_name(host: str, is_address: bool) -> None:
    assert (parsed(host) is not None) is is_address
