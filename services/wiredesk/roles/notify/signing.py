"""Signatures of Standard Webhooks 1.0.0, scheme `v1`: HMAC-SHA256 over id, time and body.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

from wiredesk.errors import Misconfigured

MARK = "whsec_"
LEAST_BYTES, MOST_BYTES = 24, 64


def keys_of(secret: str) -> tuple[bytes, ...]:
    """The keys in a secret: `whsec_` and base64 of 24 to 64 bytes; several apart by blanks while one replaces another.

    Raises `Misconfigured`, which never shows the secret.
    """
    keys = tuple(_key(part) for part in secret.split())
    if not keys:
        raise Misconfigured(f"empty secret, expected {MARK} and base64 of {LEAST_BYTES} to {MOST_BYTES} bytes")
    return keys


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text.removeprefix(MARK), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Misconfigured(f"the secret is not {MARK} and base64") from error
    if not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise Misconfigured(f"the secret is of {len(key)} bytes, expected {LEAST_BYTES} to {MOST_BYTES}")
    return key


def signed(body: bytes, *, webhook_id: str, at: datetime, keys: Sequence[bytes]) -> Mapping[str, str]:
    """The headers of one try; every key signs, so a receiver may check by any of them. `webhook_id` holds no full stop."""
    timestamp = str(int(at.timestamp()))
    content = b".".join([webhook_id.encode(), timestamp.encode(), body])
    digests = [hmac.digest(key, content, hashlib.sha256) for key in keys]
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests),
    }
