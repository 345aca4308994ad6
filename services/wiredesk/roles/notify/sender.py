"""Sends the webhooks that are due: signs and posts each, and notes the outcome."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypedDict

from prometheus_client import Counter

from wiredesk.database.alerts import WEBHOOK, Alerts, Attempt, Payload
from wiredesk.database.due import Job
from wiredesk.database.transactions import TRANSACTION_LIMIT
from wiredesk.observe import log
from wiredesk.outbound.door import Door
from wiredesk.outbound.failure import FetchFailed
from wiredesk.roles.notify.outcome import DeliveryOutcome, after_answer, after_fault, after_silence
from wiredesk.roles.notify.rules_file import InForce
from wiredesk.roles.notify.signing import signed

__all__ = ["LIMIT", "WEBHOOK", "Sender", "SenderDeps"]

_log = log(__name__)

DELIVERIES = Counter("wiredesk_deliveries_total", "Tries of webhooks by endpoint and outcome.", ["endpoint", "outcome"])

TIMEOUT = timedelta(seconds=20)
"""Timeout of a whole answer; the specification asks for 15 to 30 s."""

LIMIT = TIMEOUT + 3 * TRANSACTION_LIMIT
"""Longer than a try, its reading and its note may take: a database that is slow says so before the try is cut off."""

MOST_ANSWER_BYTES = 64 * 1024
"""Read of an answer's body, which is of no use to us, so that the connection can serve again."""


class _Try(TypedDict):
    tries: int
    jitter: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderDeps:
    """What a sender works with."""

    alerts: Alerts
    door: Door
    in_force: Callable[[], InForce]
    now: Callable[[], datetime]
    timeout: timedelta = TIMEOUT
    jitter: Callable[[], float] = field(default=random.random)


class Sender:
    """Tries one delivery. Every try, of any replica, has the same `webhook-id` and the same bytes."""

    def __init__(self, parts: SenderDeps) -> None:
        self._parts = parts

    async def __call__(self, job: Job) -> None:
        """Send it, unless its endpoint takes nothing now, and note the outcome."""
        parcel = await self._parts.alerts.parcel(job.key)
        now = self._parts.now()
        if parcel is None:
            # The delivery was deleted while its row was leased.
            await self._parts.alerts.noted(Attempt(job=job, status="failed", at=now, is_try=False))
        elif parcel.disabled_reason:
            reason = f"endpoint {parcel.endpoint} is disabled: {parcel.disabled_reason}"
            await self._parts.alerts.noted(Attempt(job=job, status="failed", at=now, reason=reason, is_try=False))
        elif parcel.paused_until is not None and parcel.paused_until > now:
            await self._put_off(job, parcel, until=parcel.paused_until, now=now)
        else:
            outcome = await self._tried(job, parcel, now=now)
            # An answer is noted only after a silence: a healthy endpoint's row needs no update for each webhook.
            was_silent = parcel.silences > 0 and outcome.status_code is not None
            await self._note(job, outcome, heard=False if outcome.is_silence else True if was_silent else None)

    async def give_up(self, job: Job, error: Exception) -> None:
        """Count a try that failed by a bug of ours; so the delivery is tried again, not lost."""
        await self._note(job, after_fault(f"failed here: {error!r}"[:300], **self._try(job)))

    async def _put_off(self, job: Job, parcel: Payload, *, until: datetime, now: datetime) -> None:
        reason = f"endpoint {parcel.endpoint} is left alone until then"
        # Nothing is sent, so the pause uses up none of the schedule's tries.
        note = Attempt(job=job, status="waiting", at=now, reason=reason, next_at=until, is_try=False)
        await self._parts.alerts.noted(note)

    async def _tried(self, job: Job, parcel: Payload, *, now: datetime) -> DeliveryOutcome:
        in_force = self._parts.in_force()
        endpoint, keys = in_force.rules.endpoints.get(parcel.endpoint), in_force.keys.get(parcel.endpoint)
        number = self._try(job)
        if endpoint is None or not keys:
            # Another replica may have read a newer file than we.
            return after_fault(f"no endpoint {parcel.endpoint} in the rules file", **number)
        headers = {"content-type": "application/json", **signed(parcel.body, webhook_id=job.key, at=now, keys=keys)}
        try:
            answer = await self._parts.door.post(
                endpoint.url,
                body=parcel.body,
                headers=headers,
                max_bytes=MOST_ANSWER_BYTES,
                timeout=self._parts.timeout,
            )
        except FetchFailed as error:
            return after_silence(error, silences=parcel.silences + 1, **number)
        return after_answer(answer, now=self._parts.now(), **number)

    def _try(self, job: Job) -> _Try:
        return {"tries": job.attempts + 1, "jitter": self._parts.jitter()}

    async def _note(self, job: Job, outcome: DeliveryOutcome, *, heard: bool | None = None) -> None:
        now = self._parts.now()
        note = Attempt(
            job=job,
            status=outcome.status,
            at=now,
            reason=outcome.reason,
            status_code=outcome.status_code,
            next_at=None if outcome.wait is None else now + outcome.wait,
            disables=outcome.reason if outcome.disables else "",
            pauses_until=None if outcome.pause is None else now + outcome.pause,
            heard=heard,
        )
        if await self._parts.alerts.noted(note):
            self._tell(job, outcome)

    def _tell(self, job: Job, outcome: DeliveryOutcome) -> None:
        DELIVERIES.labels(job.host, outcome.status).inc()
        facts = {"delivery": job.key, "endpoint": job.host, "tries": job.attempts + 1, "reason": outcome.reason}
        if outcome.status == "delivered":
            _log.debug("notify.delivered", **facts)
        elif outcome.status == "failed":
            _log.error("notify.delivery_failed", endpoint_disabled=outcome.disables, **facts)
        else:
            seconds = None if outcome.wait is None else round(outcome.wait.total_seconds(), 1)
            _log.warning("notify.delivery_delayed", seconds=seconds, **facts)
