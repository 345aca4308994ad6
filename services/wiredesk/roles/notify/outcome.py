"""Decides what becomes of a webhook after a try, by the table of Standard Webhooks 1.0.0.

| answer                     | what happens                                                                        |
|----------------------------|-------------------------------------------------------------------------------------|
| 2xx, whatever body follows | delivered                                                                           |
| 410                        | failed, and its endpoint gets nothing more                                          |
| 429, 502, 503, 504         | tried again; until then, by `Retry-After` or for a minute, its endpoint gets nothing |
| 3xx                        | tried again at the same URL: a redirect is never followed                           |
| anything else, no answer   | tried again                                                                         |

The tenth failure is the last. An endpoint that is silent five times in a row gets nothing for a while: who hangs
takes up a sender for the whole time limit, and many of them would take up all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from wiredesk.outbound.door import Answer
from wiredesk.outbound.failure import FetchFailed
from wiredesk.outbound.retry_after import retry_after

SCHEDULE = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The longest waits after the first failure, the second and so on: the specification's. Ten tries within 75 hours."""

MOST_TRIES = len(SCHEDULE) + 1
LONGEST_WAIT = timedelta(hours=24)
"""The longest `Retry-After` that is obeyed."""

OVERLOAD_WAIT = timedelta(minutes=1)
"""The pause of an endpoint that says it is overloaded, but not for how long."""

SILENCES = 5
"""The consecutive timeouts after which the circuit breaker opens and an endpoint rests."""

FIRST_REST, LONGEST_REST = timedelta(seconds=15), timedelta(minutes=5)
"""How long an endpoint rests, doubling with each further timeout."""

GONE = 410
OVERLOADED = frozenset([429, 502, 503, 504])


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOutcome:
    """What becomes of the delivery, and of its endpoint.

    `wait` until the next try, None where there is none; `disables` its endpoint; `pause` is for all that goes there.
    """

    status: Literal["waiting", "delivered", "failed"]
    reason: str = ""
    status_code: int | None = None
    wait: timedelta | None = None
    disables: bool = False
    pause: timedelta | None = None
    is_silence: bool = False


def after_answer(answer: Answer, *, tries: int, jitter: float, now: datetime) -> DeliveryOutcome:
    """After `answer` to the try number `tries`; `jitter` is a random number from 0 to 1."""
    code = answer.status
    if 200 <= code < 300:
        return DeliveryOutcome(status="delivered", status_code=code)
    reason = f"answered {code}"
    if code == GONE:
        return DeliveryOutcome(status="failed", reason=f"{reason}: gone", status_code=code, disables=True)
    if 300 <= code < 400:
        reason = f"{reason}: redirects are not followed"
    wait = retry_after(answer.headers, now=now)
    if wait is None and code in OVERLOADED:
        wait = OVERLOAD_WAIT
    wait = None if wait is None else min(wait, LONGEST_WAIT)
    pause = wait if code in OVERLOADED else None
    return _again(reason, status_code=code, tries=tries, jitter=jitter, least=wait, pause=pause)


def after_silence(error: FetchFailed, *, tries: int, jitter: float, silences: int) -> DeliveryOutcome:
    """After a try that got no answer, the endpoint's number `silences` in a row."""
    over = silences - SILENCES
    pause = None if over < 0 else min(LONGEST_REST, FIRST_REST * 2 ** min(over, 10))
    outcome = _again(f"no answer: {error.reason}", tries=tries, jitter=jitter, least=pause, pause=pause)
    return replace(outcome, is_silence=True)


def after_fault(reason: str, *, tries: int, jitter: float) -> DeliveryOutcome:
    """After a try that could not be made: what is missing here may be there at the next one."""
    return _again(reason, tries=tries, jitter=jitter)


def _again(
    reason: str,
    *,
    tries: int,
    jitter: float,
    status_code: int | None = None,
    least: timedelta | None = None,
    pause: timedelta | None = None,
) -> DeliveryOutcome:
    if tries >= MOST_TRIES:
        reason = f"{reason}; the last of {tries} tries"
        return DeliveryOutcome(status="failed", reason=reason, status_code=status_code, pause=pause)
    # Full jitter: endpoints that came back together must not be knocked down together.
    wait = SCHEDULE[max(0, tries - 1)] * jitter
    return DeliveryOutcome(
        status="waiting", reason=reason, status_code=status_code, wait=max(wait, least or timedelta()), pause=pause
    )
