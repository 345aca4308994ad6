"""`wiredesk deliveries`: webhooks sent and failing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, get_args

import msgspec
import typer

from wiredesk.backends import database_of
from wiredesk.cli.output import counted, json_line, line, rows
from wiredesk.cli.settings import AsJson, EnvFile, quiet_settings, run_async
from wiredesk.config import Config
from wiredesk.database import Database
from wiredesk.database.alerts import Delivery, Status, StoredEndpoint
from wiredesk.errors import Misconfigured

commands = typer.Typer(no_args_is_help=True, help="Webhooks sent and failing, and sending one again.")

COLUMNS = ("id", "status", "created", "tries", "code", "next", "reason")
ENDPOINTS = ("name", "state", "url", "reason")
DeliveryId = Annotated[
    str, typer.Argument(metavar="ID", help="The id that `deliveries list` shows; receivers know it as webhook-id.")
]


@commands.command("list")
def list_(
    status: Annotated[str, typer.Option(help="waiting, delivered or failed.")] = "",
    endpoint: Annotated[str, typer.Option(help="Name of an endpoint in the rules file.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    as_json: AsJson = False,
    env_file: EnvFile = None,
) -> None:
    """List webhooks, newest first."""
    deliveries = run_async(_list(quiet_settings(env_file), status=_status(status), endpoint=endpoint, limit=limit))
    shown = [_facts(delivery) if as_json else _row(delivery) for delivery in deliveries]
    rows(shown, columns=COLUMNS, as_json=as_json, empty="no deliveries")


@commands.command()
def show(delivery: DeliveryId, as_json: AsJson = False, env_file: EnvFile = None) -> None:
    """Show a webhook: how its tries went, and the body that each of them sends."""
    record, endpoint = run_async(_get(quiet_settings(env_file), delivery))
    body = record.body.decode("utf-8", "backslashreplace")
    facts = _facts(record) | {"endpoint_state": endpoint or "gone from the rules file"}
    if as_json:
        json_line(facts | {"body": body})
        return
    for name, value in facts.items():
        if value not in (None, ""):
            line(f"{name}: {value}")
    line("")
    line(_indented(record.body) or body)


@commands.command()
def retry(delivery: DeliveryId, env_file: EnvFile = None) -> None:
    """Send a webhook again, now: same id, same bytes; an endpoint that was disabled takes webhooks again."""
    run_async(_retry(quiet_settings(env_file), delivery))
    sys.stdout.write(f"{delivery} is due now; a running wiredesk sends it\n")


@commands.command()
def endpoints(as_json: AsJson = False, env_file: EnvFile = None) -> None:
    """List the endpoints of the rules file, and whether they take webhooks."""
    pairs = run_async(_endpoints(quiet_settings(env_file)))
    rows(
        [_endpoint_row(endpoint, last, as_json=as_json) for endpoint, last in pairs],
        columns=ENDPOINTS,
        as_json=as_json,
        empty="no endpoints: `wiredesk run` keeps those of WIREDESK_RULES_FILE",
    )


def _status(name: str) -> Status | None:
    for known in get_args(Status):
        if name == known:
            status: Status = known
            return status
    if name:
        raise typer.BadParameter(f"--status {name}: expected {', '.join(get_args(Status))}")
    return None


async def _list(config: Config, *, status: Status | None, endpoint: str, limit: int) -> Sequence[Delivery]:
    async with database_of(config) as database:
        return await database.alerts.list(status=status, endpoint=endpoint, limit=limit)


async def _get(config: Config, delivery: str) -> tuple[Delivery, str]:
    """The delivery, and the state of its endpoint, empty where that is gone."""
    async with database_of(config) as database:
        record = await database.alerts.get(delivery)
        states = {endpoint.name: _state(endpoint, last) for endpoint, last in await _with_last(database)}
    if record is None:
        raise _unknown(delivery)
    return record, states.get(record.endpoint, "")


async def _retry(config: Config, delivery: str) -> None:
    async with database_of(config) as database:
        if not await database.alerts.retry(delivery, now=datetime.now(UTC)):
            raise _unknown(delivery)


async def _endpoints(config: Config) -> Sequence[tuple[StoredEndpoint, Delivery | None]]:
    async with database_of(config) as database:
        return await _with_last(database)


async def _with_last(database: Database) -> Sequence[tuple[StoredEndpoint, Delivery | None]]:
    """Each endpoint with what was tried last there."""
    last = await database.alerts.last_tried()
    return [(endpoint, last.get(endpoint.name)) for endpoint in await database.alerts.endpoints()]


def _unknown(delivery: str) -> Misconfigured:
    return Misconfigured(f"no delivery {delivery!r}: `wiredesk deliveries list` shows them")


def _facts(delivery: Delivery) -> dict[str, object]:
    return {name: value for name, value in asdict(delivery).items() if name != "body"}


def _row(delivery: Delivery) -> dict[str, object]:
    return {
        "id": delivery.id,
        "status": delivery.status,
        "created": _shown(delivery.created_at),
        "tries": delivery.tries,
        "code": delivery.status_code,
        "next": _shown(delivery.next_at),
        "reason": delivery.reason,
    }


def _endpoint_row(endpoint: StoredEndpoint, last: Delivery | None, *, as_json: bool) -> dict[str, object]:
    facts: dict[str, object] = {
        "name": endpoint.name,
        "state": _state(endpoint, last),
        "url": endpoint.url,
        "reason": endpoint.disabled_reason,
    }
    return facts | asdict(endpoint) if as_json else facts


def _state(endpoint: StoredEndpoint, last: Delivery | None) -> str:
    if endpoint.disabled_at:
        return f"disabled since {_shown(endpoint.disabled_at)}: {endpoint.disabled_reason}"
    if endpoint.paused_until and endpoint.paused_until > datetime.now(UTC):
        return f"paused until {_shown(endpoint.paused_until)}"
    if last is not None and last.status != "delivered":
        return f"failing: {last.reason} ({counted(last.tries, 'try', many='tries')})"
    return "ok"


def _shown(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if at else ""


def _indented(body: bytes) -> str:
    """A JSON body for people; nothing where it is none."""
    try:
        return msgspec.json.format(body, indent=2).decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
