"""What tests of many folders ask for: real servers, one of a kind a session, and the compiled gazetteer, kept between runs."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import CannotStart, Server
from tests.servers.certificates import Wallet, wallet_in
from tests.servers.kafka import Kafka
from tests.servers.postgres import Postgres
from tests.servers.valkey import Valkey
from wiredesk.observe import configure_logs
from wiredesk.roles.geotag.gazetteer_file import NAME, build, stored_path

CANNOT_START = " cannot start: "


@pytest.fixture(autouse=True)
def _logs() -> None:
    """As in production, to the standard error of this test: a command run in process may have left another, closed."""
    configure_logs(json=True, level="info")


def _url_of(server: type[Server], variable: str) -> Iterator[str]:
    given = os.environ.get(variable)
    if given:
        yield given
        return
    try:
        running = server().__enter__()
    except CannotStart as error:
        reason = f"{server.name}{CANNOT_START}{' '.join(str(error).split())}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    try:
        yield running.url
    finally:
        running.__exit__()


@pytest.fixture(scope="session")
def kafka_url() -> Iterator[str]:
    yield from _url_of(Kafka, "WIREDESK_TEST_KAFKA_URL")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    yield from _url_of(Valkey, "WIREDESK_TEST_REDIS_URL")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    yield from _url_of(Postgres, "WIREDESK_TEST_POSTGRES_URL")


@pytest.fixture(scope="session")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> Wallet:
    """Right and wrong certificates."""
    try:
        return wallet_in(tmp_path_factory.mktemp("wallet"))
    except CannotStart as error:
        pytest.skip(f"openssl{CANNOT_START}{error}")


@pytest.fixture
def prefix() -> str:
    """A name for topics, keys or a schema that no other test uses."""
    return f"t{secrets.token_hex(6)}"


@pytest.fixture(scope="session")
def gazetteer(request: pytest.FixtureRequest) -> Path:
    """The compiled file: the installation's, or an earlier run's; else it takes fifteen seconds."""
    cache: pytest.Cache | None = getattr(request.config, "cache", None)  # none with -p no:cacheprovider
    folder = cache.mkdir("gazetteer") if cache else request.getfixturevalue("tmp_path_factory").mktemp("gazetteer")
    path = stored_path(folder)
    if path is None:
        path = folder / NAME
        build(path)
    return path


@pytest.fixture
def home(tmp_path: Path, gazetteer: Path) -> Path:
    """A home folder of its own, with the gazetteer."""
    folder = tmp_path / "home"
    folder.mkdir()
    os.symlink(gazetteer, folder / NAME)
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    missing: dict[str, str] = {}
    for report in terminalreporter.getreports("skipped"):  # of all processes: what they noted, only they know
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        name, is_missing, why = reason.removeprefix("Skipped: ").partition(CANNOT_START)
        if is_missing:
            missing[name] = why
    for name, why in missing.items():
        terminalreporter.write_line(
            f"!!! NOT TESTED against {name}, it cannot start here: {why[:300]}", red=True, bold=True
        )
