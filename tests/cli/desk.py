"""Commands as a user gives them, and what he finds stored."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
import structlog

from tests.contracts.samples import NOW, a_comment, an_article
from tests.pipeline.running import Ended, environment
from wiredesk.__main__ import main
from wiredesk.backends import database_of
from wiredesk.config import load
from wiredesk.database import Database
from wiredesk.database.items import Item

R = TypeVar("R")


@dataclass
class Desk:
    """Calls `wiredesk`, and the database behind it, in this process."""

    home: Path
    monkeypatch: pytest.MonkeyPatch
    capfd: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str, stdin: str = "", **settings: str) -> Ended:
        """Run a command to its end."""
        with self.monkeypatch.context() as patch, _logs_kept():
            for name in [name for name in os.environ if name.startswith("WIREDESK_")]:
                patch.delenv(name)
            for name, value in environment(self.home, **settings).items():
                patch.setenv(name, value)
            # The home alone says whether the table of places is there, however this copy was installed.
            patch.setattr("wiredesk.roles.geotag.gazetteer_file.packaged", lambda: self.home / "not packaged")
            patch.setattr(sys, "argv", ["wiredesk", *arguments])
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            status = _status()
        out, err = self.capfd.readouterr()
        return Ended(status=status, out=out, err=err)

    def lines(self, *arguments: str, stdin: str = "") -> list[dict[str, object]]:
        """What a command prints with `--json`; it must succeed."""
        ended = self(*arguments, "--json", stdin=stdin)
        assert ended.status == 0, ended.err
        return [json.loads(line) for line in ended.out.splitlines()]

    def with_database(self, work: Callable[[Database], Awaitable[R]]) -> R:
        """What `work` gives, on the database that the commands work on."""

        async def run() -> R:
            async with database_of(load(environment(self.home)), opening="migrate") as database:
                return await work(database)

        return asyncio.run(run())

    def store(self, items: Sequence[Item] | None = None) -> None:
        """Store `items`; without, an article of Ada's with Bob's comment and one of nobody's."""
        known: Sequence[Item] = items or [an_article(authors=["Ada"]), a_comment(author="Bob"), an_article("a2")]

        async def work(database: Database) -> None:
            await database.items.put(known, now=NOW)

        self.with_database(work)


@contextmanager
def _logs_kept() -> Iterator[None]:
    """A command sets logs up for its own standard error, which is closed when the test has ended."""
    config, root = structlog.get_config(), logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        structlog.configure(**config)
        root.handlers[:] = handlers
        root.setLevel(level)


def _status() -> int:
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0
