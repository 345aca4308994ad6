"""Brokers behind TLS and a password, as the settings `WIREDESK_KAFKA_*` say: who gets in, and what everybody else is told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.bus.backends import browsed, read, record, spec, values
from tests.servers import CannotStart, free_port, listens
from tests.servers.certificates import Wallet
from tests.servers.kafka import Kafka
from wiredesk.bus.kafka import KafkaBus
from wiredesk.bus.kafka_options import KafkaOptions
from wiredesk.errors import Misconfigured, Unavailable
from wiredesk.tls import TlsFiles

pytestmark = pytest.mark.servers

PASSWORD = "c2VjcmV0"
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
LOGIN = f'org.apache.kafka.common.security.plain.PlainLoginModule required user_desk="{PASSWORD}";'
SCRAM_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
PATIENCE = timedelta(seconds=5)


class Secured(Kafka):
    """One broker, a listener for each certificate: SASL over TLS, and one that asks for our certificate instead."""

    def __init__(self, wallet: Wallet) -> None:
        super().__init__()
        self.ports = {name: free_port() for name in ("good", "other", "expired", "mutual")}
        certificates = {
            "good": wallet.good,
            "other": wallet.other_name,
            "expired": wallet.expired,
            "mutual": wallet.good,
        }
        listeners = {name.upper(): f"127.0.0.1:{port}" for name, port in self.ports.items()}
        named = ",".join(f"{name}://{address}" for name, address in listeners.items())
        protocols = ",".join(f"{name}:{'SSL' if name == 'MUTUAL' else 'SASL_SSL'}" for name in listeners)
        plain = f"PLAINTEXT://127.0.0.1:{self.port}"
        self.settings = {
            "listeners": f"{plain},CONTROLLER://127.0.0.1:{self.controller_port},{named}",
            "advertised.listeners": f"{plain},{named}",
            "listener.security.protocol.map": f"PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,{protocols}",
            "sasl.enabled.mechanisms": ",".join(MECHANISMS),
        }
        for name, certificate in certificates.items():
            self.settings |= {
                f"listener.name.{name}.ssl.keystore.type": "PEM",
                f"listener.name.{name}.ssl.keystore.location": str(certificate),
            }
            for mechanism in MECHANISMS if name != "mutual" else ():
                login = LOGIN if mechanism == "PLAIN" else SCRAM_LOGIN
                self.settings[f"listener.name.{name}.{mechanism.lower()}.sasl.jaas.config"] = login
        self.settings |= {
            "listener.name.mutual.ssl.client.auth": "required",
            "listener.name.mutual.ssl.truststore.type": "PEM",
            "listener.name.mutual.ssl.truststore.location": str(wallet.authority.file),
        }

    def format_options(self) -> Sequence[str]:
        users = [f"{mechanism}=[name=desk,password={PASSWORD}]" for mechanism in MECHANISMS if mechanism != "PLAIN"]
        return [option for user in users for option in ("--add-scram", user)]

    def is_ready(self) -> bool:
        return all(map(listens, self.ports.values())) and super().is_ready()


@pytest.fixture(scope="module")
def secured(wallet: Wallet, kafka_url: str) -> Iterator[Secured]:
    """Asks for the session's broker first, so that where none can be had this is skipped like the rest."""
    try:
        with Secured(wallet) as server:
            yield server
    except CannotStart as error:
        pytest.fail(f"kafka starts, but not with TLS: {error}")


def files(ca: Path | None, own: Path | None = None) -> TlsFiles:
    return TlsFiles(name="WIREDESK_KAFKA", ca_file=ca, cert_file=own)


@pytest.fixture
def options(wallet: Wallet) -> KafkaOptions:
    """Right at the listener `good`."""
    return KafkaOptions(
        security="SASL_SSL",
        tls=files(wallet.authority.file),
        sasl_mechanism="SCRAM-SHA-512",
        username="desk",
        password=PASSWORD,
    )


def opened(server: Secured, options: KafkaOptions, *, listener: str = "good") -> KafkaBus:
    address = f"127.0.0.1:{server.ports[listener]}"
    return KafkaBus([address], options=options, client="test", instance="", patience=PATIENCE)


