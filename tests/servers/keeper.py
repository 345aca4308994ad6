"""Runs one server for as long as the pipe on its standard input stays open.

A test session that is killed cannot clean up, but the system closes its pipes: end of input ends the server and removes its
folder. A byte on the pipe keeps the folder: `S` stops the server with manners, `K` kills it with SIGKILL, which is how tests
crash it.

    python keeper.py [--user NAME] [--remove FOLDER] -- COMMAND…
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import threading

MANNERS_SECONDS = 10
"""Then SIGKILL."""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--user", default=None)
    parser.add_argument("--remove", default=None)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the session, whose end is ours
    server = subprocess.Popen(options.command, stdin=subprocess.DEVNULL, user=options.user, cwd=options.remove)
    ordered = threading.Event()
    threading.Thread(target=_watch_pipe, args=(server, ordered), daemon=True).start()
    status = server.wait()
    if options.remove and not ordered.is_set():
        shutil.rmtree(options.remove, ignore_errors=True)
    return abs(status)


def _watch_pipe(server: subprocess.Popen[bytes], ordered: threading.Event) -> None:
    order = os.read(sys.stdin.fileno(), 1)
    if order:
        ordered.set()
    if order == b"K":
        server.kill()
        return
    server.terminate()
    try:
        server.wait(MANNERS_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()


if __name__ == "__main__":
    sys.exit(main())
