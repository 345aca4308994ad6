"""`wiredesk doctor`: tries every dependency, setting and file, and says what to do."""

from __future__ import annotations

import errno
import os
import shutil
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Literal
from urllib.parse import urlsplit

import typer

from wiredesk.backends import bus_of, database_of, make_home, refuse_split, state_of, topics_of
from wiredesk.cli.output import counted, rows
from wiredesk.cli.server_ways import way_of_database, way_of_log, way_of_state, weakened
from wiredesk.cli.settings import AsJson, EnvFile, quiet_settings, run_async
from wiredesk.config import Config
from wiredesk.database.postgres_tls import VERIFIED, is_near, mode_of
from wiredesk.errors import Misconfigured, SchemaBehind, Unavailable, WiredeskError
from wiredesk.redaction import place
from wiredesk.roles.feeds.subscriptions import read_file, require_secrets
from wiredesk.roles.geotag import gazetteer_file as gazetteer
from wiredesk.roles.geotag.places_toml import read_file as read_places
from wiredesk.roles.notify.rules import read_file as read_rules
from wiredesk.roles.notify.secret import fetched

COLUMNS = ("check", "state", "found", "advice")
IN_HOME: Mapping[str, Literal["bus", "state", "database"]] = {"log": "bus", "state": "state", "database": "database"}
"""What the embedded checks are of, by the setting of their URL."""

A_DAY_OF_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One thing tried: `state` is ok, warning, fault, or not tried where another fault is in its way."""

    check: str
    state: str
    found: str
    advice: str = ""


class _Broken(WiredeskError):
    def __init__(self, text: str, advice: str) -> None:
        super().__init__(text)
        self.advice = advice


class _Warning(_Broken):
    pass


def doctor(as_json: AsJson = False, env_file: EnvFile = None) -> None:
    """Try settings, files and every dependency, and say what to do about each fault; exit status 1 where there is one."""
    try:
        config = quiet_settings(env_file)
    except Misconfigured as error:
        findings: Sequence[Diagnosis] = [
            Diagnosis(check="settings", state="fault", found=str(error), advice="mend the setting")
        ]
    else:
        findings = run_async(examine(config))
    table_rows = [{name: getattr(finding, name) for name in COLUMNS} for finding in findings]
    rows(table_rows, columns=COLUMNS, as_json=as_json, empty="")
    if any(finding.state == "fault" for finding in findings):
        raise typer.Exit(1)


async def examine(config: Config) -> Sequence[Diagnosis]:
    """Every check, in the order in which they make sense to be mended."""
    checks: dict[str, Callable[[Config], Awaitable[str]]] = {
        "settings": _settings,
        "home": _home,
        "log": _bus,
        "state": _state,
        "database": _database,
        "feeds file": _feeds_file,
        "rules file": _rules_file,
        "places file": _places_file,
        "gazetteer": _gazetteer,
        "outbound": _outbound,
        "listen": _listen,
    }
    findings: list[Diagnosis] = []
    for name, check in checks.items():
        has_no_home = any(diagnosis.check == "home" and diagnosis.state == "fault" for diagnosis in findings)
        if has_no_home and name in IN_HOME and _is_in_home(config, name):
            findings.append(Diagnosis(check=name, state="not tried", found="its file lies in the home folder"))
        else:
            findings.append(await _tried(name, check, config))
    return findings


def _is_in_home(config: Config, name: str) -> bool:
    return config.url(IN_HOME[name]).startswith("sqlite:")


async def _tried(name: str, check: Callable[[Config], Awaitable[str]], config: Config) -> Diagnosis:
    try:
        return Diagnosis(check=name, state="ok", found=await check(config))
    except _Broken as fault:
        state = "warning" if isinstance(fault, _Warning) else "fault"
        return Diagnosis(check=name, state=state, found=str(fault), advice=fault.advice)
    except WiredeskError as error:
        known = _IF_AWAY if isinstance(error, Unavailable) else _ADVICE
        return Diagnosis(check=name, state="fault", found=str(error), advice=known.get(name, "mend it and try again"))


_IF_AWAY = {
    "log": "start the brokers, or mend WIREDESK_BUS_URL and WIREDESK_KAFKA_*",
    "state": "start Redis, or mend WIREDESK_STATE_URL",
    "database": "start PostgreSQL, or mend WIREDESK_DATABASE_URL",
}
_ADVICE = {
    "home": "set WIREDESK_HOME to a folder that can be written",
    "log": "mend WIREDESK_BUS_URL and WIREDESK_KAFKA_*",
    "state": "mend WIREDESK_STATE_URL",
    "database": "mend WIREDESK_DATABASE_URL, or run the wiredesk that made its schema",
    "feeds file": "mend the file that WIREDESK_FEEDS_FILE names",
    "rules file": "mend the file that WIREDESK_RULES_FILE names; `wiredesk rules check` shows where",
    "places file": "mend the file that WIREDESK_PLACES_FILE names",
    "settings": "mend the setting named",
}


async def _settings(config: Config) -> str:
    refuse_split(config)
    if not config.contact and not config.is_embedded:
        raise _Warning("no WIREDESK_CONTACT", "set it to an address at which publishers can reach you")
    return "embedded" if config.is_embedded else "production"


async def _home(config: Config) -> str:
    if not any(_is_in_home(config, name) for name in IN_HOME):
        return "not used"
    make_home(config)
    try:
        # Written to, not asked: root may write to what is read-only all the same, and a share may say otherwise.
        with TemporaryFile(dir=config.home):
            pass
        free = shutil.disk_usage(config.home).free
    except OSError as error:
        raise _Broken(
            f"{config.home}: {error.strerror}", "set WIREDESK_HOME to a folder that can be written"
        ) from error
    return f"{config.home}, {room(free)}"


def room(free_bytes: int) -> str:
    """How much there is; a warning where it is no more than a day's."""
    if free_bytes < A_DAY_OF_BYTES:
        raise _Warning(f"{free_bytes // 10**6} MB free, expected 1 GB", "make room: a busy day writes about 1 GB")
    return f"{free_bytes // 10**9} GB free"


