"""Events as JSON and back."""

from __future__ import annotations

from typing import Any

import msgspec

from wiredesk.errors import Malformed
from wiredesk.events.envelope import type_of
from wiredesk.events.event import Event
from wiredesk.events.structs import TYPES

_ENCODER = msgspec.json.Encoder()
_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {name: msgspec.json.Decoder(event) for name, event in TYPES.items()}


def encode(event: Event) -> bytes:
    """JSON of `event`, UTF-8. Raises `Malformed` where a text holds NUL or a lone surrogate."""
    try:
        value = _ENCODER.encode(event)
    except UnicodeEncodeError as error:
        raise Malformed(f"{type(event).__name__} holds text that is not Unicode: {error}") from error
    if b"\\u0000" in value:
        _refuse_nul(event, value)
    return value


def decode(value: bytes, *, type_name: str) -> Event:
    """The event in `value`, whose `ce_type` is `type_name`.

    Unknown fields are ignored. Raises `Malformed`, and nothing else, on any bytes: not JSON, not of the
    schema, an unknown type, or a text that holds NUL (PostgreSQL cannot store one).
    """
    decoder = _DECODERS.get(type_name)
    if decoder is None:
        raise Malformed(f"unknown ce_type {type_name[:100]!r}, expected one of {', '.join(sorted(TYPES))}")
    try:
        event: Event = decoder.decode(value)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as error:
        raise Malformed(f"not a {type_name}: {error}") from error
    if b"\\u0000" in value:
        _refuse_nul(event, value)
    return event


def _refuse_nul(event: Event, value: bytes) -> None:
    # The six characters may also be a quoted backslash followed by "u0000", which is harmless: so look at the texts.
    if _holds_nul(msgspec.json.decode(value)):
        raise Malformed(f"a text of this {type_of(event)} holds NUL")


def _holds_nul(value: object) -> bool:
    match value:
        case str():
            return "\x00" in value
        case list():
            return any(_holds_nul(item) for item in value)
        case dict():
            return any(_holds_nul(item) for pair in value.items() for item in pair)
    return False
