"""What dedupe is told of the past, on either state; verdicts are the same on both."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.state.documents import judged, stream
from wiredesk.state import State
from wiredesk.state.open import open_state
from wiredesk.state.seen import GENERATION, GENERATIONS, MAX_NEAR, MAX_POSTINGS, Candidates, Lookup, Seen, Update

pytest_plugins = ("tests.state.backends",)

AT = 1_790_000_000
WEEK = int(GENERATION.total_seconds())


def ref(number: int) -> bytes:
    return number.to_bytes(8, "big")


def hashed(*numbers: int) -> tuple[bytes, ...]:
    return tuple(number.to_bytes(4, "big") for number in numbers)


def write(number: int, *, key: bytes = b"key", hashes: tuple[bytes, ...] = (), at: int = AT) -> Update:
    story = ref(number + 1000)
    return Update(
        at=at,
        values={key: ref(number) + b"value"},
        ref=ref(number),
        record=story + b"record %d" % number,
        hashes=hashes,
        story=story,
        story_value=b"story %d" % number,
    )


async def put(seen: Seen, *writes: Update) -> None:
    assert await seen.settle([], [], writes)


async def ask(
    seen: Seen, *, keys: Sequence[bytes] = (b"key",), hashes: tuple[bytes, ...] = (), at: int = AT
) -> Candidates:
    (answer,) = await seen.candidates([Lookup(at=at, keys=tuple(keys), hashes=hashes)])
    return answer


async def test_nothing_is_known_of_what_was_never_seen(state: State) -> None:
    answer = await ask(state.seen, hashes=hashed(1, 2, 3))

    assert (answer.values, answer.near, answer.records, answer.stories) == ({}, [], {}, {})
    assert await state.seen.candidates([]) == []


async def test_a_key_leads_to_its_record_and_the_record_to_its_story(state: State) -> None:
    await put(state.seen, write(7))

    answer = await ask(state.seen, keys=[b"key", b"other"])

    assert answer.values == {b"key": ref(7) + b"value"}
    assert answer.records == {ref(7): ref(1007) + b"record 7"}
    assert answer.stories == {ref(1007): b"story 7"}


async def test_the_likest_come_first_and_one_shared_hash_is_chance(state: State) -> None:
    await put(
        state.seen,
        write(1, key=b"a", hashes=hashed(1, 2, 9)),
        write(2, key=b"b", hashes=hashed(1, 2, 3)),
        write(3, key=b"c", hashes=hashed(1, 8, 7)),
    )

    answer = await ask(state.seen, keys=[], hashes=hashed(1, 2, 3, 4))

    assert answer.near == [(ref(2), 3), (ref(1), 2)]
    assert set(answer.records) == {ref(1), ref(2)}


async def test_only_the_likest_few_are_told(state: State) -> None:
    await put(state.seen, *(write(number, key=b"%d" % number, hashes=hashed(1, 2)) for number in range(9)))

    answer = await ask(state.seen, hashes=hashed(1, 2))

    assert answer.near == [(ref(number), 2) for number in range(MAX_NEAR)]


async def test_a_hash_that_many_share_takes_no_more(state: State) -> None:
    await put(state.seen, *(write(number, key=b"%d" % number, hashes=hashed(1)) for number in range(MAX_POSTINGS)))
    late = write(99, key=b"late", hashes=hashed(1, 2))

    await put(state.seen, late)

    assert (await ask(state.seen, keys=[], hashes=hashed(1, 2))).near == []


async def test_a_newer_value_of_a_key_takes_the_place_of_the_older(state: State) -> None:
    await put(state.seen, write(1), write(2, at=AT + WEEK))

    assert (await ask(state.seen, at=AT + WEEK)).values == {b"key": ref(2) + b"value"}
    assert (await ask(state.seen, at=AT)).values == {b"key": ref(1) + b"value"}


async def test_what_lies_before_the_window_is_not_told(state: State) -> None:
    await put(state.seen, write(1, hashes=hashed(1, 2)))

    last = await ask(state.seen, hashes=hashed(1, 2), at=AT + (GENERATIONS - 1) * WEEK)
    after = await ask(state.seen, hashes=hashed(1, 2), at=AT + GENERATIONS * WEEK)

    assert (len(last.values), len(last.near)) == (1, 1)
    assert (after.values, after.near, after.records) == ({}, [], {})


async def test_settling_on_what_is_still_so_writes_all(state: State) -> None:
    asks = [Lookup(at=AT, keys=(b"a",)), Lookup(at=AT, keys=(b"b",))]
    known = await state.seen.candidates(asks)

    done = await state.seen.settle(asks, [answer.version for answer in known], [write(1, key=b"a"), write(2, key=b"b")])

    assert done
    assert [set(answer.values) for answer in await state.seen.candidates(asks)] == [{b"a"}, {b"b"}]


CHANGES = {
    "the same key": write(9, key=b"b"),
    "a likely copy": write(9, key=b"c", hashes=hashed(1, 2)),
    "the story": Update(at=AT, values={}, story=ref(1001), story_value=b"grown"),
    "the record": Update(at=AT, values={}, ref=ref(1), record=ref(1001) + b"revised"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
async def test_nothing_is_written_where_somebody_else_was_faster_with(
    change: Update, state_url: str, prefix: str
) -> None:
    async with open_state(state_url, prefix=prefix) as slow, open_state(state_url, prefix=prefix) as fast:
        await put(fast.seen, write(1, key=b"a"))
        asks = [Lookup(at=AT, keys=(b"a", b"b"), hashes=hashed(1, 2, 3))]
        versions = [answer.version for answer in await slow.seen.candidates(asks)]
        await put(fast.seen, change)
        before = await slow.seen.candidates(asks)

        done = await slow.seen.settle(asks, versions, [write(2, key=b"b"), write(3, key=b"z")])

        assert not done
        assert await slow.seen.candidates(asks) == before
        assert (await ask(slow.seen, keys=[b"z"])).values == {}


async def test_what_others_write_beside_it_disturbs_nobody(state: State) -> None:
    asks = [Lookup(at=AT, keys=(b"a",), hashes=hashed(1, 2))]
    versions = [answer.version for answer in await state.seen.candidates(asks)]
    await put(state.seen, write(9, key=b"elsewhere", hashes=hashed(3, 4)))

    assert await state.seen.settle(asks, versions, [write(1, key=b"a")])


@pytest.mark.servers
async def test_installations_that_share_a_server_know_nothing_of_each_other(redis_url: str, prefix: str) -> None:
    async with open_state(redis_url, prefix=prefix) as one, open_state(redis_url, prefix=f"{prefix}b") as other:
        await put(one.seen, write(1))
        await one.hosts.pause("a.example", wait=GENERATION)

        assert (await ask(other.seen)).values == {}
        assert not (await other.hosts.waits(["a.example"]))["a.example"]


names = st.sampled_from([b"a", b"b\x00\xff", b"c" * 17, bytes(range(240, 257 - 1))])
few_hashes = st.lists(st.integers(0, 5), max_size=5).map(lambda numbers: hashed(*numbers))
clocks = st.integers(0, 5).map(lambda weeks: AT + weeks * WEEK) | st.sampled_from([0, AT - 1, AT + 1])
blobs = st.binary(min_size=8, max_size=80)
asks = st.builds(Lookup, at=clocks, keys=st.lists(names, unique=True, max_size=4).map(tuple), hashes=few_hashes)
refs = st.integers(0, 14).map(lambda number: bytes([255 - number * 17]) * 8)
writes = st.builds(
    Update,
    at=clocks,
    values=st.dictionaries(names, st.tuples(refs, st.binary(max_size=60)).map(b"".join), max_size=3),
    ref=refs,
    record=st.just(b"") | blobs | refs,
    hashes=few_hashes,
    story=st.just(b"") | refs,
    story_value=blobs,
)


steps_taken = st.lists(st.tuples(st.lists(asks, max_size=3), st.lists(writes, max_size=3), st.booleans()), max_size=8)


@pytest.mark.servers
@given(steps_taken)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_states_tell_the_same_whatever_was_written(
    redis_url: str, steps: list[tuple[list[Lookup], list[Update], bool]]
) -> None:
    async def compare() -> None:
        with TemporaryDirectory() as folder:
            one = open_state(f"sqlite:///{Path(folder) / 'state.sqlite'}", prefix="t")
            async with one, open_state(redis_url, prefix=f"t{token_hex(6)}") as other:
                stale: list[str] | None = None
                for questions, additions, is_stale in steps:
                    told, told_too = await one.seen.candidates(questions), await other.seen.candidates(questions)
                    assert told == told_too
                    versions = [answer.version for answer in told]
                    if is_stale and stale is not None and len(stale) == len(versions):
                        versions = stale
                    stale = versions
                    done = await one.seen.settle(questions, versions, additions)
                    assert done == await other.seen.settle(questions, versions, additions)

    asyncio.run(compare())


@pytest.mark.servers
@pytest.mark.parametrize("size", [1, 37, 400])
async def test_both_states_lead_to_the_same_verdicts(size: int, redis_url: str, prefix: str, tmp_path: Path) -> None:
    items = stream(400, seed=size, over=5 * GENERATION)
    async with open_state(f"sqlite:///{tmp_path / 'state.sqlite'}", prefix=prefix) as state:
        embedded = await judged(state.seen, items, size=size)
    async with open_state(redis_url, prefix=prefix) as state:
        served = await judged(state.seen, items, size=size)

    assert served == embedded
    assert {item.verdict.kind for item in served} == {"new", "duplicate", "revision"}


async def test_a_replay_gets_the_verdicts_given_then(state: State) -> None:
    items = stream(200, seed=4)
    first = await judged(state.seen, items)

    assert await judged(state.seen, items) == first


async def test_a_version_of_one_answer_is_none_of_another(state: State) -> None:
    await put(state.seen, write(1, key=b"a", hashes=hashed(1, 2)))
    question = Lookup(at=AT, keys=(b"a",), hashes=hashed(1, 2))

    told, less = await state.seen.candidates([question, replace(question, hashes=())])

    assert told.version != less.version