async def _bus(config: Config) -> str:
    async with bus_of(config, client="doctor") as bus:
        await bus.check()
        changes = await bus.plan(topics_of(config))
    if changes and not config.url("bus").startswith("sqlite:"):
        topics = len({change.topic for change in changes})
        refused = next((change.refused for change in changes if change.refused), "")
        advice = f"`wiredesk topics plan` has all; {refused}" if refused else "run `wiredesk topics apply`"
        raise _Broken(f"{counted(topics, 'topic')} missing or different", advice)
    return f"{_place(config.url('bus'))}, {way_of_log(config)}topics as they should be"


async def _state(config: Config) -> str:
    async with AsyncExitStack() as stack:
        state = await stack.enter_async_context(state_of(config))
        await state.check()
        warnings = await state.warnings()
    if warnings:
        raise _Warning(warnings[0], "see the settings of Redis in the documentation")
    url = config.url("state")
    if weak := weakened(url):
        raise _Warning(
            f"{_place(url)}, {weak}: its certificate is not verified", f"take {weak} out of WIREDESK_STATE_URL"
        )
    return f"{_place(url)}{way_of_state(config)}"


async def _database(config: Config) -> str:
    try:
        async with database_of(config) as database:
            await database.check()
            counts = await database.items.count()
    except SchemaBehind as behind:
        raise _Broken(str(behind), "run `wiredesk database apply`, or start the roles: they do it") from behind
    url, told = config.url("database"), counted(sum(counts.values()), "item")
    if url.startswith("sqlite:") or (is_near(url) and mode_of(url) != VERIFIED):
        return f"{_place(url)}, {told}"
    if (mode := mode_of(url)) != VERIFIED:
        raise _Warning(
            f"{_place(url)}, {told}, sslmode={mode}: who is in between may be taken for it",
            "leave it on a network that is yours alone, else take sslmode out of WIREDESK_DATABASE_URL",
        )
    return f"{_place(url)}, {told}{way_of_database(config)}"


async def _feeds_file(config: Config) -> str:
    if config.feeds_file is None:
        return "none set"
    listed = read_file(config.feeds_file)
    try:
        require_secrets(listed, name=str(config.feeds_file), environ=os.environ)
    except Misconfigured as error:
        raise _Broken(str(error), "give feeds, and pages where it says so, the secrets that its feeds need") from error
    summary = f"{config.feeds_file}, {counted(len(listed.feeds), 'feed')}"
    if listed.left_out:
        raise _Warning(
            f"{summary}, {len(listed.left_out)} left out: {listed.left_out[0]}", "mend or remove that outline"
        )
    return summary


async def _rules_file(config: Config) -> str:
    if config.rules_file is None:
        return "none set"
    rules = read_rules(config.rules_file)
    for endpoint in rules.endpoints.values():
        try:
            fetched(endpoint.secret, folder=config.rules_file.parent, environ=os.environ)
        except Misconfigured as error:
            raise _Broken(
                f"{config.rules_file}: endpoint {endpoint.name}: {error}",
                "give notify the secret that its webhooks need",
            ) from error
    return f"{config.rules_file}, {counted(len(rules.rules), 'rule')}, {counted(len(rules.endpoints), 'endpoint')}"


async def _places_file(config: Config) -> str:
    if config.places_file is None:
        return "none set"
    overlay = read_places(config.places_file)
    return f"{config.places_file}, {counted(len(overlay.places), 'place')}, {counted(len(overlay.watch.areas), 'area')}"


async def _gazetteer(config: Config) -> str:
    path = gazetteer.stored_path(config.home)
    if path is None:
        raise _Warning("not compiled yet", "the first start does it, or `wiredesk gazetteer build`: 15 s and 1 GB")
    return str(path)


async def _outbound(config: Config) -> str:
    proxy = config.outbound_proxy.get_secret_value()
    if not proxy:
        return "direct"
    if config.outbound_resolve == "proxy":
        raise _Warning(
            f"names resolve at {place(proxy)}: their addresses cannot be judged here",
            "let the proxy refuse addresses that are not public, or set WIREDESK_OUTBOUND_RESOLVE=here",
        )
    return f"{place(proxy)}, asked for what was judged here"


async def _listen(config: Config) -> str:
    host, port = config.listen_address
    if config.lacks_token:
        fault = f"{config.listen} is not loopback, and no WIREDESK_TOKEN"
        if config.is_embedded:
            raise _Broken(fault, "set it: console and API need one there")
        raise _Warning(fault, "set it where the role web runs: console and API need one there")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # asyncio's servers set it too: without it a port that was closed a moment ago would count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            fault = f"{config.listen}: {error.strerror}"
            if error.errno == errno.EADDRINUSE:
                raise _Warning(fault, "leave it if that is wiredesk itself, else set WIREDESK_LISTEN") from error
            raise _Broken(fault, "set WIREDESK_LISTEN to an address of this machine") from error
    return config.listen


def _place(url: str) -> str:
    """A URL without what may be secret in it; it may name several hosts."""
    return urlsplit(url).path[1:] if url.startswith("sqlite:") else place(url)
