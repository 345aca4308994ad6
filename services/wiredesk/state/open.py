"""Opens the state that a URL names; the backend is imported only then."""

from __future__ import annotations

from pathlib import Path

from wiredesk.errors import Misconfigured
from wiredesk.state import NO_FILES, State
from wiredesk.tls import TlsFiles

REDIS_SCHEMES = ("redis", "rediss", "unix")


def open_state(url: str, *, prefix: str, tls: TlsFiles = NO_FILES) -> State:
    """The state at `sqlite:///PATH`, `redis://…`, `rediss://…` or `unix:///SOCKET`, not yet connected.

    In Redis every key begins with `prefix` and a colon; a file belongs to one installation, and ignores it.
    `tls` are the files for `rediss://`; options in the URL win. Raises `Misconfigured`.
    """
    scheme, separator, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        from wiredesk.state.sqlite import SqliteState

        return SqliteState(Path(rest[1:]))
    if scheme in REDIS_SCHEMES and rest:
        from wiredesk.state.redis import RedisState

        return RedisState(url, prefix=prefix, tls=tls)
    shown = f"{scheme}://…" if separator else "…"  # without a scheme it may be a password
    raise Misconfigured(f"WIREDESK_STATE_URL={shown}: expected sqlite:///PATH, redis://HOST:PORT or unix:///SOCKET")
