"""`wiredesk rules`: alert rules tried before anybody is alerted by them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from wiredesk.backends import database_of
from wiredesk.cli import backtest as backtesting
from wiredesk.cli.caret import pointed
from wiredesk.cli.gazetteer import found_gazetteer
from wiredesk.cli.items import stored
from wiredesk.cli.output import counted, json_line, line, rows
from wiredesk.cli.places import overlay_of
from wiredesk.cli.rules_check import LintFinding, examine
from wiredesk.cli.settings import AsJson, EnvFile, Places, quiet_settings, run_async
from wiredesk.cli.times import since_when
from wiredesk.config import Config
from wiredesk.events import Article, Comment, Extraction, Region, Times, Verdict
from wiredesk.roles.geotag.tag import tag
from wiredesk.roles.notify.matching import RuleMatch, found_in
from wiredesk.roles.notify.rules import Rules, read_file

commands = typer.Typer(no_args_is_help=True, help="Alert rules: lint, try on a text, run over what is stored.")

RulesFile = Annotated[Path, typer.Argument(metavar="FILE", help="A rules file, TOML.")]
MATCHES = ("rule", "endpoints", "matched")
COUNTS = ("rule", "items", "alerts", "newest", "id", "title")


@commands.command()
def check(file: RulesFile, places: Places = None, as_json: AsJson = False, env_file: EnvFile = None) -> None:
    """Lint a rules file: faults with a caret under them and exit status 1; what is unwise as warnings."""
    config = quiet_settings(env_file, places_file=places)
    findings = examine(file, areas=[area.code for area in overlay_of(config).watch.areas])
    faults = [finding for finding in findings if finding.kind == "fault"]
    for finding in findings:
        if as_json:
            json_line(finding)
        else:
            _show(file, finding)
    if faults:
        raise typer.Exit(1)
    rules = read_file(file)
    if not as_json:
        counts = f"{counted(len(rules.rules), 'rule')} and {counted(len(rules.endpoints), 'endpoint')}"
        sys.stdout.write(f"{file}: no faults in {counts}\n")


@commands.command("test")
def try_(
    file: RulesFile,
    text: Annotated[
        str | None, typer.Option(help="The text to try them on; without --text and --item: standard input.")
    ] = None,
    title: Annotated[str, typer.Option(help="The text's title.")] = "",
    item_id: Annotated[str | None, typer.Option("--item", help="Try them on a stored item of that id.")] = None,
    region: Annotated[
        list[str] | None, typer.Option(help="Regions of the text, instead of those that geotag finds.")
    ] = None,
    source: Annotated[str, typer.Option(help="The text's source.")] = "",
    language: Annotated[str, typer.Option(help="The text's language.")] = "",
    places: Places = None,
    as_json: AsJson = False,
    env_file: EnvFile = None,
) -> None:
    """Show which rules an item or a text answers to, and what in it matched."""
    if text is not None and item_id is not None:
        raise typer.BadParameter("expected --text or --item, not both")
    config, rules = quiet_settings(env_file, places_file=places), read_file(file)
    if item_id is not None:
        item, stories = run_async(_stored(config, item_id))
    else:
        body = sys.stdin.read() if text is None else text
        regions = _regions(config, rules, title, body, region)
        item = _article(title=title, text=body, regions=regions, source=source, language=language)
        stories = {}
    matches = found_in([item], rules, stories=stories)
    shown = [_match_row(match, rules, as_json=as_json) for match in matches]
    rows(shown, columns=MATCHES, as_json=as_json, empty=f"none of {len(rules.rules)} rules matches")


@commands.command()
def backtest(
    file: RulesFile,
    since: Annotated[str, typer.Option(help="Stored since: an age such as 24h or 7d, or RFC 3339.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many items, the newest.")] = 10_000,
    as_json: AsJson = False,
    env_file: EnvFile = None,
) -> None:
    """Run rules over stored items: how many items match each, and how many alerts that would have been."""
    config, rules = quiet_settings(env_file), read_file(file)
    after = since_when(since, now=datetime.now(UTC))
    tally = run_async(backtesting.run(config, rules, since=after, limit=limit))
    counts = [_count_row(tally, rule, as_json=as_json) for rule in rules.rules]
    if not as_json:
        sys.stderr.write(f"{counted(tally.items, 'item')}{f' since {after:%Y-%m-%d %H:%M} UTC' if after else ''}\n")
    rows(counts, columns=COUNTS, as_json=as_json, empty="no rules")


def _show(file: Path, finding: LintFinding) -> None:
    line(f"{file}, line {finding.line}: {finding.kind}: {finding.text}")
    if finding.query is not None and finding.position is not None:
        for shown in pointed(finding.query, finding.position - 1):
            line(f"    {shown}")


async def _stored(config: Config, item_id: str) -> tuple[Article | Comment, dict[str, str]]:
    async with database_of(config) as database:
        item = (await stored(database, item_id)).event
        article = item.article_id if isinstance(item, Comment) else item.id
        return item, dict(await database.alerts.stories_of([article]))


def _regions(config: Config, rules: Rules, title: str, text: str, codes: Sequence[str] | None) -> tuple[Region, ...]:
    if codes:
        return tuple(Region(code=code.upper(), name=code, kind="area", score=1.0) for code in codes)
    if not any("region:" in rule.query.casefold() for rule in rules.rules.values()):
        return ()
    gazetteer = found_gazetteer(config)
    if gazetteer is None:
        sys.stderr.write(
            "warning: no table of place names, so region: matches nothing; `wiredesk gazetteer build` makes it\n"
        )
        return ()
    with gazetteer:
        return tag({"title": title, "text": text}, gazetteer, overlay=overlay_of(config)).regions


def _article(*, title: str, text: str, regions: tuple[Region, ...], source: str, language: str) -> Article:
    return Article(
        id="given",
        capture="given",
        entry="",
        url="",
        fetched_url="",
        feed="",
        source=source,
        title=title,
        text=text,
        language=language or None,
        extraction=Extraction(method="given", confidence=1.0),
        regions=regions,
        verdict=Verdict(kind="new"),
        times=Times(),
    )


def _match_row(rule_match: RuleMatch, rules: Rules, *, as_json: bool) -> dict[str, object]:
    texts = {"title": "", "text": rule_match.item.text}
    if isinstance(rule_match.item, Article):
        texts |= {
            "title": rule_match.item.title,
            "author": "\n".join(rule_match.item.authors),
            "tag": "\n".join(rule_match.item.tags),
        }
    else:
        texts["author"] = rule_match.item.author
    matched = [
        {
            "field": match.field,
            "start": match.start,
            "end": match.end,
            "text": texts[match.field][match.start : match.end],
        }
        for match in rule_match.matched
    ]
    words = dict.fromkeys(f"{place['field']}: {place['text']}" for place in matched)
    shown: object = matched if as_json else "; ".join(words) or "(its fields alone)"
    return {"rule": rule_match.rule, "endpoints": rules.rules[rule_match.rule].endpoints, "matched": shown}


def _count_row(tally: backtesting.BacktestTally, rule: str, *, as_json: bool) -> dict[str, object]:
    count = tally.by_rule.get(rule, backtesting.Count())
    newest = count.newest
    facts: dict[str, object] = {"rule": rule, "items": count.items, "alerts": len(count.stories)}
    if newest is None:
        return facts
    at = newest.stored_at
    title = newest.event.title if isinstance(newest.event, Article) else newest.event.text
    return facts | {"newest": at if as_json else f"{at:%Y-%m-%d %H:%M:%S}", "id": newest.event.id, "title": title}
