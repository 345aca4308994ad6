"""The keys of cookies and cursors, from the token."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

SCRYPT: Final = {"n": 2**14, "r": 8, "p": 1}
"""50 ms and 16 MB: cookies and cursors are seen by others, who could try words as tokens against them (RFC 7914)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """One key a purpose; the same in all replicas that have the same token."""

    sessions: bytes
    cursors: bytes

    @classmethod
    def of(cls, secret: str) -> Keys:
        """Derived slowly, once, at the start."""
        salt = b"wiredesk web keys"
        master = hashlib.scrypt(secret.encode(), salt=salt, dklen=32, n=SCRYPT["n"], r=SCRYPT["r"], p=SCRYPT["p"])
        return cls(sessions=_derived(master, b"sessions"), cursors=_derived(master, b"cursors"))


def _derived(master: bytes, purpose: bytes) -> bytes:
    return hashlib.blake2b(key=master, person=purpose, digest_size=32).digest()
