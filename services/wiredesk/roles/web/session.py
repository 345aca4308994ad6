"""Signed-in browsers: a cookie that proves its holder once had the token, and does not hold it.

Stateless, so it is good at every replica; another token ends all sessions.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Final

COOKIE: Final = "wiredesk"
LASTS: Final = timedelta(days=7)
_PURPOSE = b"wiredesk console session "
_SECONDS_DIGITS = 12


def opened(token: str, *, now: datetime) -> str:
    """The cookie's value for who has just shown `token`."""
    ends = str(int((now + LASTS).timestamp()))
    return f"{ends}.{_signature(token, ends)}"


def is_open(value: str, token: str, *, now: datetime) -> bool:
    """Whether `value` was made with `token` and has not run out."""
    ends, _, signature = value.partition(".")
    if not (ends.isascii() and ends.isdigit() and len(ends) <= _SECONDS_DIGITS):
        return False
    return is_same(signature, _signature(token, ends)) and now.timestamp() < int(ends)


def is_same(text: str, expected: str) -> bool:
    """Compares in a time that tells nothing of where they differ."""
    # aiohttp reads headers as UTF-8 and keeps other bytes as lone surrogates, which plain encoding refuses.
    return hmac.compare_digest(text.encode("utf-8", "surrogateescape"), expected.encode())


def _signature(token: str, ends: str) -> str:
    return hmac.digest(token.encode(), _PURPOSE + ends.encode(), "sha256").hex()
