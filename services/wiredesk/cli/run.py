"""`wiredesk run`."""

from __future__ import annotations

import sys
from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer

from wiredesk import app, urls
from wiredesk.cli.output import counted
from wiredesk.cli.settings import EnvFile, Places, allowed, run_async, settings
from wiredesk.database.feeds import FEED
from wiredesk.idle import Balance
from wiredesk.redaction import masked

STATUS_WAITING = 3
"""Ended idle, but rows wait longer than half a minute."""


def run(
    roles: Annotated[
        list[str] | None, typer.Argument(metavar="ROLE", help=f"{' '.join(app.ROLES)}; none: all.")
    ] = None,
    feed: Annotated[list[str] | None, typer.Option("--feed", help="Poll this feed too; repeatable, not kept.")] = None,
    feeds: Annotated[Path | None, typer.Option("--feeds", help="A feeds file, TOML or OPML.")] = None,
    rules: Annotated[Path | None, typer.Option("--rules", help="A rules file, TOML.")] = None,
    places: Places = None,
    allow: Annotated[
        list[str] | None, typer.Option("--allow", help="CIDR that may be dialled though not public.")
    ] = None,
    listen: Annotated[
        str | None, typer.Option("--listen", help="HOST:PORT of console, API, health and metrics.")
    ] = None,
    until_idle: Annotated[bool, typer.Option("--until-idle", help="End when nothing is left to do.")] = False,
    env_file: EnvFile = None,
) -> None:
    """Run roles in this process: those named, or all.

    With --until-idle every feed is polled once and everything that follows from it done; rows that wait longer
    than 30 seconds are listed, and the exit status is 3; it is 1 where no feed could be had.
    """
    chosen = tuple(dict.fromkeys(roles or app.ROLES))
    if until_idle and set(chosen) != set(app.ROLES):
        raise typer.BadParameter("--until-idle wants all roles in this process: name none")
    for url in feed or ():
        if not urls.is_http(url):
            raise typer.BadParameter(f"--feed {masked(url)}: expected an http(s) URL")
    files = {"feeds_file": feeds, "rules_file": rules, "places_file": places}
    config = settings(env_file, **files, listen=listen, **allowed(allow))
    order = app.Order(roles=chosen, feeds=tuple(feed or ()), until_idle=until_idle)
    balance = run_async(app.run(config, order))
    if balance is not None:
        _tell(balance)
    elif until_idle:
        sys.stderr.write("ended before all was done: start it again to go on\n")
        raise typer.Exit(STATUS_WAITING)


def _tell(balance: Balance) -> None:
    """What came of a run until idle; ends with exit status 1 where no feed could be had, 3 where rows wait."""
    for feed in balance.failed:
        sys.stderr.write(f"failed: {feed.reason}\n")
    for row in balance.waiting:
        sys.stderr.write(f"waiting: {row.kind} {row.name} until {row.until.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC\n")
    articles, comments = (balance.stored.get(kind, 0) for kind in ("article", "comment"))
    failed = {feed.url for feed in balance.failed}
    unasked = [row for row in balance.waiting if row.kind == FEED and row.name not in failed]
    feeds = f"{balance.feeds - len(failed) - len(unasked)} of {counted(balance.feeds, 'feed')}"
    dead = f", {counted(balance.dead, 'dead letter')} (wiredesk dead list)" if balance.dead else ""
    stored = f"{counted(articles, 'article')} and {counted(comments, 'comment')} stored"
    sys.stdout.write(f"{feeds} polled, {stored}{dead}\n")
    if balance.feeds and len(balance.failed) == balance.feeds:
        raise typer.Exit(1)
    if balance.waiting:
        raise typer.Exit(STATUS_WAITING)
