"""Options that commands share, and the settings they lead to."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from wiredesk.config import Config, load
from wiredesk.errors import Misconfigured
from wiredesk.observe import configure_logs
from wiredesk.setting_values import networks

R = TypeVar("R")

EnvFile = Annotated[
    Path | None, typer.Option("--env-file", help="Settings as NAME=VALUE lines; the environment goes before it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line instead of a table.")]

Places = Annotated[Path | None, typer.Option("--places", help="A places file, TOML: own places and watch areas.")]


def settings(env_file: Path | None, **flags: object) -> Config:
    """The settings, with logs set up. Raises `Misconfigured`, and `BadParameter` where a flag is what is wrong."""
    set_flags = {name: value for name, value in flags.items() if value not in (None, (), [])}
    try:
        config = load(os.environ, env_file=env_file, flags=set_flags)
    except Misconfigured as error:
        if not set_flags:
            raise
        load(os.environ, env_file=env_file)  # raises where the settings are at fault without the flags
        raise typer.BadParameter(str(error)) from error
    json = config.log_format == "json" or (config.log_format == "" and not sys.stderr.isatty())
    configure_logs(json=json, level=config.log_level)
    return config


def allowed(cidrs: list[str] | None) -> dict[str, object]:
    """The flag `--allow` as a setting. Raises `BadParameter`."""
    try:
        return {"outbound_allow": networks(",".join(cidrs))} if cidrs else {}
    except ValueError as error:
        raise typer.BadParameter(f"--allow {' '.join(cidrs or ())}: {error}") from error


def quiet_settings(env_file: Path | None, **flags: object) -> Config:
    """The settings of a short command: of the logs, only warnings."""
    config = settings(env_file, **flags)
    configure_logs(json=config.log_format == "json", level="warning")
    return config


def run_async(work: Coroutine[Any, Any, R]) -> R:
    """What `work` gives, on the fastest loop there is."""
    try:
        import uvloop
    except ImportError:  # not on Windows, not on PyPy
        return asyncio.run(work)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
