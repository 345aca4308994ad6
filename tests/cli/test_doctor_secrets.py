"""`wiredesk doctor` on what guards secrets: the proxy, the token, the verification of servers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.desk import Desk
from tests.cli.test_doctor import told
from wiredesk.cli.server_ways import weakened


@pytest.fixture
def desk(home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Desk:
    return Desk(home=home, monkeypatch=monkeypatch, capfd=capfd)


def test_a_proxy_at_which_names_resolve_is_a_warning_that_tells_no_password(desk: Desk) -> None:
    proxy = "http://puser:s3cret@proxy.example:3128"

    blind = desk("doctor", "--json", WIREDESK_OUTBOUND_PROXY=proxy, WIREDESK_OUTBOUND_RESOLVE="proxy")
    judged = desk("doctor", "--json", WIREDESK_OUTBOUND_PROXY=proxy)

    of_blind, of_judged = (_outbound(ended.out) for ended in (blind, judged))
    assert (of_blind["state"], of_judged["state"]) == ("warning", "ok")
    assert "cannot be judged" in str(of_blind["found"])
    assert "http://proxy.example:3128" in str(of_judged["found"])
    assert "s3cret" not in blind.out + blind.err + judged.out + judged.err


def _outbound(out: str) -> dict[str, object]:
    (finding,) = [row for row in map(json.loads, out.splitlines()) if row["check"] == "outbound"]
    assert isinstance(finding, dict)
    return finding


def test_a_token_that_is_too_short_is_a_fault_and_is_not_shown(desk: Desk) -> None:
    found = told(desk, 1, WIREDESK_TOKEN="hunter2hunter2")["settings"]

    assert found[0] == "fault"
    assert "WIREDESK_TOKEN=***: expected at least 16 characters, got 14" in found[1]


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
