"""Which topics each role reads, by name without prefix: what lag is measured over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wiredesk.roles.dedupe import stage as dedupe
from wiredesk.roles.geotag import stage as geotag
from wiredesk.roles.notify import stage as notify
from wiredesk.roles.pages.look import intake
from wiredesk.roles.store import stage as store

READS: Mapping[str, Sequence[str]] = {
    "pages": intake.READS,
    "dedupe": dedupe.READS,
    "geotag": geotag.READS,
    "store": store.READS,
    "notify": notify.READS,
}
"""In the order of the flow."""


def reads_beside(roles: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Those of the roles that are none of `roles`."""
    return {role: topics for role, topics in READS.items() if role not in roles}
