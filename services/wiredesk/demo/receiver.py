"""Takes webhooks and checks their signatures, as a receiver would: by the specification, not by wiredesk's own code.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from aiohttp import web

from wiredesk.demo.press import listening

TOLERANCE_SECONDS = 300
MARK = "whsec_"


class Hooked(msgspec.Struct, frozen=True, kw_only=True):
    """What the demo reads of a webhook's data."""

    id: str
    rule: str
    item: str


class _Body(msgspec.Struct, frozen=True, kw_only=True):
    data: Hooked


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A webhook that came with a signature that holds."""

    alert: Hooked
    at: datetime


class Receiver:
    """Each webhook once, by its id; those refused by reason."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self.taken: dict[str, Taken] = {}
        self.refused: list[str] = []

    @property
    def secret(self) -> str:
        """What the sender signs with."""
        return MARK + base64.b64encode(self._key).decode()

    @asynccontextmanager
    async def on_air(self, address: str) -> AsyncIterator[str]:
        """Within, webhooks are taken; the URL to send them to."""
        application = web.Application()
        application.router.add_post("/hook", self._answer)
        async with listening(application, address) as url:
            yield f"{url}/hook"

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        fault = why_refused(request.headers, body, key=self._key, now=time.time())
        if fault:
            self.refused.append(fault)
            return web.Response(status=400, text=fault)
        data = msgspec.json.decode(body, type=_Body).data
        self.taken.setdefault(request.headers["webhook-id"], Taken(alert=data, at=datetime.now(UTC)))
        return web.Response(status=204)


def why_refused(headers: Mapping[str, str], body: bytes, *, key: bytes, now: float) -> str:
    """Why these headers do not vouch for this body; empty where they do."""
    webhook_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not webhook_id or not timestamp.isdigit():
        return "webhook without id or timestamp"
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return f"webhook of {timestamp}, too far from now"
    content = f"{webhook_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    given = headers.get("webhook-signature", "").split()
    return "" if any(hmac.compare_digest(expected, one) for one in given) else "webhook with a wrong signature"
