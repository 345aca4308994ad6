"""When a server wants us back."""

from datetime import UTC, datetime, timedelta

import pytest

from wiredesk.outbound.retry_after import retry_after

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "120"}, timedelta(minutes=2)),
        ({"retry-after": " 0 "}, timedelta()),
        ({"retry-after": "Sun, 01 Mar 2026 12:05:00 GMT"}, timedelta(minutes=5)),
        ({"retry-after": "Sun, 01 Mar 2026 11:00:00 GMT"}, timedelta()),
        # The server's clock is an hour ahead of ours: it means five minutes all the same.
        (
            {"retry-after": "Sun, 01 Mar 2026 13:05:00 GMT", "date": "Sun, 01 Mar 2026 13:00:00 GMT"},
            timedelta(minutes=5),
        ),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_both_forms_are_read(headers: dict[str, str], wait: timedelta | None) -> None:
    assert retry_after(headers, now=NOW) == wait


def test_an_absurd_number_is_no_overflow() -> None:
    wait = retry_after({"retry-after": "9" * 400}, now=NOW)

    assert wait is not None
    assert wait > timedelta(days=365)
