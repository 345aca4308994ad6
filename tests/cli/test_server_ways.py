"""What `doctor` tells of how servers are reached."""

from __future__ import annotations

import pytest

from wiredesk.cli.server_ways import way_of_database, way_of_log, way_of_state
from wiredesk.config import load

KAFKA = {"WIREDESK_BUS_URL": "kafka://k:9092"}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, ""),
        (KAFKA, "PLAINTEXT, "),
        (KAFKA | {"WIREDESK_KAFKA_SECURITY": "SASL_SSL"}, "SASL_SSL SCRAM-SHA-512, "),
        (
            KAFKA | {"WIREDESK_KAFKA_SECURITY": "SSL", "WIREDESK_KAFKA_CERT_FILE": "c.pem"},
            "SSL with our certificate, ",
        ),
        (KAFKA | {"WIREDESK_KAFKA_CERT_FILE": "c.pem"}, "PLAINTEXT, "),
    ],
)
def test_protocol_mechanism_and_certificate_of_the_log_are_told(settings: dict[str, str], told: str) -> None:
    assert way_of_log(load(settings)) == told


def test_a_verified_server_and_our_certificate_are_told() -> None:
    certificates = {"WIREDESK_STATE_CERT_FILE": "c.pem", "WIREDESK_DATABASE_CERT_FILE": "c.pem"}
    plain = load({"WIREDESK_STATE_URL": "redis://r/0"})
    secured, mutual = (load({"WIREDESK_STATE_URL": "rediss://r/0"} | more) for more in ({}, certificates))

    assert (way_of_state(plain), way_of_state(secured)) == ("", ", TLS verified")
    assert way_of_state(mutual) == way_of_database(mutual) == ", TLS verified with our certificate"
