"""Cursors: a position in a list, opaque, and valid only for the list it was made for."""

from __future__ import annotations

import base64
import hmac

_TAG_BYTES = 12


class Cursors:
    """Signs and reads cursors; `key` must be the same in all replicas."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, position: int, *, filters: str) -> str:
        """The cursor for the rows beyond `position` of the list with these `filters`."""
        number = position.to_bytes(8, "big")
        return base64.urlsafe_b64encode(number + self._tag(number, filters)).decode().rstrip("=")

    def read(self, cursor: str, *, filters: str) -> int:
        """The position in `cursor`. Raises `ValueError`, which tells what was expected, where it is not of this list."""
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except ValueError as error:
            raise ValueError("the `next` of an earlier page as it was") from error
        number, tag = raw[:8], raw[8:]
        # The last character has bits to spare: two of them may stand for the same bytes, and one alone is ours.
        is_as_written = base64.urlsafe_b64encode(raw).decode().rstrip("=") == cursor
        if not is_as_written or len(number) != 8 or not hmac.compare_digest(tag, self._tag(number, filters)):
            raise ValueError("the `next` of an earlier page of this list, all other parameters as they were")
        return int.from_bytes(number, "big")

    def _tag(self, number: bytes, filters: str) -> bytes:
        return hmac.digest(self._key, number + filters.encode(), "sha256")[:_TAG_BYTES]
