"""Builds the role `dedupe`: judging collected items."""

from __future__ import annotations

from wiredesk.observe import Health
from wiredesk.roles.dedupe.stage import Dedupe
from wiredesk.roles.reads import DEDUPE
from wiredesk.roles.shared import Shared
from wiredesk.stop import Runs


def build(shared: Shared, health: Health) -> Runs:
    """Judging what was collected."""
    stage = Dedupe(shared.state.seen, now=shared.now)
    return [shared.consuming(DEDUPE, stage, health), shared.probing_state(health)]
