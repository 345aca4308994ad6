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
    explained = run_async(_explained(quiet_settings(env_file), item_id))
    if as_json:
        json_line(_as_json(item_id, explained))
        return
    for text in _lines(item_id, explained):
        line(text)
    if explained.members:
        line("")
        rows(explained.members, columns=MEMBERS, as_json=False, empty="")


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
    copy: Judged | None = None
    named = copy_id.encode()
    async with bus_of(config, client="dedupe-explain") as bus:
        async for record in bus.browse(f"{config.prefix}.duplicates"):
            # A look at the bytes spares decoding every record of the topic.
            if named not in record.value:
                continue
            event = to_event(record)
            if isinstance(event, JudgedArticle | JudgedComment) and event.id == copy_id:
                copy = event
    return copy


def _story_of(original: StoredItem | None) -> str:
    event = original.event if original else None
    return event.story.id if isinstance(event, JudgedArticle) and event.story else ""


async def _members(database: Database, story: str) -> list[dict[str, object]]:
    """Who tells the story: its articles, and the copies seen of each, in order of time."""
    stored = await database.items.search(ItemQuery(story=story, limit=MOST_MEMBERS))
    members: list[dict[str, object]] = []
    for item in stored:
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


def _as_json(item_id: str, explained: Explained) -> dict[str, object]:
    item, comparison = explained.item, explained.comparison
    return {
        "id": item_id,
        "of": explained.of,
        "verdict": item.verdict if item else None,
        "story": item.story if isinstance(item, JudgedArticle) else None,
        "members": explained.members,
        "comparison": comparison
        and {
            "verdict": comparison.verdict,
            "reasons": comparison.reasons,
            "numbers": comparison.numbers,
            "names": comparison.names,
            "likeness": comparison.likeness,
        },
    }


def _lines(item_id: str, explained: Explained) -> list[str]:
    item = explained.item
    if item is None:
        return [f"{item_id}: a copy of {explained.of}; its text is in the log no more"]
    title = item.title if isinstance(item, JudgedArticle) else f"comment by {item.author or 'unknown'}"
    lines = [f"{item_id}: {title}", f"verdict: {_verdict(item)}"]
    if explained.of and explained.of != item_id:
        original = explained.original.event if explained.original else None
        what = (
            original.title if isinstance(original, JudgedArticle) else "not stored" if original is None else "comment"
        )
        lines.append(f"of: {explained.of}: {what}")
    if isinstance(item, JudgedArticle) and item.story:
        story = item.story
        lines.append(
            f"story: {story.id}: when judged {counted(story.items, 'item')} of {counted(story.sources, 'source')}, "
            f"first seen {story.first_seen:%Y-%m-%d %H:%M:%S} UTC"
        )
    if explained.comparison:
        lines += ["", *_comparison_lines(explained.comparison)]
    return lines


def _verdict(item: Judged) -> str:
    verdict = item.verdict
    facts = {
        "by": verdict.how,
        "score": "" if verdict.score is None else f"{verdict.score}",
        "changed:": ", ".join(verdict.changed),
        "campaign": verdict.campaign or "",
    }
    return ", ".join([verdict.kind, *(f"{name} {fact}" for name, fact in facts.items() if fact)])


def _comparison_lines(comparison: Comparison) -> list[str]:
    verdict, like = comparison.verdict, comparison.likeness
    lines = ["compared with it anew, from both texts as they are now and nothing else:"]
    if like is not None:
        lines.append(
            f"  text: {like.new_covered:.0%} of this one stands in the other, {like.old_covered:.0%} of the other in "
            f"this one ({like.common} sampled shingles common)"
        )
        lines.append(f"  title words: {like.title:.0%} common")
    for name, facts in (("numbers", comparison.numbers), ("names", comparison.names)):
        lines.append(f"  {name}: {_differing(facts)}")
    lines.append(f"  so it would be {'a ' if verdict.kind != 'new' else ''}{verdict.kind}, because:")
    return [*lines, *(f"  - {reason}" for reason in comparison.reasons)]


def _differing(facts: Differing) -> str:
    sides = (("only here", facts.only_new), ("only there", facts.only_old))
    lines = [
        f"{where} {', '.join(values[:SHOWN])}{' …' if len(values) > SHOWN else ''}" for where, values in sides if values
    ]
    return "; ".join(lines) or "the same"
