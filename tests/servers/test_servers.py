"""The servers themselves: they answer, keep their data over a stop, and end with whoever started them."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from tests.servers import CannotStart, listens
from tests.servers.valkey import Valkey

pytestmark = pytest.mark.servers

STARTS_ONE_AND_WAITS = """
import sys, time
from tests.servers.valkey import Valkey
server = Valkey().__enter__()
print(server.port, server.folder, flush=True)
sys.stdin.read()
"""


def test_a_server_stops_and_starts_again_on_its_port() -> None:
    with Valkey() as server:
        url = server.url
        server.stop()
        assert not server.is_ready()

        server.start()

        assert server.is_ready()
        assert server.url == url


class Refusing(Valkey):
    """Ends at once."""

    def command(self) -> Sequence[str]:
        return [sys.executable, "-c", ""]


def test_a_server_that_ends_by_itself_cannot_start() -> None:
    with pytest.raises(CannotStart, match="valkey ended by itself"), Refusing():
        pass


def test_a_server_that_is_frozen_answers_nobody_until_it_is_thawed_and_can_be_stopped_all_the_same() -> None:
    with Valkey() as server:
        server.freeze()
        assert listens(server.port)
        assert not server.is_ready()

        server.thaw()
        assert server.is_ready()

        server.freeze()
        server.stop()
        assert not listens(server.port)


def test_a_server_ends_when_the_session_is_killed() -> None:
    session = subprocess.Popen(
        [sys.executable, "-c", STARTS_ONE_AND_WAITS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert session.stdout is not None
    port, folder = session.stdout.readline().decode().split()
    (keeper,) = psutil.Process(session.pid).children()

    session.send_signal(signal.SIGKILL)
    session.communicate()

    keeper.wait(10)
    assert not listens(int(port))
    assert not Path(folder).exists()
