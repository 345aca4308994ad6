"""Standard Webhooks signatures."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from wiredesk.errors import Misconfigured
from wiredesk.roles.notify.signing import keys_of, signed

AT = datetime(2021, 2, 25, 22, 22, 12, 900_000, tzinfo=UTC)


def secret(size: int = 24, *, mark: str = "whsec_") -> str:
    return mark + base64.b64encode(bytes(range(size))).decode()


def test_the_signature_is_hmac_sha256_over_id_time_and_body() -> None:
    headers = signed(b'{"a":1}', webhook_id="msg", at=AT, keys=keys_of(secret()))

    expected = hmac.new(bytes(range(24)), b'msg.1614291732.{"a":1}', hashlib.sha256).digest()
    assert headers == {
        "webhook-id": "msg",
        "webhook-timestamp": "1614291732",
        "webhook-signature": "v1," + base64.b64encode(expected).decode(),
    }


def test_the_signature_is_that_of_the_reference_library() -> None:
    # Its example: https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/python/tests/test_webhooks.py
    keys = keys_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)

    headers = signed(b'{"test": 2432232314}', webhook_id="msg_p5jXN8AQM9LWM0D4loKWxJek", at=at, keys=keys)

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_key_is_replaced_both_sign() -> None:
    keys = keys_of(f"{secret(24)} {secret(32)}\n")

    one, other = signed(b"", webhook_id="m", at=AT, keys=keys)["webhook-signature"].split()

    assert one == signed(b"", webhook_id="m", at=AT, keys=keys[:1])["webhook-signature"]
    assert other == signed(b"", webhook_id="m", at=AT, keys=keys[1:])["webhook-signature"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "empty", id="nothing"),
        pytest.param("whsec_sesame!", "not whsec_ and base64", id="not base64"),
        pytest.param(secret(23), "23 bytes", id="too short"),
        pytest.param(secret(65), "65 bytes", id="too long"),
        pytest.param(f"{secret()} {secret(3)}", "3 bytes", id="the second one"),
    ],
)
def test_a_secret_that_is_none_is_refused_and_not_shown(text: str, expected: str) -> None:
    with pytest.raises(Misconfigured, match=expected) as refused:
        keys_of(text)

    assert not text or text.split()[-1] not in str(refused.value)


def test_the_mark_may_be_left_out() -> None:
    assert keys_of(secret(mark="")) == keys_of(secret())
