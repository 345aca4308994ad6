"""Real servers for tests: Kafka, Valkey and PostgreSQL from wheels and jars, on free loopback ports.

Each `Server` is a context manager; `url` is what the product takes. `stop` and `start` keep data and port, so a test can take its
own server away and give it back; `freeze` and `thaw` make it silent for a while.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import psutil

KEEPER = Path(__file__).with_name("keeper.py")

_given_ports: set[int] = set()


class CannotStart(Exception):
    """The server cannot be had on this machine; the text says why."""


def free_port() -> int:
    """A loopback port that nobody listens on, and that this session has given to nobody else."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in _given_ports:
            _given_ports.add(port)
            return port


def listens(port: int) -> bool:
    """Whether anybody listens on that loopback port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def cache_folder() -> Path:
    """Where what servers are made of is kept between sessions."""
    base = os.environ.get("XDG_CACHE_HOME")
    folder = (Path(base) if base else Path.home() / ".cache") / "wiredesk-tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Server:
    """One server process, ended with the session however that ends."""

    name = "server"
    user: str | None = None

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix=f"wiredesk-{self.name}-"))
        self._keeper: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """How the product is told to reach it."""
        raise NotImplementedError

    def command(self) -> Sequence[str]:
        """What runs it in the foreground."""
        raise NotImplementedError

    @property
    def pid(self) -> int:
        """The process whose children are the server's."""
        assert self._keeper is not None
        return self._keeper.pid

    def prepare(self) -> None:
        """What is done once before the first start."""

    def is_ready(self) -> bool:
        """Whether it answers."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        try:
            self.prepare()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, *, within_seconds: float = 60) -> None:
        """Start it, again or for the first time, and return when it answers."""
        with (self.folder / "output").open("ab") as output:
            self._keeper = subprocess.Popen(
                [sys.executable, str(KEEPER), *self._options(), "--", *self.command()],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        wait_until(self._is_up, within_seconds=within_seconds, what=f"{self.name} to answer")

    def stop(self) -> None:
        """End it with manners; data stay."""
        self._end(b"S")

    def kill(self) -> None:
        """SIGKILL; data stay."""
        self._end(b"K")

    def freeze(self) -> None:
        """It answers nobody and closes nothing, as behind a network that is cut, until `thaw`."""
        for process in self._processes():
            process.suspend()

    def thaw(self) -> None:
        """It goes on where `freeze` met it."""
        for process in self._processes():
            process.resume()

    def _processes(self) -> list[psutil.Process]:
        assert self._keeper is not None
        return psutil.Process(self._keeper.pid).children(recursive=True)

    def _options(self) -> list[str]:
        # A session that is killed leaves its folder to the keeper; one that ends removes it itself.
        return ["--remove", str(self.folder), *(["--user", self.user] if self.user else [])]

    def _is_up(self) -> bool:
        assert self._keeper is not None
        if self._keeper.poll() is not None:
            raise CannotStart(f"{self.name} ended by itself: {self.output()[-2000:]}")
        return self.is_ready()

    def _end(self, order: bytes) -> None:
        if self._keeper is None:
            return
        keeper = self._keeper
        assert keeper.stdin is not None
        if keeper.poll() is None:  # else the server ended by itself, and its keeper with it
            self.thaw()  # what is frozen hears no SIGTERM
            keeper.stdin.write(order)
        self._keeper = None
        keeper.stdin.close()
        keeper.wait(30)

    def output(self) -> str:
        """What it printed."""
        path = self.folder / "output"
        return path.read_text("utf-8", "replace") if path.exists() else ""


def wait_until(is_so: Callable[[], bool], *, within_seconds: float, what: str) -> None:
    """Return once `is_so()`; raises `CannotStart` when it takes longer."""
    end = time.monotonic() + within_seconds
    while not is_so():
        if time.monotonic() > end:
            raise CannotStart(f"waited {within_seconds} s for {what}")
        time.sleep(0.05)
