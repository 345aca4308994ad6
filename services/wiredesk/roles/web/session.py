"""Signed-in browsers: a cookie that proves its holder once had the token, and does not hold it.

Signed with a key of the token, so it is good at every replica, and another token ends all sessions. Those that were
signed out are kept in the database until they would have run out.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

COOKIE: Final = "wiredesk"
COOKIE_OF_HTTPS: Final = "__Host-wiredesk"
"""Under this name a browser takes it by TLS alone, from this host alone and for all its paths (RFC 6265bis, 4.1.3.2)."""

LASTS: Final = timedelta(days=7)
_SECONDS_DIGITS = 12
_ID_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser; `id` is random."""

    id: str
    ends: datetime


def opened(key: bytes, *, now: datetime) -> str:
    """The cookie's value for who has just shown the token."""
    named = f"{secrets.token_hex(_ID_BYTES)}.{int((now + LASTS).timestamp())}"
    return f"{named}.{_signature(key, named)}"


def read(value: str, key: bytes, *, now: datetime) -> Session | None:
    """The session of a cookie; None where `value` was not made with `key` or has run out."""
    named, _, signature = value.rpartition(".")
    session_id, _, ends = named.partition(".")
    if not (ends.isascii() and ends.isdigit() and len(ends) <= _SECONDS_DIGITS):
        return None
    if not is_same(signature, _signature(key, named)) or now.timestamp() >= int(ends):
        return None
    return Session(id=session_id, ends=datetime.fromtimestamp(int(ends), UTC))


def is_same(text: str, expected: str) -> bool:
    """Compares in a time that tells nothing of where they differ."""
    # aiohttp reads headers as UTF-8 and keeps other bytes as lone surrogates, which plain encoding refuses.
    return hmac.compare_digest(text.encode("utf-8", "surrogateescape"), expected.encode())


def _signature(key: bytes, named: str) -> str:
    return hmac.digest(key, named.encode("utf-8", "surrogateescape"), "sha256").hex()
