"""The errors that mean something to the pipeline.

    WiredeskError
    ├── Malformed      bytes that are not what they claim to be: dead letter
    ├── Unavailable    a dependency is down or slow: try the same again later
    ├── Overrun        a worker process overran its limits or died: degrade this item
    └── Misconfigured  a setting or file is wrong: one line to the operator, exit status 1

Anything else that is raised is a bug and travels.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator


class WiredeskError(Exception):
    """Root of the errors raised on purpose; its text is one line fit for an operator."""


class Malformed(WiredeskError):
    """The bytes are not what they claim to be; the text says where and what was expected."""


class Unavailable(WiredeskError):
    """A dependency is down or slow; the same call may succeed later.

    `dependency` names it in `/readyz` and logs: "kafka", "bus" (the embedded log), "database", "state".
    """

    def __init__(self, message: str, *, dependency: str = "") -> None:
        super().__init__(message)
        self.dependency = dependency


class Overrun(WiredeskError):
    """A worker process used more time or memory than allowed, or died, on one item."""


class Misconfigured(WiredeskError):
    """A setting, file or stored schema cannot be used; the text names it and what was expected."""


class SchemaBehind(Misconfigured):
    """The database's schema is older than this code, or there is none; `version` is None then."""

    def __init__(self, message: str, *, version: str | None) -> None:
        super().__init__(message)
        self.version = version


def within(error: BaseException) -> Iterator[BaseException]:
    """The errors that a group holds, the outermost first; `error` itself where it is no group."""
    pending = [error]
    while pending:
        first = pending.pop(0)
        if isinstance(first, BaseExceptionGroup):
            pending.extend(first.exceptions)
        else:
            yield first


def nearest(word: str, known: Iterable[str]) -> str:
    """What to add to a complaint about an unknown `word`: the known one most like it."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0)
    return f"; did you mean {near[0]}?" if near else ""
