"""Runs `wiredesk` many times for the price of one start: all of it is imported once, and each command is a fork of that.

Orders are lines of JSON on standard input: a number, arguments, environment, and the files for output and errors. Each is
answered by a line with the number and the exit status. At the end of the input, what still runs is killed.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import select
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import wiredesk
from wiredesk import app
from wiredesk.__main__ import main

START_PATIENCE = timedelta(seconds=1)
"""How long a start waits for a server that is away: it says the same after twenty seconds."""

LOOKED_EVERY = 0.02


def serve() -> None:
    for module in pkgutil.walk_packages(wiredesk.__path__, "wiredesk."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    vars(app)["PATIENCE"] = START_PATIENCE
    running: dict[int, int] = {}
    waiting = b""
    try:
        while True:
            if select.select([0], [], [], LOOKED_EVERY)[0]:
                chunk = os.read(0, 1 << 20)
                if not chunk:
                    return
                *lines, waiting = (waiting + chunk).split(b"\n")
                for line in lines:
                    order = json.loads(line)
                    running[_forked(order)] = order["number"]
            _tell_ended(running)
    finally:
        for pid in running:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _tell_ended(running: dict[int, int]) -> None:
    for pid in list(running):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            answer = {"number": running.pop(pid), "status": os.waitstatus_to_exitcode(status)}
            os.write(1, json.dumps(answer).encode() + b"\n")


def _forked(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 70
    try:
        for number, path in ((0, os.devnull), (1, order["out"]), (2, order["err"])):
            os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
        os.environ.clear()
        os.environ.update(order["env"])
        status = _run(order["arguments"])
    finally:
        os._exit(status)


def _run(arguments: Sequence[str]) -> int:
    sys.argv = ["wiredesk", *arguments]
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    except BaseException:  # noqa: BLE001 - as the interpreter would tell it
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    serve()
