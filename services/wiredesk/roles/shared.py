"""What every role is built from: the backends, open, and the values that are the same for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from wiredesk import pipeline
from wiredesk.bus import Bus
from wiredesk.database import Database
from wiredesk.events import Event
from wiredesk.fates import Stage
from wiredesk.observe import Health
from wiredesk.outbound.door import Door
from wiredesk.outbound.politeness import PoliteClient
from wiredesk.retry import Probe
from wiredesk.roles.reads import Reads
from wiredesk.state import State
from wiredesk.stop import Run
from wiredesk.workers import Workers

T = TypeVar("T", bound=Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Backends, worker processes and clock of a process; `lease` is that of due rows, `stall` how long no commit is borne."""

    bus: Bus
    state: State
    database: Database
    web_client: PoliteClient
    door: Door
    workers: Workers
    prefix: str
    stall: timedelta
    lease: timedelta
    now: Callable[[], datetime]

    def consuming(self, reads: Reads[T], stage: Stage[T], health: Health) -> Run:
        """`stage` on all that its role reads."""
        step: pipeline.Step[T] = pipeline.Step(
            role=reads.role, prefix=self.prefix, reads=reads.topics, accepts=reads.accepts, stall=self.stall
        )
        return lambda stop: pipeline.run(step, stage, self.bus, health=health, stop=stop)

    def probing_database(self, health: Health) -> Run:
        """Looking whether the database answers, for a role that may long have nothing to ask of it."""
        return Probe(self.database.check, dependency="database", health=health).run

    def probing_state(self, health: Health) -> Run:
        """The same of the shared state."""
        return Probe(self.state.check, dependency="state", health=health).run