@pytest.mark.parametrize("way", [*MECHANISMS, "certificate"])
async def test_every_client_gets_in(
    secured: Secured, options: KafkaOptions, wallet: Wallet, prefix: str, way: str
) -> None:
    if way == "certificate":
        mine = KafkaOptions(security="SSL", tls=files(wallet.authority.file, wallet.ours))
        bus = opened(secured, mine, listener="mutual")
    else:
        bus = opened(secured, replace(options, sasl_mechanism=way))
    topic, group = f"{prefix}.entries", f"{prefix}.pages"
    async with bus, bus.subscribe([topic], group=group) as subscription:
        await bus.apply([spec(topic)])
        await bus.publish([record(topic, "k", "1")])

        assert values(await read(subscription, 1)) == ["1"]
        assert values(await browsed(bus, topic)) == ["1"]
        assert [row.records for row in await bus.lag([topic], group=group)] == [0, 0, 0, 0]


ADVICE_ON_CA = "by the authority that WIREDESK_KAFKA_CA_FILE names"
REFUSED = "WIREDESK_KAFKA_CERT_FILE"
LOGINS = "expected WIREDESK_KAFKA_USERNAME and WIREDESK_KAFKA_PASSWORD"


@pytest.mark.parametrize(
    ("listener", "change", "why", "advice"),
    [
        ("good", {"password": "b3RoZXI", "sasl_mechanism": "PLAIN"}, "Invalid username or password", LOGINS),
        ("good", {"password": "b3RoZXI", "sasl_mechanism": "SCRAM-SHA-256"}, "invalid credentials", LOGINS),
        ("good", {"password": "b3RoZXI"}, "invalid credentials", LOGINS),
        ("good", {"username": "nobody"}, "invalid credentials", LOGINS),
        ("good", {"tls": files(None)}, "unable to get local issuer", ADVICE_ON_CA),
        ("good", {"tls": "stranger"}, "unable to get local issuer", ADVICE_ON_CA),
        ("other", {}, "IP address mismatch", ADVICE_ON_CA),
        ("expired", {}, "certificate has expired", ADVICE_ON_CA),
        ("good", {"security": "SASL_PLAINTEXT"}, "", "expected the WIREDESK_KAFKA_SECURITY of this port"),
        ("good", {"security": "SSL"}, "", "WIREDESK_KAFKA_SECURITY"),
        ("mutual", {"security": "SSL"}, "", REFUSED),
        ("mutual", {"security": "SSL", "tls": "foreign"}, "", REFUSED),
    ],
    ids=[
        "PLAIN", "SHA-256", "SHA-512", "user", "no CA", "unknown CA", "name", "expired", "no TLS", "no SASL",
        "no certificate", "foreign certificate",
    ],
)  # fmt: skip
async def test_who_does_not_get_in_is_told_the_setting_and_what_was_expected(
    secured: Secured,
    options: KafkaOptions,
    wallet: Wallet,
    listener: str,
    change: dict[str, object],
    why: str,
    advice: str,
) -> None:
    known = {"stranger": files(wallet.stranger.file), "foreign": files(wallet.authority.file, wallet.foreign)}
    tls = change.get("tls", options.tls)
    wrong = replace(options, **change | {"tls": known.get(tls, tls) if isinstance(tls, str) else tls})  # type: ignore[arg-type]
    with pytest.raises(Unavailable) as caught:
        async with asyncio.timeout(3 * PATIENCE.total_seconds()), opened(secured, wrong, listener=listener):
            pass

    text = str(caught.value)
    assert caught.value.dependency == "kafka"
    assert why.lower() in text.lower()
    assert advice in text
    assert PASSWORD not in text
    assert wrong.password not in text


def test_a_certificate_that_cannot_be_read_is_misconfigured(options: KafkaOptions, tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"

    with pytest.raises(Misconfigured, match=f"WIREDESK_KAFKA_CA_FILE={missing}"):
        KafkaBus(["127.0.0.1:9"], options=replace(options, tls=files(missing)), client="test", instance="")
