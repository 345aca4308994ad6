"""What `roles/reads.py` says of each role is what its stage is written for, and what its topics carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args, get_type_hints

import pytest

from wiredesk.events import Event
from wiredesk.events.topics import TOPICS
from wiredesk.roles import reads
from wiredesk.roles.dedupe.stage import Dedupe
from wiredesk.roles.geotag.stage import Geotag
from wiredesk.roles.notify.stage import Notify
from wiredesk.roles.pages.look.intake import Intake
from wiredesk.roles.store.stage import Store

STAGES: Mapping[reads.Reads[Event], type] = {
    reads.PAGES: Intake,
    reads.DEDUPE: Dedupe,
    reads.GEOTAG: Geotag,
    reads.STORE: Store,
    reads.NOTIFY: Notify,
}


def _written_for(stage: type) -> set[type]:
    """The events that the batch of a stage may hold, as its signature says."""
    (batch,) = get_args(get_type_hints(stage.__call__)["received"])
    (events,) = get_args(batch)
    return set(get_args(events)) or {events}


def test_every_role_that_reads_is_here() -> None:
    assert {entry.role for entry in STAGES} == set(reads.READS)


@pytest.mark.parametrize("entry", STAGES, ids=lambda entry: entry.role)
def test_a_role_accepts_what_its_topics_carry(entry: reads.Reads[Event]) -> None:
    carried = {event for topic in entry.topics for event in TOPICS[topic][1]}

    assert set(entry.accepts) == carried


@pytest.mark.parametrize(("entry", "stage"), STAGES.items(), ids=lambda it: getattr(it, "role", ""))
def test_a_stage_is_written_for_what_its_role_accepts(entry: reads.Reads[Event], stage: type) -> None:
    accepted, known = set(entry.accepts), _written_for(stage)

    assert all(issubclass(event, tuple(known)) for event in accepted)
    assert all(any(issubclass(event, wanted) for event in accepted) for wanted in known)
