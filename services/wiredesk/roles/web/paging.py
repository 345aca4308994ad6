"""Lists in pages, each with the cursor of the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from wiredesk.roles.web.cursors import Cursors
from wiredesk.roles.web.problem import fault


class Placed(Protocol):
    """A row with a place in the public sequence."""

    @property
    def seq(self) -> int:
        """Its place."""
        ...


T = TypeVar("T", bound=Placed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPage(Generic[T]):
    """A piece of a list; `next` leads to the following one, None at the end."""

    rows: Sequence[T]
    next: str | None


class Pager:
    """The pages of one list with its filters, for which alone its cursors hold."""

    def __init__(self, cursors: Cursors, *, filters: str) -> None:
        self._cursors, self._filters = cursors, filters

    def position(self, parameters: Mapping[str, str]) -> int | None:
        """Where the cursor given stands, None without one. Raises `Problem`."""
        cursor = parameters.get("cursor")
        if not cursor:
            return None
        try:
            return self._cursors.read(cursor, filters=self._filters)
        except ValueError as error:
            raise fault("cursor", cursor, expected=str(error)) from error

    def page(self, all_rows: Sequence[T], *, limit: int) -> ResultPage[T]:
        """The page of the first `limit` of `all_rows`, a search for one more row: the extra row shows that a next page exists."""
        return self.piece(all_rows[:limit], goes_on=len(all_rows) > limit)

    def piece(self, rows: Sequence[T], *, goes_on: bool) -> ResultPage[T]:
        """The page that has these rows."""
        return ResultPage(rows=rows, next=self._cursors.write(rows[-1].seq, filters=self._filters) if goes_on else None)
