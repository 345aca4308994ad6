"""Writes `docs/events.md` anew from the events: `make schemas`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wiredesk.events import ALL, values
from wiredesk.events.schemas import json_schema
from wiredesk.events.topics import TOPICS

PAGE = Path(__file__).parents[2] / "docs" / "events.md"

HEADERS = {
    "ce_specversion": "`1.0`: CloudEvents in binary mode",
    "ce_id": "the capture: the same for a replay. Who wants each thing once skips one already seen",
    "ce_source": "`/<prefix>/<role>`",
    "ce_type": "the type below; a copy on `duplicates` has `wiredesk.article.duplicate` or `wiredesk.comment.duplicate`",
    "ce_time": "when the record was made",
    "ce_subject": "the URL, else the id of the item",
    "ce_dataschema": "`$id` of the schema: `urn:wiredesk:schemas:NAME.json` stands in `deploy/asyncapi/schemas/`, and `web` serves it at "
    "`/schemas/NAME.json`",
    "content-type": "`application/json`",
    "traceparent": "W3C trace context, one trace from the poll to the webhook",
}
DEAD = {
    "dead_topic": "where the record was read",
    "dead_partition": "in which partition",
    "dead_offset": "at which offset",
    "dead_role": "who could not take it",
    "dead_reason": "a slug",
    "dead_error": "a sentence",
    "dead_traceback": "where a bug raised",
    "dead_time": "when",
    "dead_attempts": "how often it was tried",
    "dead_truncated": "bytes of the value, where only its first 64 KB are kept",
    "dead_replayed": "on a marker without value: the letter it names was replayed",
}


def page() -> str:
    """The page as it should be."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Events"
    yield ""
    yield "Made from the code by `make schemas`. Values are JSON; times are RFC 3339 in UTC; offsets are code points."
    yield "Fields are only ever added; a reader ignores those it does not know. A field that may be absent says `null`"
    yield "or is left out. Where a schema lists words (`enum`), a later version may write more: a reader goes on with those it"
    yield "does not know. Topic names begin with the prefix, `wiredesk` unless set."
    yield ""
    yield from _table(("topic", "carries", "key", "kept"), _topics())
    yield ""
    yield "## Headers"
    yield ""
    yield from _table(("header", "what"), HEADERS.items())
    yield ""
    yield "Dead letters keep the headers they had, and have:"
    yield ""
    yield from _table(("header", "what"), DEAD.items())
    for event in ALL:
        yield from _section(event.__name__, event, f"`{event.type_name}`. ")
    for name in ("Times", "Extraction", "Verdict", "Story", "Place", "Region", "Match"):
        yield from _section(name, getattr(values, name), "")


def _topics() -> Iterator[tuple[str, str, str, str]]:
    for name, (kept, carried, key) in TOPICS.items():
        yield (
            f"`{name}`",
            ", ".join(f"[{event.__name__}](#{event.__name__.lower()})" for event in carried) or "the record as it was",
            key,
            f"{kept.days} days",
        )


def _section(name: str, struct: type[Any], before: str) -> Iterator[str]:
    yield ""
    yield f"## {name}"
    yield ""
    first, *_ = inspect.cleandoc(struct.__doc__ or "").splitlines()
    yield f"{before}{first}"
    inherited = [base for base in struct.__mro__[1:] if base in ALL]
    if inherited:
        yield f"Everything of [{inherited[0].__name__}](#{inherited[0].__name__.lower()}), and:"
    yield ""
    own = [field for field in struct.__struct_fields__ if field in struct.__annotations__]
    properties = _properties(name)
    yield from _table(
        ("field", "type", "what"),
        ((f"`{field}`", _type(properties[field]), properties[field]["description"]) for field in own),
    )


def _properties(name: str) -> dict[str, Any]:
    for event in ALL:
        schema: dict[str, Any] = json_schema(event)
        if event.__name__ == name:
            return schema["properties"]  # type: ignore[no-any-return]
        if name in schema["$defs"]:
            return schema["$defs"][name]["properties"]  # type: ignore[no-any-return]
    raise KeyError(name)


def _type(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    return "time" if schema.get("format") == "date-time" else str(schema.get("type", "any"))


def _table(head: tuple[str, ...], rows: Any) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
