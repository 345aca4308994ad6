"""What a caller did wrong, as an exception; `problems.py` makes the answers of it."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

MAX_SHOWN = 80
"""Characters of a value that an error repeats."""


class Problem(Exception):
    """What the caller did wrong, or what is not there; `detail` names the value and what was expected."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        facts: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers, self.facts = status, detail, headers or {}, facts or {}


def fault(name: str, value: str, *, expected: str) -> Problem:
    """The problem of a parameter or header: its name, what was given and what was expected."""
    shown = value if len(value) <= MAX_SHOWN else f"{value[:MAX_SHOWN]}…"
    return Problem(
        HTTPStatus.BAD_REQUEST,
        f"{name}={shown!r}: expected {expected}",
        facts={"parameter": name, "value": shown, "expected": expected},
    )
