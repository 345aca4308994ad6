"""`wiredesk dedupe`: why an item is new, a revision or a copy."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from wiredesk.backends import bus_of, database_of
from wiredesk.bus.records import to_event
from wiredesk.cli.output import counted, json_line, line, rows
from wiredesk.cli.settings import AsJson, EnvFile, quiet_settings, run_async
from wiredesk.config import Config
from wiredesk.database import Database
from wiredesk.database.items import ItemQuery, StoredItem
from wiredesk.errors import Misconfigured
from wiredesk.events import Judged, JudgedArticle, JudgedComment
from wiredesk.roles.dedupe.explain import Comparison, Differing, Side, compare
from wiredesk.roles.dedupe.judge import ArticleSighting
from wiredesk.roles.dedupe.stage import sighting_of
from wiredesk.roles.dedupe.text import normal

commands = typer.Typer(no_args_is_help=True, help="Why an item is new, a revision or a copy.")

MEMBERS = ("id", "source", "seen", "url", "role")
MOST_MEMBERS = 1_000
SHOWN = 12
"""Key facts listed by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """All that is known; `item` is None where of a copy only the sighting is left, `of` its original's id."""

    item: Judged | None
    of: str | None
    original: StoredItem | None
    members: Sequence[dict[str, object]]
    comparison: Comparison | None


@commands.command()
def explain(
    item_id: Annotated[str, typer.Argument(metavar="ID", help="The id of an item, or of a copy of one.")],
    as_json: AsJson = False,
    env_file: EnvFile = None,
) -> None:
    """Show an item's verdict and story, and compare it anew with the one that it is a copy or an update of."""
    found = run_async(_explained(quiet_settings(env_file), item_id))
    if as_json:
        json_line(_as_json(item_id, found))
        return
    for told in _told(item_id, found):
        line(told)
    if found.members:
        line("")
        rows(found.members, columns=MEMBERS, as_json=False, empty="")


async def _explained(config: Config, item_id: str) -> Explained:
    async with database_of(config) as database:
        stored = await database.items.get(item_id)
        item: Judged | None = stored.event if stored else await _copy(config, item_id)
        of = item.verdict.of if item else await database.items.original_of(item_id)
        if item is None and of is None:
            raise Misconfigured(f"no item and no copy {item_id!r}: `wiredesk items search` gives ids")
        original = await database.items.get(of) if of and of != item_id else None
        story = item.story.id if isinstance(item, JudgedArticle) and item.story else _story_of(original)
        members = await _members(database, story) if story else []
    return Explained(item=item, of=of, original=original, members=members, comparison=_compared(item, original))


async def _copy(config: Config, copy_id: str) -> Judged | None:
    """A copy is not stored with its text, but the log has it for some days; the newest of that id."""
    if sys.stderr.isatty():
        sys.stderr.write("not stored as an item: looking through the log of copies\n")
    found: Judged | None = None
    named = copy_id.encode()
    async with bus_of(config, client="dedupe-explain") as bus:
        async for record in bus.browse(f"{config.prefix}.duplicates"):
            if named not in record.value:
                continue
            event = to_event(record)
            if isinstance(event, JudgedArticle | JudgedComment) and event.id == copy_id:
                found = event
    return found


def _story_of(original: StoredItem | None) -> str:
    event = original.event if original else None
    return event.story.id if isinstance(event, JudgedArticle) and event.story else ""


async def _members(database: Database, story: str) -> list[dict[str, object]]:
    """Who tells the story: its articles, and the copies seen of each, in order of time."""
    found = await database.items.search(ItemQuery(story=story, limit=MOST_MEMBERS))
    members: list[dict[str, object]] = []
    for item in found:
        article = item.event
        if not isinstance(article, JudgedArticle):
            continue
        role = "original" if article.id == story else article.verdict.kind
        members.append(_member(article.id, article.source, item.first_seen or item.stored_at, article.url, role))
        members += [_member(copy.id, copy.source, copy.seen, copy.url, "copy") for copy in item.sources]
    return sorted(members, key=lambda member: str(member["seen"]))


def _member(member_id: str, source: str, seen: object, url: str, role: str) -> dict[str, object]:
    return {"id": member_id, "source": source, "seen": seen, "url": url, "role": role}


def _compared(item: Judged | None, original: StoredItem | None) -> Comparison | None:
    if not isinstance(item, JudgedArticle) or original is None or not isinstance(original.event, JudgedArticle):
        return None
    return compare(_side(item), _side(original.event))


def _side(article: JudgedArticle) -> Side:
    sighting = sighting_of(article)
    assert isinstance(sighting, ArticleSighting)
    return Side(sighting=sighting, words=normal(article.text, title=article.title))


def _as_json(item_id: str, found: Explained) -> dict[str, object]:
    item, comparison = found.item, found.comparison
    return {
        "id": item_id,
        "of": found.of,
        "verdict": item.verdict if item else None,
        "story": item.story if isinstance(item, JudgedArticle) else None,
        "members": found.members,
        "comparison": comparison
        and {
            "verdict": comparison.verdict,
            "reasons": comparison.reasons,
            "numbers": comparison.numbers,
            "names": comparison.names,
            "likeness": comparison.likeness,
        },
    }


def _told(item_id: str, found: Explained) -> list[str]:
    item = found.item
    if item is None:
        return [f"{item_id}: a copy of {found.of}; its text is in the log no more"]
    title = item.title if isinstance(item, JudgedArticle) else f"comment by {item.author or 'unknown'}"
    told = [f"{item_id}: {title}", f"verdict: {_verdict(item)}"]
    if found.of and found.of != item_id:
        original = found.original.event if found.original else None
        what = (
            original.title if isinstance(original, JudgedArticle) else "not stored" if original is None else "comment"
        )
        told.append(f"of: {found.of}: {what}")
    if isinstance(item, JudgedArticle) and item.story:
        story = item.story
        told.append(
            f"story: {story.id}: when judged {counted(story.items, 'item')} of {counted(story.sources, 'source')}, "
            f"first seen {story.first_seen:%Y-%m-%d %H:%M:%S} UTC"
        )
    if found.comparison:
        told += ["", *_told_of(found.comparison)]
    return told


def _verdict(item: Judged) -> str:
    verdict = item.verdict
    facts = {
        "by": verdict.how,
        "score": "" if verdict.score is None else f"{verdict.score}",
        "changed:": ", ".join(verdict.changed),
        "campaign": verdict.campaign or "",
    }
    return ", ".join([verdict.kind, *(f"{name} {fact}" for name, fact in facts.items() if fact)])


def _told_of(comparison: Comparison) -> list[str]:
    verdict, like = comparison.verdict, comparison.likeness
    told = ["compared with it anew, from both texts as they are now and nothing else:"]
    if like is not None:
        told.append(
            f"  text: {like.new_covered:.0%} of this one stands in the other, {like.old_covered:.0%} of the other in "
            f"this one ({like.common} sampled shingles common)"
        )
        told.append(f"  title words: {like.title:.0%} common")
    for name, facts in (("numbers", comparison.numbers), ("names", comparison.names)):
        told.append(f"  {name}: {_differing(facts)}")
    told.append(f"  so it would be {'a ' if verdict.kind != 'new' else ''}{verdict.kind}, because:")
    return [*told, *(f"  - {reason}" for reason in comparison.reasons)]


def _differing(facts: Differing) -> str:
    sides = (("only here", facts.only_new), ("only there", facts.only_old))
    told = [f"{where} {', '.join(some[:SHOWN])}{' …' if len(some) > SHOWN else ''}" for where, some in sides if some]
    return "; ".join(told) or "the same"
