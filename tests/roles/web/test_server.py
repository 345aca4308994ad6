"""Where the process listens."""

from __future__ import annotations

import pytest

from wiredesk.errors import Misconfigured
from wiredesk.roles.web import server
from wiredesk.roles.web.server import Gate


async def test_a_port_that_is_taken_is_one_short_line_with_a_way_out() -> None:
    app = server.build(healths=(), database=None, gate=Gate(), secret="secret")
    async with server.listening(app, host="127.0.0.1", port=0) as port:
        another = server.build(healths=(), database=None, gate=Gate(), secret="secret")

        with pytest.raises(Misconfigured) as refused:
            async with server.listening(another, host="127.0.0.1", port=port):
                pass

    assert str(refused.value) == (
        f"WIREDESK_LISTEN=127.0.0.1:{port}: address already in use; port 0 takes any that is free"
    )
