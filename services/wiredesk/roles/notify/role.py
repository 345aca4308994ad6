"""Builds the role `notify`: matching rules, and sending the webhooks of their alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from wiredesk.dispatch import Dispatcher, Duty
from wiredesk.observe import Health
from wiredesk.roles.notify.rules_file import RulesFile
from wiredesk.roles.notify.sender import LIMIT, WEBHOOK, Sender, SenderDeps
from wiredesk.roles.notify.stage import Notify
from wiredesk.roles.reads import NOTIFY
from wiredesk.roles.shared import Shared
from wiredesk.stop import Runs

SENDERS, PER_ENDPOINT = 128, 8
"""Webhooks in the air. With 8, a receiver that answers within 0.5 s takes 16 a second, with 2 it would take 4; one that hangs is
left alone after one timeout, five silences being enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyConfig:
    """The rules, the environment that their secrets may name, and the age from which items raise no alert."""

    rules_file: Path | None
    environ: Mapping[str, str] = field(repr=False)
    max_age: timedelta


async def build(shared: Shared, config: NotifyConfig, health: Health) -> Runs:
    """Matching and sending. Raises `Misconfigured` where the rules file is wrong."""
    rules = RulesFile(config.rules_file, shared.database, health=health, environ=config.environ)
    await rules.load()
    sender = Sender(
        SenderDeps(alerts=shared.database.alerts, door=shared.door, in_force=rules.in_force, now=shared.now)
    )
    duty = Duty(
        kind=WEBHOOK,
        work=sender,
        give_up=sender.give_up,
        concurrency=SENDERS,
        per_host=PER_ENDPOINT,
        limit=LIMIT,
        lease=shared.lease,
        most_run_outs=None,
    )
    sending = Dispatcher(duty, shared.database.due, health=health)
    stage = Notify(
        shared.database, in_force=rules.in_force, max_age=config.max_age, nudge=sending.nudge, now=shared.now
    )
    return [rules.run, sending.run, shared.consuming(NOTIFY, stage, health)]
