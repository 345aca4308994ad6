"""What `doctor` says of how servers are reached."""

from __future__ import annotations

import pytest

from wiredesk.cli.doctor import weakened


@pytest.mark.parametrize(
    ("url", "option"),
    [
        ("rediss://redis.example", ""),
        ("rediss://redis.example?ssl_cert_reqs=required&ssl_check_hostname=true", ""),
        ("rediss://redis.example?ssl_cert_reqs=none", "ssl_cert_reqs=none"),
        ("rediss://redis.example/0?ssl_cert_reqs=optional", "ssl_cert_reqs=optional"),
        ("rediss://redis.example?ssl_check_hostname=False", "ssl_check_hostname=False"),
    ],
)
def test_an_option_that_keeps_redis_from_being_verified_is_seen(url: str, option: str) -> None:
    assert weakened(url) == option
