"""Query parameters as values; what is wrong with one is said by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus

from wiredesk.database.items import ItemQuery
from wiredesk.roles.web.problems import Problem

DEFAULT_LIMIT, MAX_LIMIT = 50, 500
MAX_CHARACTERS = 1_000
FILTERS = ("q", "region", "source", "language", "kind", "story", "article", "since", "until")
KINDS = ("", "article", "comment")


def item_query(given: Mapping[str, str]) -> ItemQuery:
    """What `/api/items` is asked for, without cursor. Raises `Problem`."""
    unknown = sorted(set(given) - {*FILTERS, "limit", "cursor"})
    if unknown:
        raise _bad(f"unknown parameter {unknown[0]!r}, expected {', '.join((*FILTERS, 'limit', 'cursor'))}")
    for name, value in given.items():
        if len(value) > MAX_CHARACTERS or "\x00" in value:
            raise _bad(f"{name}: expected at most {MAX_CHARACTERS} characters and no NUL")
    if given.get("kind", "") not in KINDS:
        raise _bad(f"kind={given['kind']!r}: expected article or comment")
    return ItemQuery(
        text=given.get("q", ""), region=given.get("region", ""), source=given.get("source", ""),
        language=given.get("language", ""), kind=given.get("kind", ""), story=given.get("story", ""),
        article_id=given.get("article", ""), since=_instant(given, "since"), until=_instant(given, "until"),
        before_seq=None, limit=_limit(given),
    )  # fmt: skip


def filters_of(given: Mapping[str, str]) -> str:
    """What a cursor belongs to: the filters, without limit and cursor."""
    return "&".join(f"{name}={given[name]}" for name in FILTERS if given.get(name))


def _instant(given: Mapping[str, str], name: str) -> datetime | None:
    value = given.get(name, "")
    if not value:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise _bad(f"{name}={value!r}: expected RFC 3339, such as 2026-11-24T09:00:00Z") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _limit(given: Mapping[str, str]) -> int:
    value = given.get("limit", str(DEFAULT_LIMIT))
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= MAX_LIMIT):
        raise _bad(f"limit={value!r}: expected a number from 1 to {MAX_LIMIT}")
    return int(value)


def _bad(detail: str) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, detail)
