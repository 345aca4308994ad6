"""Commands as an operator runs them, each a process of its own, without the second that a start takes."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.pipeline.running import PATIENCE, Ended


class Forked:
    """Calls `wiredesk` like `running.wiredesk`; several calls may be under way at once."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self._process, self._folder = process, folder
        self._ends: list[asyncio.Future[int]] = []

    async def __call__(self, *arguments: str, env: Mapping[str, str], patience: float = PATIENCE) -> Ended:
        """Run it to its end; fails the test where it takes longer than `patience` seconds."""
        assert self._process.stdin
        number = len(self._ends)
        end: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._ends.append(end)
        out, err = self._folder / f"{number}.out", self._folder / f"{number}.err"
        order = {"number": number, "arguments": arguments, "env": dict(env), "out": str(out), "err": str(err)}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        try:
            async with asyncio.timeout(patience):
                status = await end
        except TimeoutError:
            text = err.read_text("utf-8")[-3_000:]
            raise AssertionError(f"wiredesk {' '.join(arguments)} still ran after {patience} s:\n{text}") from None
        return Ended(status=status, out=out.read_text("utf-8"), err=err.read_text("utf-8"))

    async def listen(self) -> None:
        """Hand over each end, until the process goes."""
        assert self._process.stdout
        async for line in self._process.stdout:
            answer = json.loads(line)
            self._ends[answer["number"]].set_result(answer["status"])


@asynccontextmanager
async def forked() -> AsyncIterator[Forked]:
    """Within, commands can be called."""
    with tempfile.TemporaryDirectory() as folder:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.pipeline.forking",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        calls = Forked(process, Path(folder))
        assert process.stdin
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(calls.listen())
                try:
                    yield calls
                finally:
                    process.stdin.close()
        finally:
            await process.wait()
