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


def test_a_refusal_tells_no_secret() -> None:
    with pytest.raises(Misconfigured) as caught:
        open_bus("redis://user:secret@host")

    assert "secret" not in str(caught.value)


def test_the_embedded_log_does_not_load_the_client_of_kafka(tmp_path: Path) -> None:
    program = f"import sys; from wiredesk.bus.open import open_bus; open_bus('sqlite:///{tmp_path}/log'); print('aiokafka' in sys.modules)"

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert told.stdout == "False\n"
