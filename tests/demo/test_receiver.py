from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from wiredesk.demo.receiver import MARK, why_refused

KEY = b"twenty-four bytes or more"
AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
BODY = b'{"data": {}}'


def signed(body: bytes = BODY) -> dict[str, str]:
    """The headers that the reference implementation gives."""
    signature = Webhook(MARK + base64.b64encode(KEY).decode()).sign("msg_1", AT, body.decode())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(AT.timestamp())),
        "webhook-signature": signature,
    }


def test_what_the_reference_implementation_signed_is_taken() -> None:
    assert why_refused(signed(), BODY, key=KEY, now=AT.timestamp()) == ""


def test_one_of_several_signatures_is_enough() -> None:
    headers = signed() | {"webhook-signature": f"v1,AAAA v1a,BBBB {signed()['webhook-signature']}"}

    assert why_refused(headers, BODY, key=KEY, now=AT.timestamp()) == ""


@pytest.mark.parametrize(
    ("headers", "body", "seconds_late", "why"),
    [
        pytest.param({}, BODY, 0, "without id", id="no headers"),
        pytest.param(signed(), BODY + b" ", 0, "wrong signature", id="another body"),
        pytest.param(signed() | {"webhook-id": "msg_2"}, BODY, 0, "wrong signature", id="another id"),
        pytest.param(signed() | {"webhook-signature": ""}, BODY, 0, "wrong signature", id="no signature"),
        pytest.param(signed(), BODY, 301, "too far from now", id="an old one again"),
    ],
)
def test_what_was_not_signed_so_is_refused(headers: dict[str, str], body: bytes, seconds_late: int, why: str) -> None:
    assert why in why_refused(headers, body, key=KEY, now=AT.timestamp() + seconds_late)
