"""The console's style, script and icon: package data, each under a path that changes with its content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from aiohttp import web

PREFIX = "/static/"
_TYPES = {"console.css": "text/css", "console.js": "text/javascript", "icon.svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file as it is served; `path` holds its digest, so it may be kept for good."""

    path: str
    body: bytes
    content_type: str


def _read(name: str, content_type: str) -> Asset:
    body = resources.files("wiredesk.roles.web").joinpath("static", name).read_bytes()
    digest = hashlib.blake2b(body, digest_size=6).hexdigest()
    stem, _, suffix = name.partition(".")
    return Asset(path=f"{PREFIX}{stem}.{digest}.{suffix}", body=body, content_type=content_type)


ASSETS: Mapping[str, Asset] = {name: _read(name, content_type) for name, content_type in _TYPES.items()}


def add_assets(app: web.Application) -> None:
    """Serve the assets, without a token: they are no secret."""
    by_path = {asset.path: asset for asset in ASSETS.values()}

    async def serve(request: web.Request) -> web.Response:
        asset = by_path.get(request.path)
        if asset is None:
            raise web.HTTPNotFound
        return web.Response(
            body=asset.body,
            content_type=asset.content_type,
            charset="utf-8",
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )

    app.router.add_get(PREFIX + "{name}", serve, name="console-static")
