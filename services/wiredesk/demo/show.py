"""Runs the press, the receiver and the embedded pipeline together until the newsroom has told all it has."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import shutil
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from wiredesk import app
from wiredesk.backends import bus_of, database_of
from wiredesk.config import Config
from wiredesk.demo import accounts
from wiredesk.demo.balance import Balance
from wiredesk.demo.newsroom import Folder
from wiredesk.demo.press import Clock, Press, address_of
from wiredesk.demo.receiver import Receiver
from wiredesk.demo.screen import Screen, on
from wiredesk.demo.watch import Watch
from wiredesk.lifecycle import first_meaningful
from wiredesk.roles.geotag import gazetteer_file
from wiredesk.roles.pages.look.revisits import Pace
from wiredesk.stop import Stop

PACE = Pace(first_look=timedelta(seconds=2.5), growth=1.0, tries=(timedelta(seconds=1),) * 5)
"""Threads are looked at every 2.5 s instead of after 5 minutes and more."""

BETWEEN_DRAWINGS = timedelta(seconds=0.25)
QUIET_SECONDS = 2.0
"""So long nothing must come after the end, that what is too much shows as well."""

HOPELESS_SECONDS = 6.0
"""After so long a silence with no page or webhook under way, what is missing will not come any more."""

MOST_SECONDS_OVER = 40.0
MOST_SECONDS_COLD = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where it is shown: a folder of its own, the console, and whether to go on until interrupted."""

    home: Path
    console: Console
    keep: bool = False
    stop: Stop = field(default_factory=Stop)


def settings(home: Path) -> Config:
    """Those of a demo: days in seconds, loopback may be dialled, everything in `home`."""
    return Config(
        home=home,
        listen="127.0.0.1:0",
        outbound_allow=(ipaddress.ip_network("127.0.0.0/8"),),
        poll_floor=timedelta(seconds=1),
        poll_ceiling=timedelta(seconds=1),
        host_gap=timedelta(milliseconds=20),
        rules_file=home / "rules.toml",
        workers=2,
        shutdown=timedelta(seconds=5),
        contact="",
    )


async def show(folder: Folder, stage: Stage, *, gazetteer: Path) -> Balance | None:
    """The balance, once all was told or nothing more comes; with `keep` only at the interrupt.

    None where it was interrupted before the end. Raises `OSError` where nobody takes what is told; it ends in order then.
    """
    config = settings(stage.home)
    _borrow(gazetteer, stage.home)
    press, receiver = Press(folder, Clock()), Receiver()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(press.on_air())
        hook = await stack.enter_async_context(receiver.on_air(address_of(len(folder.newsroom.site))))
        (stage.home / "rules.toml").write_text(rules(folder, hook, receiver.secret), "utf-8")
        unheard: list[OSError] = []

        def gone(error: OSError) -> None:
            unheard.append(error)
            stage.stop.ask()

        screen = stack.enter_context(on(stage.console, press, gone))
        try:
            balance = await _Show(config, stage, press, receiver, screen).run()
        except BaseExceptionGroup as group:
            raise first_meaningful(group) from group
        if unheard:
            raise unheard[0]
        return balance


def rules(folder: Folder, hook: str, secret: str) -> str:
    """The rules file: every rule of the newsroom, told to the receiver."""
    text = f'[[endpoint]]\nname = "desk"\nurl = {json.dumps(hook)}\nsecret = "{secret}"\n'
    for rule in folder.newsroom.rule:
        query = json.dumps(rule.query, ensure_ascii=False)
        text += f'[[rule]]\nname = "{rule.name}"\nquery = {query}\nendpoints = ["desk"]\n'
    return text


def _borrow(gazetteer: Path, home: Path) -> None:
    """Make the place table, which is kept elsewhere, stand in the demo's own folder."""
    target = home / gazetteer_file.NAME
    if gazetteer == gazetteer_file.packaged() or target.exists():
        return
    try:
        target.symlink_to(gazetteer.absolute())
    except OSError:  # no links here
        shutil.copyfile(gazetteer, target)


class _Show:
    def __init__(self, config: Config, stage: Stage, press: Press, receiver: Receiver, screen: Screen) -> None:
        self._config, self._stage, self._press, self._receiver = config, stage, press, receiver
        self._screen = screen
        self._watch = Watch(
            prefix=config.prefix, tell=screen.tell, kinds=[kind for row in app.KINDS.values() for kind in row]
        )
        self._began = time.monotonic()
        self._port: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def run(self) -> Balance | None:
        balance: Balance | None = None
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._desk())
            port = await self._port
            watching = tasks.create_task(self._watching())
            self._screen.note(f"while it runs: http://127.0.0.1:{port}/")
            await self._until(self._is_warm)
            self._press.clock.start()
            await self._until(self._is_told)
            if not self._stage.stop.asked:
                balance = self._balance()
            if balance and self._stage.keep:
                came_to = f"{len(balance.differences)} differences" if balance.differences else "it balances"
                self._screen.note(f"{came_to}; going on until Ctrl-C: http://127.0.0.1:{port}/")
                await self._until(lambda: False)
            watching.cancel()
            self._stage.stop.ask()
        return balance

    async def _desk(self) -> None:
        order = app.Order(feeds=self._press.feeds, on_listening=self._port.set_result, pace=PACE, stop=self._stage.stop)
        try:
            await app.run(self._config, order)
        finally:
            self._stage.stop.ask()

    async def _watching(self) -> None:
        async with (
            bus_of(self._config, client="demo") as bus,
            database_of(self._config) as database,
            asyncio.TaskGroup() as tasks,
        ):
            tasks.create_task(self._watch.follow_topics(bus))
            tasks.create_task(self._watch.follow_database(database))

    async def _until(self, is_over: Callable[[], bool]) -> None:
        while not self._stage.stop.asked and not is_over():
            self._screen.draw(self._watch)
            await asyncio.sleep(BETWEEN_DRAWINGS.total_seconds())

    def _is_warm(self) -> bool:
        """Whether the first items are through: worker processes take seconds to start, and news would pile up."""
        return bool(self._watch.stored) or time.monotonic() - self._began > MOST_SECONDS_COLD

    def _is_told(self) -> bool:
        over = self._press.clock.seconds - self._press.folder.newsroom.seconds
        if over < 0 or self._watch.quiet_seconds < QUIET_SECONDS:
            return False
        is_silent = self._watch.quiet_seconds >= HOPELESS_SECONDS and not self._watch.is_at_work
        is_hopeless = is_silent or over >= MOST_SECONDS_OVER
        return is_hopeless or not self._balance().differences

    def _balance(self) -> Balance:
        return accounts.balance(self._press, self._watch, self._receiver)
