"""The feeds file: its feeds are polled, and a change of it takes effect while the role runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from wiredesk import config_reload
from wiredesk.database import Database
from wiredesk.errors import Misconfigured
from wiredesk.observe import Health, log
from wiredesk.retry import patiently
from wiredesk.roles.feeds.subscriptions import FeedList, WantedFeed, read_file, require_secrets, subscriptions
from wiredesk.stop import Stop

_log = log(__name__)

MOST_LINES_TOLD = 20

Nudge = Callable[[], None]


class FeedsFile:
    """Keeps the subscriptions of origin `file` equal to the file at `path`."""

    def __init__(
        self,
        path: Path,
        database: Database,
        *,
        health: Health,
        now: Callable[[], datetime],
        nudge: Nudge,
        environ: Mapping[str, str],
    ) -> None:
        self._path = path
        self._database = database
        self._health = health
        self._now = now
        self._nudge = nudge
        self._environ = environ
        self._applied: tuple[WantedFeed, ...] | None = None

    async def load(self) -> None:
        """Apply the file. Raises `Misconfigured`, with line and reason, where it is wrong, and applies nothing then."""
        listed = await asyncio.to_thread(self._read)
        file_feeds = listed.feeds
        # Any change in the file's folder leads here, so often this file has not changed.
        if file_feeds == self._applied:
            return
        if not file_feeds and self._applied and not await asyncio.to_thread(self._path.read_bytes):
            # Most likely caught between truncating and writing.
            raise Misconfigured(f"{self._path}: empty; to unsubscribe from everything leave a comment in it")
        wished = subscriptions(file_feeds, origin="file", now=self._now())
        changes = await patiently(lambda: self._database.feeds.sync(wished, origin="file"), health=self._health)
        self._applied = file_feeds
        self._nudge()
        if listed.left_out:
            first = listed.left_out[:MOST_LINES_TOLD]
            _log.warning("feeds.file_left_out", path=str(self._path), outlines=len(listed.left_out), first=first)
        _log.info(
            "feeds.file_applied",
            path=str(self._path),
            feeds=len(file_feeds),
            added=len(changes.added),
            removed=len(changes.removed),
            changed=len(changes.changed),
            kept=len(changes.kept),
        )

    def _read(self) -> FeedList:
        listed = read_file(self._path)
        require_secrets(listed, name=str(self._path), environ=self._environ)
        return listed

    async def run(self, stop: Stop) -> None:
        """Apply the file now and whenever it changes, until `stop`. A bad file is refused, the old one stays.

        Raises `Misconfigured` where the file is wrong at the beginning.
        """
        await config_reload.in_force(
            self.load, self._path, stop, name="feeds", refused="feeds.file_refused", health=self._health
        )
