"""Which log a URL opens."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from wiredesk.bus.open import open_bus
from wiredesk.errors import Misconfigured


@pytest.mark.parametrize(
    "url", ["", "sqlite://", "sqlite:///", "sqlite://host/path", "kafka://", "amqp://host", "log.sqlite"]
)
def test_a_url_that_names_no_log_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured, match="WIREDESK_BUS_URL"):
        open_bus(url)


@pytest.mark.parametrize(
    "url",
    [
        "redis://user:secret@host",
        "user:secret@host:9092",
        "kafka://user:secret@broker:9092",
        "kafka://broker:9092,user:secret@other:9092",
        "kafka://broker:secret",
        "kafka://broker:9092,other:99999secret",
    ],
)
def test_a_refusal_tells_no_secret(url: str) -> None:
    with pytest.raises(Misconfigured, match="WIREDESK_BUS_URL") as caught:
        open_bus(url)

    assert "secret" not in str(caught.value)


def test_the_embedded_log_does_not_load_the_client_of_kafka(tmp_path: Path) -> None:
    program = f"import sys; from wiredesk.bus.open import open_bus; open_bus('sqlite:///{tmp_path}/log'); print('aiokafka' in sys.modules)"

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert told.stdout == "False\n"
