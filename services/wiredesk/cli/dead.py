"""`wiredesk dead`: dead letters."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from wiredesk.backends import bus_of
from wiredesk.bus.dead import Letter, find, letters, replay
from wiredesk.bus.records import header
from wiredesk.cli.output import json_line, line, rows
from wiredesk.cli.settings import AsJson, EnvFile, quiet_settings, run_async
from wiredesk.config import Config
from wiredesk.errors import Misconfigured

commands = typer.Typer(
    no_args_is_help=True, help="Dead letters: what could not be accepted, and sending it on once more."
)

COLUMNS = ("id", "time", "role", "topic", "reason", "error")
LetterId = Annotated[str, typer.Argument(metavar="ID", help="The id that `dead list` shows.")]


@commands.command("list")
def list_(as_json: AsJson = False, env_file: EnvFile = None) -> None:
    """List the dead letters that have not been replayed, oldest first."""
    config = quiet_settings(env_file)
    rows(run_async(_summaries(config)), columns=COLUMNS, as_json=as_json, empty="no dead letters")


@commands.command()
def show(letter_id: LetterId, as_json: AsJson = False, env_file: EnvFile = None) -> None:
    """Show one dead letter: its headers, and its value as it was."""
    letter = run_async(_find(quiet_settings(env_file), letter_id))
    value = letter.record.value.decode("utf-8", "backslashreplace")
    headers = {name: header(letter.record, name) for name, _ in letter.record.headers}
    if as_json:
        json_line(
            {
                "id": letter.id,
                "key": letter.record.key.decode("utf-8", "backslashreplace"),
                "headers": headers,
                "value": value,
            }
        )
        return
    for name, text in headers.items():
        line(f"{name}: {text}")
    line("")
    line(value)


@commands.command("replay")
def replay_(
    letter_id: LetterId,
    value: Annotated[Path | None, typer.Option("--value", help="A file with the mended value.")] = None,
    env_file: EnvFile = None,
) -> None:
    """Send a dead letter to its own topic once more, mended where --value is given; it leaves the list."""
    config = quiet_settings(env_file)
    topic = run_async(_replay(config, letter_id, _read(value)))
    sys.stdout.write(f"replayed {letter_id} to {topic}\n")


async def _summaries(config: Config) -> list[dict[str, object]]:
    async with bus_of(config, client="dead") as bus:
        return [_summary(letter) async for letter in letters(bus, prefix=config.prefix)]


def _summary(letter: Letter) -> dict[str, object]:
    facts: dict[str, object] = {name: letter.fact(name) for name in ("time", "role", "topic", "reason", "error")}
    return {
        "id": letter.id,
        **facts,
        "partition": letter.fact("partition"),
        "offset": letter.fact("offset"),
        "attempts": letter.fact("attempts"),
        "type": header(letter.record, "ce_type"),
        "bytes": len(letter.record.value),
    }


async def _find(config: Config, letter_id: str) -> Letter:
    async with bus_of(config, client="dead") as bus:
        return await find(bus, letter_id, prefix=config.prefix)


async def _replay(config: Config, letter_id: str, value: bytes | None) -> str:
    async with bus_of(config, client="dead") as bus:
        letter = await find(bus, letter_id, prefix=config.prefix)
        await replay(bus, letter, value=value)
        return letter.fact("topic")


def _read(path: Path | None) -> bytes | None:
    try:
        return path.read_bytes() if path else None
    except OSError as error:
        raise Misconfigured(f"--value {path}: {error.strerror}") from error
