"""The rules file in force: a change of it takes effect while the role runs, a bad one is refused and the old one stays."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wiredesk import config_reload
from wiredesk.database import Database
from wiredesk.database.alerts import StoredEndpoint
from wiredesk.errors import Misconfigured
from wiredesk.observe import Health, log
from wiredesk.redaction import receiver
from wiredesk.retry import patiently
from wiredesk.roles.notify.rules import Rules, from_toml
from wiredesk.roles.notify.secret import fetched
from wiredesk.stop import Stop
from wiredesk.toml_file import body_of

_log = log(__name__)

Keys = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class InForce:
    """Rules, and the keys that sign for each endpoint."""

    rules: Rules = field(default_factory=Rules)
    keys: Mapping[str, Keys] = field(default_factory=dict, repr=False)


class RulesFile:
    """What the file at `path` says; without a path, nothing. `load` comes before anything is matched or sent."""

    def __init__(self, path: Path | None, database: Database, *, health: Health, environ: Mapping[str, str]) -> None:
        self._path, self._database, self._health, self._environ = path, database, health, environ
        self._in_force: InForce | None = None

    def in_force(self) -> InForce:
        """The rules as last read."""
        assert self._in_force is not None, "the rules are asked for before they were loaded"
        return self._in_force

    async def load(self) -> None:
        """Read the file. Raises `Misconfigured`, with line and reason, where it is wrong, and changes nothing then."""
        read = await asyncio.to_thread(self._read)
        # Any change in the file's folder leads here, so often this file has not changed.
        if read == self._in_force:
            return
        endpoints = [
            StoredEndpoint(name=endpoint.name, url=receiver(endpoint.url), secret=endpoint.secret.reference)
            for endpoint in read.rules.endpoints.values()
        ]
        await patiently(lambda: self._database.alerts.sync_endpoints(endpoints), health=self._health)
        self._in_force = read
        if self._path is not None:
            self._told(read)

    def _read(self) -> InForce:
        if self._path is None:
            return InForce()
        body = body_of(self._path)
        if not body and self._in_force is not None and self._in_force.rules.rules:
            # Most likely caught between truncating and writing.
            raise Misconfigured(f"{self._path}: empty; to have no rules leave a comment in it")
        rules = from_toml(body, name=str(self._path))
        return InForce(rules, {name: self._keys(rules, name) for name in rules.endpoints})

    def _keys(self, rules: Rules, name: str) -> Keys:
        assert self._path is not None
        try:
            return fetched(rules.endpoints[name].secret, folder=self._path.parent, environ=self._environ)
        except Misconfigured as error:
            raise Misconfigured(f"{self._path}: endpoint {name}: {error}") from error

    def _told(self, read: InForce) -> None:
        _log.info(
            "notify.rules_applied",
            path=str(self._path),
            rules=len(read.rules.rules),
            endpoints=len(read.rules.endpoints),
        )
        for rule in read.rules.rules.values():
            for remark in rule.remarks:
                _log.warning("notify.rule_unwise", rule=rule.name, position=remark.position + 1, reason=remark.text)

    async def run(self, stop: Stop) -> None:
        """Read the file again whenever it changes, until `stop`. Raises `Misconfigured` where it is wrong at the beginning."""
        if self._path is None:
            await self.load()
            return
        await config_reload.in_force(
            self.load, self._path, stop, name="rules", refused="notify.rules_refused", health=self._health
        )
