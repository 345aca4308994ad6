"""Redis behind TLS and a password: who gets in, and what everybody else is told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.servers.certificates import Wallet
from tests.servers.terminator import terminated
from tests.servers.valkey import Valkey
from wiredesk.errors import Misconfigured, Unavailable
from wiredesk.state.open import open_state
from wiredesk.tls import TlsFiles

pytestmark = pytest.mark.servers

PASSWORD = "c2VjcmV0"
WITHIN = 20.0


@pytest.fixture(scope="module")
def valkey(redis_url: str) -> Iterator[Valkey]:
    """Asks for the session's first, so that where none can be had this is skipped like the rest."""
    with Valkey(settings=[f"user desk on >{PASSWORD} ~* &* +@all", f"user reader on >{PASSWORD} ~* +ping"]) as server:
        yield server


def files(ca: Path | None, own: Path | None = None) -> TlsFiles:
    return TlsFiles(name="WIREDESK_STATE", ca_file=ca, cert_file=own)


async def used(port: int, tls: TlsFiles, *, login: str = f"desk:{PASSWORD}", prefix: str = "t") -> timedelta:
    """A turn at a host, as roles take one."""
    async with (
        asyncio.timeout(WITHIN),
        open_state(f"rediss://{login}@127.0.0.1:{port}/0", prefix=prefix, tls=tls) as state,
    ):
        return await state.hosts.take("h.example", gap=timedelta(0), patience=timedelta(0))


async def test_with_authority_certificate_user_and_password_it_serves(
    valkey: Valkey, wallet: Wallet, prefix: str
) -> None:
    async with terminated(valkey.port, wallet.good, clients=wallet.authority.file) as port:
        assert await used(port, files(wallet.authority.file, wallet.ours), prefix=prefix) == timedelta(0)


@pytest.mark.parametrize(
    ("server", "ca", "own", "login", "said", "setting"),
    [
        ("other_name", "authority", "ours", "desk", "IP address mismatch", "WIREDESK_STATE_CA_FILE"),
        ("expired", "authority", "ours", "desk", "certificate has expired", "WIREDESK_STATE_CA_FILE"),
        ("good", "stranger", "ours", "desk", "certificate verify failed", "WIREDESK_STATE_CA_FILE"),
        ("good", "", "ours", "desk", "certificate verify failed", "WIREDESK_STATE_CA_FILE"),
        ("good", "authority", "", "desk", "", "expected WIREDESK_STATE_CERT_FILE and WIREDESK_STATE_KEY_FILE"),
        ("good", "authority", "foreign", "desk", "", "expected WIREDESK_STATE_CERT_FILE and WIREDESK_STATE_KEY_FILE"),
        ("good", "authority", "ours", "stranger", "invalid username-password", "WIREDESK_STATE_URL"),
        ("good", "authority", "ours", "reader", "no permissions", "WIREDESK_STATE_URL"),
    ],
    ids=["name", "expired", "unknown CA", "no CA", "no certificate", "foreign certificate", "user", "rights"],
)
async def test_who_does_not_get_in_is_told_the_setting_and_what_was_expected(
    server: str, ca: str, own: str, login: str, said: str, setting: str, valkey: Valkey, wallet: Wallet
) -> None:
    tls = files(getattr(wallet, ca).file if ca else None, getattr(wallet, own) if own else None)
    async with terminated(valkey.port, getattr(wallet, server), clients=wallet.authority.file) as port:
        with pytest.raises(Unavailable) as caught:
            await used(port, tls, login=f"{login}:{PASSWORD}")

    text = str(caught.value)
    assert said in text
    assert f"127.0.0.1:{port}" in text
    assert setting in text
    assert "expected" in text
    assert PASSWORD not in text


@pytest.mark.faults  # it takes both timeouts
async def test_a_server_without_tls_is_told_nothing(valkey: Valkey, wallet: Wallet) -> None:
    with pytest.raises(Unavailable, match="expected a port that speaks TLS, as WIREDESK_STATE_URL says") as caught:
        await used(valkey.port, files(wallet.authority.file))

    assert PASSWORD not in str(caught.value)


async def test_a_url_without_tls_at_a_port_with_it_is_told_so(valkey: Valkey, wallet: Wallet) -> None:
    async with terminated(valkey.port, wallet.good) as port:
        with pytest.raises(Unavailable, match="expected rediss:// in WIREDESK_STATE_URL"):
            async with asyncio.timeout(WITHIN), open_state(f"redis://127.0.0.1:{port}/0", prefix="t"):
                pass


@pytest.mark.parametrize(
    ("url", "tls", "named"),
    [
        ("redis://127.0.0.1:9/0", {"ca_file": "good"}, "WIREDESK_STATE_CA_FILE .*expected rediss://"),
        ("rediss://127.0.0.1:9/0", {"ca_file": "none"}, "WIREDESK_STATE_CA_FILE=.*expected a PEM file"),
        ("rediss://127.0.0.1:9/0", {"cert_file": "none"}, "WIREDESK_STATE_CERT_FILE=.*expected PEM files"),
        ("rediss://127.0.0.1:9/0", {"key_file": "good"}, "WIREDESK_STATE_KEY_FILE .*expected both"),
    ],
    ids=["no TLS", "CA", "certificate", "a key alone"],
)
def test_files_that_cannot_be_used_are_told_before_anybody_is_asked(
    url: str, tls: dict[str, str], named: str, wallet: Wallet, tmp_path: Path
) -> None:
    paths = {name: wallet.good if what == "good" else tmp_path / what for name, what in tls.items()}

    with pytest.raises(Misconfigured, match=named):
        open_state(url, prefix="t", tls=TlsFiles(name="WIREDESK_STATE", **paths))
