"""Serves `/livez`, `/readyz` and `/metrics`, in every role."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from wiredesk.observe import Health
from wiredesk.text.hosts import is_loopback

HEALTH_PATHS: Final = frozenset({"/livez", "/readyz", "/metrics"})

UNTOLD: Final = "away; the reason stands in the log, and here for who asks on this machine"


def add_health(app: web.Application, healths: Sequence[Health]) -> None:
    """Serve the health of the roles in this process; none of these pages wants a token.

    Reasons name hosts and files: they are for who asks from this machine, such as by `kubectl port-forward`.
    """

    async def livez(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(request: web.Request) -> web.Response:
        is_near = _is_near(request)
        down = {
            health.role: {name: why if is_near else UNTOLD for name, why in health.down.items()}
            for health in healths
            if health.down
        }
        return web.json_response({"ready": not down, "down": down}, status=503 if down else 200)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/livez", livez)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)


def _is_near(request: web.Request) -> bool:
    """Whether who asks is on this machine: not where a proxy here speaks for somebody elsewhere, trusted or not."""
    hops = [hop.strip() for line in request.headers.getall("X-Forwarded-For", []) for hop in line.split(",")]
    return all(is_loopback(hop) for hop in (request.remote or "", *hops))
