"""Builds the role `web`: console and API stand in the server that every process has, so little is left to run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wiredesk.bus.watch import Onlooker
from wiredesk.observe import Health
from wiredesk.roles.shared import Shared
from wiredesk.stop import Runs


def build(shared: Shared, health: Health, *, beside: Mapping[str, Sequence[str]]) -> Runs:
    """Looking whether the database answers, so that `/readyz` says so though nobody asks for a page.

    Also telling the lag of the roles that run elsewhere, with the topics they read: one that is gone tells nothing.
    """
    onlooker = Onlooker(shared.bus, beside, prefix=shared.prefix)
    return [shared.probing_database(health), onlooker.run]
