"""Running wiredesk as an operator does: all of it in one process, or a process a role."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

COMMAND = (sys.executable, "-m", "wiredesk")
PATIENCE = 120.0
ROLES = ("feeds", "pages", "dedupe", "geotag", "store", "notify", "web")


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What a finished process said."""

    status: int
    out: str
    err: str


def environment(home: Path, **settings: str) -> dict[str, str]:
    """Everything a test's process needs: loopback may be dialled, no pause between requests to a host, any port."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("WIREDESK_")}
    return ours | {
        "WIREDESK_HOME": str(home),
        "WIREDESK_OUTBOUND_ALLOW": "127.0.0.0/8",
        "WIREDESK_HOST_GAP": "0s",
        "WIREDESK_LISTEN": "127.0.0.1:0",
        "WIREDESK_LOG_FORMAT": "json",
        **settings,
    }


async def wiredesk(
    *arguments: str, env: Mapping[str, str], patience: float = PATIENCE, command: Sequence[str] = COMMAND
) -> Ended:
    """Run `wiredesk` to its end; fails the test where it takes longer than `patience` seconds."""
    process = await asyncio.create_subprocess_exec(
        *command, *arguments, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        async with asyncio.timeout(patience):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        _, err = await process.communicate()
        raise AssertionError(f"wiredesk {' '.join(arguments)} still ran after {patience} s:\n{_tail(err)}") from None
    return Ended(status=process.returncode or 0, out=out.decode(), err=err.decode())


def logs_of(folder: Path) -> str:
    """The end of every log in `folder`."""
    return "\n".join(f"--- {path.name}\n{_tail(path.read_bytes())}" for path in sorted(folder.glob("*.log")))


def _tail(err: bytes) -> str:
    return err.decode("utf-8", "replace")[-3_000:]


async def start(
    env: Mapping[str, str], folder: Path, role: str, *, number: int = 0, command: Sequence[str] = COMMAND
) -> asyncio.subprocess.Process:
    """The replica of that number of a role, or of `all` roles, as a process of its own; its log goes on in `folder`."""
    name = f"{role}-{number}"
    with (folder / f"{name}.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *command,
            "run",
            *([] if role == "all" else [role]),
            env={**env, "WIREDESK_INSTANCE": name},
            stdout=log,
            stderr=log,
        )


@asynccontextmanager
async def roles_apart(
    env: Mapping[str, str], folder: Path, roles: Sequence[str] = ROLES
) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """One process a role, until the block ends; then SIGTERM, and each must end by itself with status 0."""
    running: list[asyncio.subprocess.Process] = []
    try:
        for at, role in enumerate(roles):
            running.append(await start(env, folder, role, number=roles[:at].count(role)))
        yield running
        for process in running:
            assert process.returncode is None, f"a role ended with status {process.returncode}"
            process.terminate()
        async with asyncio.timeout(PATIENCE):
            statuses = [await process.wait() for process in running]
        assert statuses == [0] * len(roles), dict(zip(roles, statuses, strict=True))
    except BaseException as error:
        error.add_note(logs_of(folder))
        raise
    finally:
        for process in running:
            if process.returncode is None:
                process.kill()
                await process.wait()
