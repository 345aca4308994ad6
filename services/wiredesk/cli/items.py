"""`wiredesk items`: what is stored."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer

from wiredesk.backends import database_of
from wiredesk.cli.output import facts, json_line, line, rows
from wiredesk.cli.settings import AsJson, EnvFile, quiet_settings, run_async
from wiredesk.cli.times import since_when
from wiredesk.config import Config
from wiredesk.database import Database
from wiredesk.database.items import ItemQuery, StoredItem
from wiredesk.database.search import MAX_LIMIT
from wiredesk.errors import Misconfigured
from wiredesk.events import Article
from wiredesk.roles.web.item_json import rendered
from wiredesk.roles.web.parameters import item_query, refuse_names
from wiredesk.roles.web.problem import Problem

commands = typer.Typer(no_args_is_help=True, help="Stored articles and comments.")

COLUMNS = ("id", "kind", "stored", "source", "title")
TAIL_SECONDS, TAIL_PAGE = 0.5, 100


@commands.command()
def search(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="WORD", help='Words, "a phrase", -without; none: everything.')
    ] = None,
    region: Annotated[str, typer.Option(help="ISO 3166-1 or -2, M49 or an own area: SY finds SY-HL as well.")] = "",
    source: Annotated[str, typer.Option(help="Registrable domain of the page.")] = "",
    language: Annotated[str, typer.Option(help="ISO 639: en finds en-GB as well.")] = "",
    kind: Annotated[str, typer.Option(help="article or comment.")] = "",
    since: Annotated[str, typer.Option(help="Stored since: an age such as 24h or 7d, or RFC 3339.")] = "",
    until: Annotated[str, typer.Option(help="Stored before: the same.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    as_json: AsJson = False,
    env_file: EnvFile = None,
) -> None:
    """Search what is stored, newest first."""
    parameters = {
        "q": " ".join(words or ()),
        "region": region,
        "source": source,
        "language": language,
        "kind": kind,
        "since": _instant(since),
        "until": _instant(until),
    }
    query = _query({name: value for name, value in parameters.items() if value})
    run_async(_search(quiet_settings(env_file), query, limit=limit, as_json=as_json))


@commands.command()
def show(
    item_id: Annotated[str, typer.Argument(metavar="ID", help="The id that `items search` shows.")],
    as_json: AsJson = False,
    env_file: EnvFile = None,
) -> None:
    """Show one item whole."""
    item = run_async(_get(quiet_settings(env_file), item_id))
    if as_json:
        json_line(rendered(item))
        return
    for name, value in facts(rendered(item)):
        if name not in ("text", "markdown"):
            line(f"{name}: {value}")
    line("")
    line(item.event.text)


@commands.command()
def tail(
    from_start: Annotated[bool, typer.Option("--from-start", help="Begin with the oldest item stored.")] = False,
    as_json: AsJson = False,
    env_file: EnvFile = None,
) -> None:
    """Follow what is stored, live, until interrupted."""
    config = quiet_settings(env_file)
    try:
        run_async(_tail(config, from_start=from_start, as_json=as_json))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@commands.command()
def delete(
    item_id: Annotated[
        list[str] | None, typer.Option("--id", help="An item, or a copy of one; an article takes its comments along.")
    ] = None,
    source: Annotated[list[str] | None, typer.Option(help="Registrable domain: everything of it.")] = None,
    author: Annotated[list[str] | None, typer.Option(help="An author's whole name, in any case.")] = None,
    env_file: EnvFile = None,
) -> None:
    """Erase items, asking nothing: from the API, full text, alerts and what is due; each option is repeatable.

    The log keeps its records until they run out, and a replay stores them again.
    """
    selection = {"ids": item_id or [], "sources": source or [], "authors": author or []}
    if not any(value.strip() for values in selection.values() for value in values):
        raise typer.BadParameter("expected at least one --id, --source or --author")
    erased = run_async(_delete(quiet_settings(env_file), selection))
    sys.stdout.write(f"{erased} item{'' if erased == 1 else 's'} deleted\n")


def _instant(text: str) -> str:
    at = since_when(text, now=datetime.now(UTC))
    return at.isoformat() if at else ""


async def _delete(config: Config, selection: dict[str, list[str]]) -> int:
    async with database_of(config) as database:
        return await database.items.delete(
            **{name: list(filter(str.strip, values)) for name, values in selection.items()}
        )


def _query(parameters: dict[str, str]) -> ItemQuery:
    try:
        return item_query(parameters)
    except Problem as problem:
        raise typer.BadParameter(problem.detail) from problem


async def _search(config: Config, query: ItemQuery, *, limit: int, as_json: bool) -> None:
    """Print the newest `limit` items: as they are read, or all in one table."""
    shown: list[dict[str, object]] = []
    async with database_of(config) as database:
        try:
            await refuse_names(database, query)
        except Problem as problem:
            raise typer.BadParameter(problem.detail) from problem
        async for item in _found(database, query, limit=limit):
            if as_json:
                json_line(rendered(item))
            else:
                shown.append(_row(item))
    if not as_json:
        rows(shown, columns=COLUMNS, as_json=False, empty="nothing found")


async def _found(database: Database, query: ItemQuery, *, limit: int) -> AsyncIterator[StoredItem]:
    """The newest `limit` items, read page by page; what changes meanwhile is not read twice."""
    left, before = limit, None
    while left > 0:
        page = msgspec.structs.replace(query, limit=min(left, MAX_LIMIT), before_seq=before)
        items = await database.items.search(page)
        for item in items:
            yield item
        if len(items) < page.limit:
            return
        left, before = left - len(items), items[-1].seq


async def _get(config: Config, item_id: str) -> StoredItem:
    async with database_of(config) as database:
        return await stored(database, item_id)


async def stored(database: Database, item_id: str) -> StoredItem:
    """The item of that id. Raises `Misconfigured` where there is none."""
    item = await database.items.get(item_id)
    if item is None:
        raise Misconfigured(f"no item {item_id!r}: `wiredesk items search` gives ids")
    return item


async def _tail(config: Config, *, from_start: bool, as_json: bool) -> None:
    async with database_of(config, opening="create") as database:  # it waits for what the first run will store
        at = 0 if from_start else await database.items.head()
        while True:
            items = await database.items.after(at, limit=TAIL_PAGE)
            for item in items:
                at = item.seq
                if as_json:
                    json_line(rendered(item))
                else:
                    line("  ".join(str(value) for value in _row(item).values()))
            if len(items) < TAIL_PAGE:  # after a full page there is most likely more
                await asyncio.sleep(TAIL_SECONDS)


def _row(item: StoredItem) -> dict[str, object]:
    event = item.event
    return {
        "id": event.id,
        "kind": item.kind,
        "stored": f"{item.stored_at:%Y-%m-%d %H:%M:%S}",
        "source": event.source if isinstance(event, Article) else event.author,
        "title": event.title if isinstance(event, Article) else event.text,
    }
