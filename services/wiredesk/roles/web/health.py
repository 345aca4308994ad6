"""Serves `/livez`, `/readyz` and `/metrics`, in every role."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from wiredesk.observe import Health


def add_health(app: web.Application, healths: Sequence[Health]) -> None:
    """Serve the health of the roles in this process; none of these pages wants a token."""

    async def livez(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_: web.Request) -> web.Response:
        down = {health.role: dict(health.down) for health in healths if health.down}
        return web.json_response({"ready": not down, "down": down}, status=503 if down else 200)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/livez", livez)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
