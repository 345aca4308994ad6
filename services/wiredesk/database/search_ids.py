"""The seqs that a search matches, along an index in order of `seq`; bodies are read for those alone.

Reading every matching body and sorting them costs 710 ms for a region with 20,000 items; along the index of regions by
seq it is under one. So every question starts from one such index and stops when it has a page:

| asked for                | read along                                                                    |
|--------------------------|-------------------------------------------------------------------------------|
| words, on SQLite         | FTS5 by row number, which is the seq; or a narrow other index, asking FTS5 row by row |
| region                   | `item_regions_seq`                                                            |
| source, story, article   | their indexes on `items`, each ending in seq                                  |
| language                 | `items_language`, by primary subtag                                           |
| anything else            | `items_seq`                                                                   |

PostgreSQL chooses by its statistics among the same indexes, and GIN for rare words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    LargeBinary,
    Select,
    Text,
    bindparam,
    cast,
    column,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database import fulltext
from wiredesk.database.fulltext import TextQuery
from wiredesk.database.item_rows import primary_language
from wiredesk.database.search import MAX_LIMIT, ItemQuery
from wiredesk.database.statements import is_sqlite
from wiredesk.database.tables import item_events, item_regions, items
from wiredesk.query.regions import region_key
from wiredesk.text import hosts

NARROW = 200
"""Items among which FTS5 is asked for each: at 20 µs a question it is cheaper than reading a common word's list."""

CLOCKS_APART = timedelta(hours=1)
"""How far the clocks of replicas that store may be apart: `stored_at` grows with `seq` but for that."""

_ITEMS_OF_REGIONS = item_regions.join(items, items.c.seq == item_regions.c.seq)

