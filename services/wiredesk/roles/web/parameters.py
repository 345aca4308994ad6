"""Query parameters as values; an error names the parameter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from wiredesk.database.items import ItemQuery
from wiredesk.query.codes import REGION, country_named, expected_of_language, expected_of_region
from wiredesk.roles.web.problem import Problem, fault
from wiredesk.text.dates import iso8601

if TYPE_CHECKING:
    from aiohttp import web

    from wiredesk.database import Database

DEFAULT_LIMIT, MAX_LIMIT = 50, 500
MAX_CHARACTERS = 1_000
MAX_SEQ = 2**63 - 1
KINDS = ("article", "comment")
ORDERS = ("newest", "oldest")
FILTERS = ("q", "region", "source", "language", "kind", "story", "article", "since", "until")
PAGING = ("limit", "cursor")
LISTED = (*FILTERS, "order", *PAGING)
"""The parameters of `/api/items`."""

STREAMED = (*FILTERS, "since_id")
"""The parameters of `/api/stream`."""

_INSTANT = "RFC 3339, such as 2026-11-24T09:00:00Z (a + in a URL is %2B)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter as the API's description tells it; `schema` is what it adds to `type: string`."""

    about: str
    schema: Mapping[str, object] = field(default_factory=dict)


_TEXT = {"maxLength": MAX_CHARACTERS}
_TIME = {"format": "date-time"}
_NUMBER = {"type": "integer", "minimum": 0, "maximum": MAX_SEQ}

PARAMETERS: Mapping[str, Parameter] = {
    "q": Parameter(about='Words that must occur, "a phrase", -without.', schema=_TEXT),
    "region": Parameter(about="ISO 3166-1 or -2, M49 or an own area, in focus: SY finds SY-HL as well.", schema=_TEXT),
    "source": Parameter(about="Registrable domain of the publisher.", schema=_TEXT),
    "language": Parameter(about="ISO 639: en finds en-GB as well.", schema=_TEXT),
    "kind": Parameter(about="Articles or comments alone.", schema={"enum": list(KINDS)}),
    "story": Parameter(about="Articles of this story.", schema=_TEXT),
    "article": Parameter(about="Comments on the article of this id.", schema=_TEXT),
    "since": Parameter(about="Stored at or after.", schema=_TIME),
    "until": Parameter(about="Stored before.", schema=_TIME),
    "order": Parameter(
        about="`newest` first: what changes while you read comes again at the top, not further down. `oldest` first: "
        "what is stored while you read comes at the end, so a reader who reaches it has missed nothing.",
        schema={"enum": list(ORDERS), "default": ORDERS[0]},
    ),
    "limit": Parameter(
        about="Most in one page.",
        schema={"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    ),
    "cursor": Parameter(about="`next` of the page before; all other parameters as they were.", schema=_TEXT),
    "since_id": Parameter(
        about="Begin after this `seq`; 0 is everything stored. Without: from now on.", schema=_NUMBER
    ),
}


def given_of(request: web.Request, names: Sequence[str]) -> dict[str, str]:
    """The parameters of a request, each of `names` at most once. Raises `Problem`."""
    for name, times in Counter(name for name, _ in request.query.items()).items():
        if times > 1:
            raise fault(name, request.query.getall(name)[1], expected=f"{name} once, got it {times} times")
    parameters = dict(request.query)
    _check(parameters, names)
    return parameters


def item_query(parameters: Mapping[str, str], names: Sequence[str] = LISTED) -> ItemQuery:
    """The query of these parameters, without the cursor. Raises `Problem`."""
    _check(parameters, names)
    order = _one_of(parameters, "order", ORDERS)
    _check_codes(parameters)
    since, until = _instant(parameters, "since"), _instant(parameters, "until")
    if since and until and since >= until:
        raise fault("since", parameters["since"], expected=f"a time before until, {parameters['until']}")
    return ItemQuery(
        text=parameters.get("q", ""),
        region=parameters.get("region", ""),
        source=parameters.get("source", ""),
        language=parameters.get("language", ""),
        kind=_one_of(parameters, "kind", KINDS),
        story=parameters.get("story", ""),
        article_id=parameters.get("article", ""),
        since=since,
        until=until,
        oldest_first=order == "oldest",
        limit=limit_of(parameters),
    )


def filters_of(parameters: Mapping[str, str], *, of: str = "items") -> str:
    """The key of the list that a cursor belongs to: its name and filters, without limit and cursor."""
    pairs = [[name, parameters[name]] for name in (*FILTERS, "order") if parameters.get(name)]
    return msgspec.json.encode([of, *pairs]).decode()


def limit_of(parameters: Mapping[str, str]) -> int:
    """The most rows of one page. Raises `Problem`."""
    return _number(parameters, "limit", default=DEFAULT_LIMIT, least=1, most=MAX_LIMIT)


def seq_of(parameters: Mapping[str, str], name: str) -> int | None:
    """A place in the sequence, None where none is given. Raises `Problem`."""
    return _number(parameters, name, default=0, least=0, most=MAX_SEQ) if parameters.get(name) else None


def _check(parameters: Mapping[str, str], names: Sequence[str]) -> None:
    for name, value in parameters.items():
        if name not in names:
            raise _unknown(name, value, names)
        if len(value) > MAX_CHARACTERS or "\x00" in value:
            raise fault(name, value, expected=f"at most {MAX_CHARACTERS} characters and no NUL")


def _check_codes(parameters: Mapping[str, str]) -> None:
    for name, expected_of in (("region", expected_of_region), ("language", expected_of_language)):
        value = parameters.get(name, "")
        if value and (expected := expected_of(value)):
            raise fault(name, value, expected=expected)


async def refuse_names(database: Database, query: ItemQuery) -> ItemQuery:
    """The query. Raises `Problem` where it asks for a country by its name, and no own area of an item is called so."""
    code = country_named(query.region)
    if code and not await database.items.has_region(query.region):
        raise fault("region", query.region, expected=f"{REGION}; did you mean {code}?")
    return query


def _unknown(name: str, value: str, names: Sequence[str]) -> Problem:
    return fault(name[:MAX_CHARACTERS], value, expected=f"one of the parameters {', '.join(names) or '(none)'}")


def _one_of(parameters: Mapping[str, str], name: str, known: Sequence[str]) -> str:
    value = parameters.get(name, "")
    if value and value not in known:
        raise fault(name, value, expected=" or ".join(known))
    return value


def _instant(parameters: Mapping[str, str], name: str) -> datetime | None:
    value = parameters.get(name, "")
    if not value:
        return None
    at = iso8601(value)
    if at is None:
        raise fault(name, value, expected=_INSTANT)
    return at


def _number(parameters: Mapping[str, str], name: str, *, default: int, least: int, most: int) -> int:
    value = parameters.get(name, str(default))
    if not (value.isascii() and value.isdigit() and len(value) <= 19 and least <= int(value) <= most):
        raise fault(name, value, expected=f"a number from {least} to {most}")
    return int(value)
