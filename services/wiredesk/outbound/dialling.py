"""What may be dialled: addresses and ports, checked where a connection is made or a proxy is asked to make one."""

from __future__ import annotations

import socket
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from aiohttp.abc import AbstractResolver
from aiohttp.resolver import DefaultResolver

from wiredesk import urls
from wiredesk.outbound.address import Address, Network, may_dial, parsed, within
from wiredesk.outbound.failure import FetchFailed, not_allowed, port_not_allowed
from wiredesk.redaction import masked, shown
from wiredesk.text.hosts import is_number

AddressInfo = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]


@dataclass(frozen=True, slots=True)
class Dial:
    """One request on its way: the ports that the operator himself named for it, and what was refused."""

    ports: frozenset[int] = frozenset()
    refused: list[FetchFailed] = field(default_factory=list)
    url: str = ""


_dial: ContextVar[Dial] = ContextVar("dial", default=Dial())  # noqa: B039 - the default is never written to


@contextmanager
def dialled_for(dial: Dial) -> Iterator[Dial]:
    """Within, connections are made for this request."""
    token = _dial.set(dial)
    try:
        yield dial
    finally:
        _dial.reset(token)


class Dialling:
    """The operator's limits. What he allows by address may be dialled at any port."""

    def __init__(self, *, allow: Sequence[Network], ports: Collection[int]) -> None:
        self._allow, self._ports = tuple(allow), frozenset(ports)

    def check_url(self, url: str, *, ports: frozenset[int]) -> None:
        """Raise `FetchFailed` where the URL alone shows that it may not be had."""
        host = urls.host_of(url)
        address = parsed(host)
        if not urls.is_http(url) or not host.isascii() or (address is None and is_number(host)):
            raise FetchFailed(f"{masked(url)[:200]}: not an http(s) URL", reason="bad_url", host=host)
        if address:
            self.check(address, url, ports=ports)

    def check(self, address: Address, url: str, *, ports: frozenset[int]) -> None:
        """Raise `FetchFailed` where `address` may not be dialled, or not at the port of `url`."""
        host, port = urls.host_of(url), urls.port_of(url)
        if not may_dial(address, allow=self._allow):
            raise not_allowed(shown(url), host=host, address=str(address))
        if port not in self._ports | ports and not within(address, self._allow):
            raise port_not_allowed(shown(url), host=host, port=port, ports=self._ports)

    def checked_socket(self, info: AddressInfo) -> socket.socket:
        """A socket for exactly this address, where it may be dialled: whatever name or redirect led here."""
        family, kind, protocol, _, address = info
        where, dial = parsed(address[0]), _dial.get()
        if where is None:
            raise OSError(f"{address[0]} is no address")
        try:
            self.check(where, dial.url, ports=dial.ports)
        except FetchFailed as refusal:
            dial.refused.append(refusal)
            raise OSError(f"{address[0]} may not be dialled") from refusal
        return socket.socket(family, kind, protocol)

    async def judged(self, url: str, *, ports: frozenset[int], resolver: AbstractResolver) -> Address:
        """An address of the host of `url`, which a proxy may be asked for: all that it has may be dialled.

        Raises `FetchFailed` where one may not be, or where there is none.
        """
        host = urls.host_of(url)
        address = parsed(host)
        if address:
            self.check(address, url, ports=ports)
            return address
        try:
            hosts = await resolver.resolve(host, urls.port_of(url), family=socket.AF_UNSPEC)
        except OSError as error:
            text = f"{shown(url)}: dns: {error.strerror or error}"
            raise FetchFailed(text, reason="dns", host=host) from error
        addresses = [known for found in hosts if (known := parsed(found["host"]))]
        for known in addresses:
            self.check(known, url, ports=ports)
        if not addresses:
            raise FetchFailed(f"{shown(url)}: dns: no address", reason="dns", host=host)
        return min(addresses, key=lambda known: known.version)  # not every proxy has a way out by IPv6

    def check_unseen(self, url: str, *, ports: frozenset[int]) -> None:
        """Raise `FetchFailed` where a proxy may not be asked for `url`, whose name resolves there alone."""
        if parsed(urls.host_of(url)) is None and urls.port_of(url) not in self._ports | ports:
            raise port_not_allowed(shown(url), host=urls.host_of(url), port=urls.port_of(url), ports=self._ports)


def resolver_of(given: AbstractResolver | None) -> AbstractResolver:
    """The resolver `given`, else the system's; within a running loop."""
    return given or DefaultResolver()
