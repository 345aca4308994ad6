"""Builds the role `store`: writing items, and deleting old ones."""

from __future__ import annotations

from wiredesk.observe import Health
from wiredesk.roles.reads import STORE
from wiredesk.roles.shared import Shared
from wiredesk.roles.store.stage import Store
from wiredesk.roles.store.upkeep import Upkeep
from wiredesk.stop import Runs


def build(shared: Shared, health: Health, *, keep_days: int) -> Runs:
    """Storing, and upkeep of what is stored; `keep_days` 0 keeps everything."""
    stage = Store(shared.database, now=shared.now)
    upkeep = Upkeep(shared.database, keep_days=keep_days, health=health, now=shared.now)
    return [shared.consuming(STORE, stage, health), upkeep.run, shared.probing_database(health)]
