from __future__ import annotations

import pytest

from wiredesk.pauses import Pauses


def test_a_blip_that_all_workers_meet_at_once_is_one_failure() -> None:
    pauses = Pauses()

    seconds = [pauses.after_failure("database", began=0, now=1, jitter=1).seconds for _ in range(128)]

    assert seconds == pytest.approx([0.2] * 128)


def test_a_call_that_began_before_the_pause_ended_says_nothing_new() -> None:
    pauses = Pauses()
    pauses.after_failure("database", began=0, now=1, jitter=1)

    late = pauses.after_failure("database", began=0.5, now=60, jitter=1).seconds
    new = pauses.after_failure("database", began=61, now=62, jitter=1).seconds

    assert (round(late, 3), round(new, 3)) == (0.2, 0.4)


def test_pauses_double_to_a_quarter_of_a_minute_and_begin_anew_once_the_dependency_answers() -> None:
    pauses, now, seconds = Pauses(), 0.0, []
    for _ in range(10):
        seconds.append(pauses.after_failure("state", began=now, now=now, jitter=1).seconds)
        now += seconds[-1]
    pauses.over("state")
    anew = pauses.after_failure("state", began=now, now=now, jitter=0.5).seconds

    assert [round(pause, 3) for pause in seconds] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 15, 15, 15]
    assert round(anew, 3) == 0.1


def test_dependencies_are_paused_for_apart() -> None:
    pauses = Pauses()
    for now in (0, 1, 2, 3):
        pauses.after_failure("state", began=now, now=now, jitter=1)

    assert pauses.after_failure("database", began=3, now=3, jitter=1).seconds == pytest.approx(0.2)
