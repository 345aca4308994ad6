"""Whether an address may be dialled: public ones, and those the operator allows.

`ipaddress.is_global` is not enough: it passes NAT64, 6to4, IPv4-compatible and multicast addresses, behind
which private ones hide.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

PORTS = (80, 443, 8080, 8443)
"""What feeds and pages use, unless `WIREDESK_OUTBOUND_PORTS` says otherwise."""

NOT_PUBLIC_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this host: connects to it
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",  # private
        "100.64.0.0/10",  # carriers' shared space
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local: cloud metadata
        "192.0.0.0/24",
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",  # protocols, documentation
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.175.48.0/24",  # AS112, AMT
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",  # benchmarks
        "224.0.0.0/4",
        "240.0.0.0/4",  # multicast, reserved, broadcast
    )
)
"""IANA's special-purpose registry for IPv4, multicast and reserved space."""

PUBLIC_6 = IPv6Network("2000::/3")
"""All that IANA has given out as global unicast; whatever is outside is refused without looking."""

NOT_PUBLIC_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments; Teredo is unwrapped first
        "2001:db8::/32",
        "3fff::/20",  # documentation
        "2002::/16",  # 6to4 is unwrapped first
        "2620:4f:8000::/48",  # AS112
    )
)

_NAT64 = IPv6Network("64:ff9b::/96")
_TRANSLATED = IPv6Network("::ffff:0:0:0/96")
_COMPATIBLE = IPv6Network("::/96")


def may_dial(address: Address, *, allow: Sequence[Network]) -> bool:
    """Whether `address` and every IPv4 address wrapped in it is public or lies in `allow`."""
    if within(address, allow):
        return True
    inner = wrapped(address)
    if inner:
        return all(may_dial(each, allow=allow) for each in inner)
    return _is_public(address)


def wrapped(address: Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses to which packets for `address` may go: mapped, NAT64, 6to4, Teredo, translated, compatible."""
    if isinstance(address, IPv4Address):
        return ()
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    if address.sixtofour:
        return (address.sixtofour,)
    if address.teredo:
        return address.teredo
    is_compatible = address in _COMPATIBLE and int(address) > 1
    if address in _NAT64 or address in _TRANSLATED or is_compatible:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    return ()


def parsed(host: str) -> Address | None:
    """The address that `host` is, brackets and zone left out; None where it is a name."""
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def within(address: Address, networks: Sequence[Network]) -> bool:
    """Whether `address` lies in one of `networks`."""
    return any(address in network for network in networks)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not within(address, NOT_PUBLIC_4)
    return address in PUBLIC_6 and not within(address, NOT_PUBLIC_6)
