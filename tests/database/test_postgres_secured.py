"""A real PostgreSQL behind TLS and a password: who gets in, and what everybody else is told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.servers.certificates import Wallet
from tests.servers.postgres import Postgres
from tests.servers.terminator import terminated
from wiredesk.database import open_database
from wiredesk.errors import Misconfigured, Unavailable
from wiredesk.tls import TlsFiles

pytestmark = pytest.mark.servers

PASSWORD = "c2VjcmV0"
WITHIN = 20.0


class WithPassword(Postgres):
    """SCRAM for the user `desk`, who is made at the first start; `postgres` is trusted to make him."""

    def prepare(self) -> None:
        super().prepare()
        here = "127.0.0.1/32"
        (self.data / "pg_hba.conf").write_text(f"host all postgres {here} trust\nhost all all {here} scram-sha-256\n")


@pytest.fixture(scope="module")
def server(postgres_url: str) -> Iterator[WithPassword]:
    """Asks for the session's first, so that where none can be had this is skipped like the rest."""
    with WithPassword() as running:
        asyncio.run(_make_user(running.url))
        yield running


async def _make_user(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(f"CREATE USER desk PASSWORD '{PASSWORD}'")
    await connection.execute("GRANT CREATE ON DATABASE postgres TO desk")
    await connection.close()


def files(ca: Path | None, own: Path | None = None) -> TlsFiles:
    return TlsFiles(name="WIREDESK_DATABASE", ca_file=ca, cert_file=own)


async def counted(port: int, tls: TlsFiles, *, login: str = f"desk:{PASSWORD}", schema: str) -> dict[str, int]:
    """What is stored there, once its tables are made."""
    url = f"postgresql://{login}@127.0.0.1:{port}/postgres?sslmode=verify-full"
    async with asyncio.timeout(WITHIN), open_database(url, schema=schema, tls=tls) as database:
        return dict(await database.items.count())


async def test_with_authority_certificate_and_password_it_serves(
    server: WithPassword, wallet: Wallet, prefix: str
) -> None:
    tls = files(wallet.authority.file, wallet.ours)
    async with terminated(server.port, wallet.good, clients=wallet.authority.file, is_postgres=True) as port:
        assert sum((await counted(port, tls, schema=prefix)).values()) == 0


@pytest.mark.parametrize(
    ("certificate", "ca", "own", "login", "said", "setting"),
    [
        ("other_name", "authority", "ours", f"desk:{PASSWORD}", "IP address mismatch", "WIREDESK_DATABASE_CA_FILE"),
        ("expired", "authority", "ours", f"desk:{PASSWORD}", "certificate has expired", "WIREDESK_DATABASE_CA_FILE"),
        (
            "good",
            "stranger",
            "ours",
            f"desk:{PASSWORD}",
            "certificate in certificate chain",
            "WIREDESK_DATABASE_CA_FILE",
        ),
        ("good", "authority", "", f"desk:{PASSWORD}", "", "expected WIREDESK_DATABASE_CERT_FILE"),
        ("good", "authority", "foreign", f"desk:{PASSWORD}", "", "expected WIREDESK_DATABASE_CERT_FILE"),
        ("good", "authority", "ours", "desk:b3RoZXI", "password authentication failed", "WIREDESK_DATABASE_URL"),
        ("good", "authority", "ours", f"nobody:{PASSWORD}", "password authentication failed", "WIREDESK_DATABASE_URL"),
    ],
    ids=["name", "expired", "unknown CA", "no certificate", "foreign certificate", "password", "user"],
)
async def test_who_does_not_get_in_is_told_the_setting_and_what_was_expected(
    certificate: str,
    ca: str,
    own: str,
    login: str,
    said: str,
    setting: str,
    server: WithPassword,
    wallet: Wallet,
    prefix: str,
) -> None:
    tls = files(getattr(wallet, ca).file, getattr(wallet, own) if own else None)
    port_of = terminated(server.port, getattr(wallet, certificate), clients=wallet.authority.file, is_postgres=True)
    async with port_of as port:
        with pytest.raises((Unavailable, Misconfigured)) as caught:
            await counted(port, tls, login=login, schema=prefix)

    text = str(caught.value)
    assert said in text
    assert f"127.0.0.1:{port}" in text
    assert setting in text
    assert "expected" in text
    assert PASSWORD not in text
    assert "b3RoZXI" not in text


def test_our_certificate_is_shown_to_nobody_who_is_not_verified(wallet: Wallet) -> None:
    with pytest.raises(Misconfigured, match=r"WIREDESK_DATABASE_CERT_FILE .*sslmode=require.*expected verify-full"):
        open_database("postgresql://db.example/d?sslmode=require", schema="d", tls=files(None, wallet.ours))
