"""`wiredesk run`."""

from __future__ import annotations

import sys
from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer

from wiredesk import app
from wiredesk.cli.settings import EnvFile, run_async, settings
from wiredesk.config import networks
from wiredesk.database.due import Job
from wiredesk.errors import Malformed, Misconfigured

STATUS_WAITING = 3
"""Ended idle, but rows wait longer than half a minute."""


def run(
    roles: Annotated[list[str] | None, typer.Argument(help=f"Roles: {' '.join(app.ROLES)}. None: all.")] = None,
    feed: Annotated[list[str] | None, typer.Option("--feed", help="Poll this feed too; repeatable, not kept.")] = None,
    feeds: Annotated[Path | None, typer.Option("--feeds", help="Feeds file, TOML or OPML.")] = None,
    rules: Annotated[Path | None, typer.Option("--rules", help="Rules file, TOML.")] = None,
    allow: Annotated[list[str] | None, typer.Option("--allow", help="CIDR that may be dialled though not public.")] = None,
    listen: Annotated[str | None, typer.Option("--listen", help="HOST:PORT of health, metrics and API.")] = None,
    until_idle: Annotated[bool, typer.Option("--until-idle", help="End when nothing is left to do.")] = False,
    env_file: EnvFile = None,
) -> None:  # fmt: skip
    """Run roles in this process: those named, or all.

    With --until-idle every feed is polled once and everything that follows from it done; rows that wait longer
    than 30 seconds are listed, and the exit status is 3.
    """
    chosen = tuple(dict.fromkeys(roles or app.ROLES))
    if until_idle and set(chosen) != set(app.ROLES):
        raise Misconfigured("--until-idle wants all roles in this process: name none")
    config = settings(env_file, feeds_file=feeds, rules_file=rules, listen=listen, **_allowed(allow))
    order = app.Order(roles=chosen, feeds=tuple(feed or ()), until_idle=until_idle)
    waiting = run_async(app.run(config, order))
    for job in waiting:
        sys.stderr.write(f"waiting: {_told(job)}\n")
    if waiting:
        raise typer.Exit(STATUS_WAITING)


def _allowed(allow: list[str] | None) -> dict[str, object]:
    try:
        return {"outbound_allow": networks(",".join(allow))} if allow else {}
    except ValueError as error:
        raise Misconfigured(f"--allow {' '.join(allow or ())}: {error}") from error


def _told(job: Job) -> str:
    from wiredesk.roles.pages import task

    name = job.key
    if job.kind == task.PAGE:
        try:
            name = task.decode(job.payload).entry.url
        except Malformed:
            name = job.key
    return f"{job.kind} {name} until {job.due.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
