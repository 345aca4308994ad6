"""`wiredesk doctor`: tries every dependency, setting and file, and says what to do."""

from __future__ import annotations

import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import typer

from wiredesk.backends import bus_of, database_of, refuse_split, state_of, topics_of
from wiredesk.cli.output import rows
from wiredesk.cli.settings import AsJson, EnvFile, quiet_settings, run_async
from wiredesk.config import Config
from wiredesk.errors import Misconfigured, WiredeskError
from wiredesk.roles.feeds.subscriptions import read_file
from wiredesk.roles.geotag import file as gazetteer
from wiredesk.roles.notify.rules import read_file as read_rules

COLUMNS = ("check", "state", "found", "advice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing tried: `state` is ok, warning or fault."""

    check: str
    state: str
    found: str
    advice: str = ""


class _Fault(WiredeskError):
    def __init__(self, found: str, advice: str) -> None:
        super().__init__(found)
        self.advice = advice


class _Warning(_Fault):
    pass


def doctor(as_json: AsJson = False, env_file: EnvFile = None) -> None:
    """Try settings, files and every dependency, and say what to do about each fault; exit status 1 where there is one."""
    try:
        config = quiet_settings(env_file)
    except Misconfigured as error:
        findings: Sequence[Finding] = [
            Finding(check="settings", state="fault", found=str(error), advice="mend the setting")
        ]
    else:
        findings = run_async(examine(config))
    found = [{name: getattr(finding, name) for name in COLUMNS} for finding in findings]
    rows(found, columns=COLUMNS, as_json=as_json, empty="")
    if any(finding.state == "fault" for finding in findings):
        raise typer.Exit(1)


async def examine(config: Config) -> Sequence[Finding]:
    """Every check, in the order in which they make sense to be mended."""
    checks: dict[str, Callable[[Config], Awaitable[str]]] = {
        "settings": _settings, "home": _home, "log": _bus, "state": _state, "database": _database,
        "feeds file": _feeds_file, "rules file": _rules_file, "gazetteer": _gazetteer, "listen": _listen,
    }  # fmt: skip
    return [await _tried(name, check, config) for name, check in checks.items()]


async def _tried(name: str, check: Callable[[Config], Awaitable[str]], config: Config) -> Finding:
    try:
        return Finding(check=name, state="ok", found=await check(config))
    except _Fault as fault:
        state = "warning" if isinstance(fault, _Warning) else "fault"
        return Finding(check=name, state=state, found=str(fault), advice=fault.advice)
    except WiredeskError as error:
        return Finding(check=name, state="fault", found=str(error), advice=_ADVICE.get(name, "mend it and try again"))


_ADVICE = {
    "log": "start the brokers, or mend WIREDESK_BUS_URL and WIREDESK_KAFKA_*",
    "state": "start Redis, or mend WIREDESK_STATE_URL",
    "database": "start PostgreSQL, or mend WIREDESK_DATABASE_URL",
    "feeds file": "mend the file that WIREDESK_FEEDS_FILE names",
    "rules file": "mend the file that WIREDESK_RULES_FILE names; `wiredesk rules check` shows where",
    "settings": "mend the setting named",
}


async def _settings(config: Config) -> str:
    refuse_split(config)
    if not config.contact and not config.is_embedded:
        raise _Warning("no WIREDESK_CONTACT", "set it to an address at which publishers can reach you")
    return "embedded" if config.is_embedded else "production"


async def _home(config: Config) -> str:
    if not any(config.url(name).startswith("sqlite:") for name in ("bus", "state", "database")):
        return "not used"
    try:
        config.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _Fault(f"{config.home}: {error.strerror}", "set WIREDESK_HOME to a folder that can be written") from error
    if not os.access(config.home, os.W_OK):
        raise _Fault(f"{config.home} is read-only", "set WIREDESK_HOME to a folder that can be written")
    free = _free_bytes(config.home)
    if free < 1_000_000_000:
        raise _Warning(f"{config.home}: {free // 1_000_000} MB free", "a busy day writes about 1 GB")
    return f"{config.home}, {free // 1_000_000_000} GB free"


def _free_bytes(path: Path) -> int:
    found = os.statvfs(path)
    return found.f_bavail * found.f_frsize


async def _bus(config: Config) -> str:
    async with bus_of(config, client="doctor") as bus:
        await bus.check()
        changes = await bus.plan(topics_of(config))
    if changes and not config.url("bus").startswith("sqlite:"):
        raise _Fault(f"{len(changes)} topics missing or different", "run `wiredesk topics apply`")
    return f"{_place(config.url('bus'))}, topics as they should be"


async def _state(config: Config) -> str:
    async with AsyncExitStack() as stack:
        state = await stack.enter_async_context(state_of(config))
        await state.check()
        warnings = await state.warnings()
    if warnings:
        raise _Warning(warnings[0], "see the settings of Redis in the documentation")
    return _place(config.url("state"))


async def _database(config: Config) -> str:
    async with database_of(config) as database:
        await database.check()
        counts = await database.items.count()
    return f"{_place(config.url('database'))}, {sum(counts.values())} items"


async def _feeds_file(config: Config) -> str:
    if config.feeds_file is None:
        return "none set"
    return f"{config.feeds_file}, {len(read_file(config.feeds_file))} feeds"


async def _rules_file(config: Config) -> str:
    if config.rules_file is None:
        return "none set"
    rules = read_rules(config.rules_file)
    return f"{config.rules_file}, {len(rules.rules)} rules, {len(rules.endpoints)} endpoints"


async def _gazetteer(config: Config) -> str:
    path = gazetteer.found(config.home)
    if path is None:
        raise _Warning("not compiled yet", "the first start does it, or `wiredesk gazetteer build`: 15 s and 1 GB")
    return str(path)


async def _listen(config: Config) -> str:
    host, port = config.listen_address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise _Warning(
                f"{config.listen}: {error.strerror}", "something listens there, perhaps wiredesk itself"
            ) from error
    return config.listen


def _place(url: str) -> str:
    """A URL without what may be secret in it."""
    parts = urlsplit(url)
    return (
        parts.path
        if parts.scheme == "sqlite"
        else f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
    )
