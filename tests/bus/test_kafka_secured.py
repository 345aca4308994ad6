"""Brokers behind TLS and a password, as the settings `WIREDESK_KAFKA_*` say."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.bus.backends import browsed, read, record, spec, values
from tests.servers import CannotStart, free_port, listens
from tests.servers.kafka import Kafka
from wiredesk.bus.kafka import KafkaBus
from wiredesk.bus.kafka_options import KafkaOptions
from wiredesk.errors import Misconfigured, Unavailable

pytestmark = pytest.mark.servers

OPENSSL = shutil.which("openssl")
LOGIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_desk="let me in";'


class Secured(Kafka):
    """A broker with a second listener: SASL over TLS."""

    def __init__(self, certificate: Path) -> None:
        self.secure_port = free_port()
        super().__init__()
        plain, secure = f"PLAINTEXT://127.0.0.1:{self.port}", f"SASL_SSL://127.0.0.1:{self.secure_port}"
        self.settings = {
            "listeners": f"{plain},CONTROLLER://127.0.0.1:{self.controller_port},{secure}",
            "advertised.listeners": f"{plain},{secure}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(certificate),
            "sasl.enabled.mechanisms": "PLAIN",
            "listener.name.sasl_ssl.plain.sasl.jaas.config": LOGIN,
        }

    def is_ready(self) -> bool:
        return listens(self.secure_port) and super().is_ready()

    @property
    def secure_address(self) -> str:
        return f"127.0.0.1:{self.secure_port}"


@pytest.fixture(scope="module")
def ca_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that signs itself; `server.pem` beside it holds its key, too."""
    if OPENSSL is None:
        pytest.skip("openssl is not installed: no certificate can be made")
    folder = tmp_path_factory.mktemp("certificate")
    command = [
        OPENSSL,
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        "key.pem",
        "-out",
        "ca.pem",
    ]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (folder / "server.pem").write_text((folder / "key.pem").read_text() + (folder / "ca.pem").read_text())
    return folder / "ca.pem"


@pytest.fixture(scope="module")
def secured(ca_file: Path, kafka_url: str) -> Iterator[Secured]:
    """Asks for the session's broker first, so that where none can be had this is skipped like the rest."""
    try:
        with Secured(ca_file.with_name("server.pem")) as server:
            yield server
    except CannotStart as error:
        pytest.fail(f"kafka starts, but not with TLS: {error}")


@pytest.fixture
def options(ca_file: Path) -> KafkaOptions:
    return KafkaOptions(
        security="SASL_SSL", ca_file=ca_file, sasl_mechanism="PLAIN", username="desk", password="let me in"
    )


def opened(secured: Secured, options: KafkaOptions) -> KafkaBus:
    return KafkaBus(
        [secured.secure_address], options=options, client="test", instance="", patience=timedelta(seconds=5)
    )


async def test_every_client_gets_in_with_certificate_and_password(
    secured: Secured, options: KafkaOptions, prefix: str
) -> None:
    topic, group = f"{prefix}.entries", f"{prefix}.pages"
    async with opened(secured, options) as bus, bus.subscribe([topic], group=group) as subscription:
        await bus.apply([spec(topic)])
        await bus.publish([record(topic, "k", "1")])

        assert values(await read(subscription, 1)) == ["1"]
        assert values(await browsed(bus, topic)) == ["1"]
        assert [row.records for row in await bus.lag([topic], group=group)] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"password": "let me out"}, "Invalid username or password"),
        ({"ca_file": None}, "certificate verify failed"),
        ({"security": "SASL_PLAINTEXT"}, ""),
    ],
    ids=["password", "CA", "no TLS"],
)
async def test_who_does_not_get_in_finds_the_log_unavailable_and_is_told_why(
    secured: Secured, options: KafkaOptions, change: dict[str, object], why: str
) -> None:
    with pytest.raises(Unavailable) as caught:
        async with opened(secured, replace(options, **change)):  # type: ignore[arg-type]
            pass

    assert caught.value.dependency == "kafka"
    assert why in str(caught.value)
    assert "let me" not in str(caught.value)


def test_a_certificate_that_cannot_be_read_is_misconfigured(options: KafkaOptions, tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"

    with pytest.raises(Misconfigured, match=str(missing)):
        KafkaBus(["127.0.0.1:9"], options=replace(options, ca_file=missing), client="test", instance="")
