"""Headers of answers as text that can be stored, sent and logged."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp


def lowered(response: aiohttp.ClientResponse) -> Mapping[str, str]:
    """The headers by lower-case name; those that came several times are one list."""
    headers: dict[str, str] = {}
    for name, given in response.headers.items():
        name, value = name.lower(), readable(given)
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def readable(value: str) -> str:
    """A header's value as text: bytes that are no UTF-8, which ETags may hold (RFC 9110, 8.8.3), are read as Latin-1.

    The client gives them as lone surrogates, which no database, record or log takes.
    """
    if value.isascii():
        return value
    raw = value.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
