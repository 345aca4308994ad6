"""Names that resolve to what a test says, and what becomes of asking for them."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from wiredesk.outbound.door import Door, FetchFailed

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


class Names(AbstractResolver):
    """Answers every name with the next of its addresses."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = list(addresses)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = self._addresses.pop(0) if len(self._addresses) > 1 else self._addresses[0]
        return [ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        return


async def reason_of(door: Door, url: str, **options: object) -> str:
    with pytest.raises(FetchFailed) as caught:
        await door.get(url, **options)  # type: ignore[arg-type]
    return caught.value.reason
