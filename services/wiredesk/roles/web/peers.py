"""Who asks: the address of a connection's other end, or what a trusted proxy says of whom it speaks for."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

from aiohttp import web

HOUSEHOLD_BITS: Final = 64
"""Of an IPv6 address: the rest one subscriber may choose as he likes (RFC 6177)."""


class Peers:
    """Tells peers apart; what `trusted` proxies say in X-Forwarded-For and -Proto is believed, and nobody else."""

    def __init__(self, trusted: Sequence[IPv4Network | IPv6Network] = ()) -> None:
        self._trusted = trusted

    def is_trusted(self, address: str) -> bool:
        """Whether a proxy of ours has this address."""
        known = _address(address)
        return known is not None and any(known in network for network in self._trusted)

    def of(self, request: web.Request) -> str:
        """The peer of a request: the last address in X-Forwarded-For that is no trusted proxy's, else the other end's."""
        nearest = request.remote or ""
        if not self.is_trusted(nearest):
            return named(nearest)
        hops = [hop.strip() for line in request.headers.getall("X-Forwarded-For", []) for hop in line.split(",")]
        return named(next(self._strangers(reversed(hops)), nearest))

    def is_encrypted(self, request: web.Request) -> bool:
        """Whether the client speaks TLS, to us or to a trusted proxy."""
        told = request.headers.get("X-Forwarded-Proto", "") == "https"
        return request.secure or (told and self.is_trusted(request.remote or ""))

    def _strangers(self, hops: Iterable[str]) -> Iterator[str]:
        return (hop for hop in hops if _address(hop) is not None and not self.is_trusted(hop))


def named(address: str) -> str:
    """The name under which a peer is counted: an IPv4 address, an IPv6 network of 64 bits."""
    known = _address(address)
    if isinstance(known, IPv6Address):
        return str(ipaddress.ip_network((known, HOUSEHOLD_BITS), strict=False))
    return str(known) if known else "unknown"


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        known = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = known.ipv4_mapped if isinstance(known, IPv6Address) else None
    return mapped or known
