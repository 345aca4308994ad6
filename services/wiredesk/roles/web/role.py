"""The role `web`, built: console and API stand in the server that every process has, so little is left to run."""

from __future__ import annotations

from wiredesk.observe import Health
from wiredesk.roles.shared import Shared
from wiredesk.stop import Runs


def build(shared: Shared, health: Health) -> Runs:
    """Looking whether the database answers, so that `/readyz` says so though nobody asks for a page."""
    return [shared.probing_database(health)]
