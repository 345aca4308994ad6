"""What PostgreSQL is asked for before it is told the password.

The server here speaks the beginning of the protocol alone: the packaged PostgreSQL is built without TLS.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.servers import CannotStart
from tests.servers.certificates import Authority
from wiredesk.database import open_database
from wiredesk.database.postgres_tls import mode_of
from wiredesk.errors import Misconfigured, Unavailable
from wiredesk.tls import TlsFiles

PASSWORD = "c2VjcmV0"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    try:
        return Authority(folder)
    except CannotStart as error:
        pytest.skip(str(error))


class Server:
    """Asks for the password in clear as soon as it may; `heard` is all that it was told after the request for TLS."""

    def __init__(self, certificate: Path | None) -> None:
        self._certificate = certificate
        self.heard = b""
        self.port = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Server]:
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readexactly(8)  # SSLRequest
            writer.write(b"S" if self._certificate else b"N")
            await writer.drain()
            if self._certificate:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self._certificate)
                await writer.start_tls(context)
            length = int.from_bytes(await reader.readexactly(4), "big")
            self.heard += await reader.readexactly(length - 4)
            writer.write(b"R\0\0\0\x08\0\0\0\x03")  # AuthenticationCleartextPassword
            await writer.drain()
            self.heard += await reader.read(100)
        except (OSError, EOFError):
            pass
        finally:
            writer.close()


async def connected(server: Server, *, mode: str = "", host: str = "127.0.0.1", ca_file: Path | None = None) -> str:
    """What opening the records there says."""
    option = f"?sslmode={mode}" if mode else ""
    url = f"postgresql://desk:{PASSWORD}@{host}:{server.port}/desk{option}"
    with pytest.raises((Unavailable, Misconfigured)) as refused:
        async with open_database(
            url, schema="desk", opening="expect", tls=TlsFiles(name="WIREDESK_DATABASE", ca_file=ca_file)
        ):
            pass
    return str(refused.value)


@pytest.mark.parametrize(
    ("host", "mode"),
    [
        ("127.0.0.1", "prefer"),
        ("[::1]:5432", "prefer"),
        ("localhost", "prefer"),
        ("", "prefer"),
        ("%2Frun%2Fpostgresql", "prefer"),
        ("db.example", "verify-full"),
        ("10.0.0.7:5432", "verify-full"),
        ("localhost,db.example", "verify-full"),
        ("localhost.example", "verify-full"),
    ],
)
def test_off_this_machine_the_server_is_verified_by_itself(host: str, mode: str) -> None:
    assert mode_of(f"postgresql://u:p@{host}/desk") == mode
    assert mode_of(f"postgresql://u:p@{host}/desk?sslmode=require") == "require"


async def test_a_server_of_our_authority_and_of_this_name_is_told_the_password(authority: Authority) -> None:
    async with Server(authority.sign("good", addresses="IP:127.0.0.1")).running() as server:
        await connected(server, mode="verify-full", ca_file=authority.file)

    assert PASSWORD.encode() in server.heard


@pytest.mark.parametrize(
    ("addresses", "days", "trusted", "said"),
    [
        ("DNS:other.example", 2, True, "IP address mismatch"),
        ("IP:127.0.0.1", -1, True, "certificate has expired"),
        ("IP:127.0.0.1", 2, False, "unable to get local issuer certificate"),
    ],
    ids=["another name", "run out", "an unknown authority"],
)
async def test_any_other_is_told_nothing_and_the_error_names_the_setting(
    addresses: str, days: int, trusted: bool, said: str, authority: Authority, folder: Path
) -> None:
    certificate = authority.sign("bad", addresses=addresses, days=days)
    known = authority if trusted else Authority(folder, "another")
    async with Server(certificate).running() as server:
        text = await connected(server, mode="verify-full", ca_file=known.file)

    assert server.heard == b""
    assert said in text
    assert "WIREDESK_DATABASE_CA_FILE" in text
    assert PASSWORD not in text


async def test_another_name_is_allowed_where_the_url_says_so(authority: Authority) -> None:
    async with Server(authority.sign("named", addresses="DNS:other.example")).running() as server:
        await connected(server, mode="verify-ca", ca_file=authority.file)

    assert PASSWORD.encode() in server.heard


async def test_a_server_without_tls_is_told_nothing() -> None:
    async with Server(None).running() as server:
        text = await connected(server, mode="verify-full")

    assert server.heard == b""
    assert "it has no TLS: WIREDESK_DATABASE_CA_FILE" in text


def test_a_file_that_is_no_certificate_is_told_with_its_setting(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")

    for path in (tmp_path / "ca.pem", tmp_path / "none.pem"):
        with pytest.raises(Misconfigured, match="WIREDESK_DATABASE_CA_FILE"):
            open_database(
                "postgresql://db.example/desk", schema="desk", tls=TlsFiles(name="WIREDESK_DATABASE", ca_file=path)
            )