_WORDS = table("item_words", column("rowid", Integer))
"""The FTS5 table of SQLite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Road:
    """Rows to read along: `rows` in order of `seq`, and what must hold of them."""

    rows: FromClause
    seq: ColumnElement[int]
    conditions: Sequence[ColumnElement[bool]]


async def page_of(connection: AsyncConnection, query: ItemQuery, *, limit: int) -> Select[tuple[int]]:
    """A statement that selects the seqs of one page of matches of `query`.

    To be part of the one that reads the bodies: an item that gets a new seq between two statements would be missing
    from its page, and a page that is short is taken for the last.
    """
    words = fulltext.parse(query.text)
    if query.text.strip() and not (words.required or words.excluded):
        return select(items.c.seq).where(false())  # a text without any word finds nothing
    if is_sqlite(connection):
        road = await _sqlite_road(connection, query, words)
    else:
        road = _postgres_road(query, words)
    order = road.seq.asc() if query.oldest_first else road.seq.desc()
    conditions = [*road.conditions, *_bounds(query, road.seq)]
    statement = select(road.seq).select_from(road.rows).where(*conditions).order_by(order)
    return statement.limit(limit)


def sized(connection: AsyncConnection, seqs: Select[tuple[int]], query: ItemQuery) -> Select[tuple[int, int, int, int]]:
    """A statement that selects each of `seqs` with its place in the order of `query`, from 1, the bytes of all events up to and
    with it, and how many there are. Sizes alone are read, no bodies: PostgreSQL keeps them beside the compressed text."""
    named = seqs.subquery()
    event = item_events.c.event
    size = func.length(cast(event, LargeBinary)) if is_sqlite(connection) else func.octet_length(event)
    rows = items.join(named, items.c.seq == named.c[0]).join(item_events, item_events.c.id == items.c.id)
    # The limit keeps SQLite from merging the two: it would carry every body through the windows, hundreds of megabytes.
    sizes = select(items.c.seq, size.label("size")).select_from(rows).limit(MAX_LIMIT + 1).subquery()
    order = sizes.c.seq.asc() if query.oldest_first else sizes.c.seq.desc()
    return select(
        sizes.c.seq,
        func.row_number().over(order_by=order).label("place"),
        func.sum(sizes.c.size).over(order_by=order).label("size"),
        func.count().over().label("total"),
    )


def _postgres_road(query: ItemQuery, words: TextQuery) -> _Road:
    """The planner chooses between GIN and the indexes by `seq`: it knows how common words are, once it has analysed."""
    road = _plain_road(query)
    if not words.required and not words.excluded:
        return road
    matches = item_events.c.words.bool_op("@@")(fulltext.tsquery(words))
    with_items = _ITEMS_OF_REGIONS if road.rows is item_regions else road.rows
    rows = with_items.join(item_events, item_events.c.id == items.c.id)
    return _Road(rows=rows, seq=road.seq, conditions=[*road.conditions, matches])


async def _sqlite_road(connection: AsyncConnection, query: ItemQuery, words: TextQuery) -> _Road:
    road = _plain_road(query)
    if not words.required:
        unwanted = [~_is_match(road.seq, fulltext.fts5_any(words.excluded))] if words.excluded else []
        return _Road(rows=road.rows, seq=road.seq, conditions=[*road.conditions, *unwanted])
    if await _is_narrow(connection, query):
        return _Road(
            rows=road.rows, seq=road.seq, conditions=[*road.conditions, _is_match(road.seq, fulltext.fts5(words))]
        )
    return _words_road(query, words)


def _plain_road(query: ItemQuery) -> _Road:
    """The rows of a query without words."""
    conditions = _of_items(query)
    if not query.region:
        return _Road(rows=items, seq=items.c.seq, conditions=[*conditions, *_of_language(query, items.c.language)])
    of_region = [item_regions.c.code == region_key(query.region), *_of_language(query, item_regions.c.language)]
    rows = _ITEMS_OF_REGIONS if conditions else item_regions
    return _Road(rows=rows, seq=item_regions.c.seq, conditions=[*of_region, *conditions])


def _words_road(query: ItemQuery, words: TextQuery) -> _Road:
    """Along the matches of FTS5, the newest first."""
    conditions = [_asked(fulltext.fts5(words)), *_of_items(query), *_of_language(query, items.c.language)]
    if query.region:
        code = region_key(query.region)
        conditions.append(exists().where(item_regions.c.item_id == items.c.id, item_regions.c.code == code))
    # The plus keeps SQLite from turning the loops round, which would ask FTS5 once for each item.
    # https://sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_
    rows = _WORDS.join(items, items.c.seq == literal_column("+item_words.rowid", Integer))
    return _Road(rows=rows, seq=_WORDS.c.rowid, conditions=conditions)


async def _is_narrow(connection: AsyncConnection, query: ItemQuery) -> bool:
    """Whether region, source, story or article leave few items."""
    narrowing: list[Select[tuple[int]]] = []
    if query.region:
        narrowing.append(select(item_regions.c.seq).where(item_regions.c.code == region_key(query.region)))
    pairs = ((items.c.story, query.story), (items.c.article_id, query.article_id))
    conditions = [*_of_source(query), *(column == value for column, value in pairs if value)]
    narrowing += [select(items.c.seq).where(condition) for condition in conditions]
    for statement in narrowing:
        # Counted no further than the decision needs: a large region has most of all rows.
        sample = statement.limit(NARROW + 1).subquery()
        if (await connection.execute(select(func.count()).select_from(sample))).scalar_one() <= NARROW:
            return True
    return False


def _of_items(query: ItemQuery) -> list[ColumnElement[bool]]:
    """What must hold of a row of `items`, language and region apart."""
    pairs = ((items.c.kind, query.kind), (items.c.story, query.story), (items.c.article_id, query.article_id))
    conditions = [*_of_source(query), *(column == value for column, value in pairs if value)]
    if query.since is not None:
        conditions.append(items.c.stored_at >= query.since)
    if query.until is not None:
        conditions.append(items.c.stored_at < query.until)
    return conditions


def _of_source(query: ItemQuery) -> list[ColumnElement[bool]]:
    """Conditions on the source. A host has several forms, and older items may be stored under another than newer ones."""
    forms = list(hosts.forms(query.source)) if query.source else []
    return [items.c.source == forms[0] if len(forms) == 1 else items.c.source.in_(forms)] if forms else []


def _of_language(query: ItemQuery, column: ColumnElement[str]) -> list[ColumnElement[bool]]:
    if not query.language:
        return []
    language = query.language.casefold()
    variants = or_(column == language, column.startswith(f"{language}-", autoescape=True))
    if column is items.c.language:
        return [items.c.primary_language == primary_language(language), variants]
    return [variants]


def _is_match(seq: ColumnElement[int], question: str) -> ColumnElement[bool]:
    """Whether FTS5 finds the item of this seq."""
    return exists(select(_WORDS.c.rowid).where(_asked(question), _WORDS.c.rowid == seq))


def _asked(question: str) -> ColumnElement[bool]:
    # FTS5's own name for "any column" is the table's.
    return literal_column("item_words", Text).bool_op("MATCH")(bindparam("words_query", question, unique=True))


def _bounds(query: ItemQuery, seq: ColumnElement[int]) -> list[ColumnElement[bool]]:
    """The first and last seq to read: from cursors, and from the times of the query."""
    bounds: list[ColumnElement[bool]] = []
    if query.before_seq is not None:
        bounds.append(seq < query.before_seq)
    if query.after_seq is not None:
        bounds.append(seq > query.after_seq)
    stored = items.alias("stored")
    if query.since is not None:
        first = select(stored.c.seq).where(stored.c.stored_at >= query.since - CLOCKS_APART)
        bounds.append(seq >= first.order_by(stored.c.stored_at, stored.c.seq).limit(1).scalar_subquery())
    if query.until is not None:
        last = select(stored.c.seq).where(stored.c.stored_at < query.until + CLOCKS_APART)
        bounds.append(seq <= last.order_by(stored.c.stored_at.desc(), stored.c.seq.desc()).limit(1).scalar_subquery())
    return bounds
