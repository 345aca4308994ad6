"""What is too large for the log: outputs, letters, headers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.bus.backends import browsed
from tests.bus.desk import Desk, Items, article, judged
from wiredesk.bus import Record, TooLarge
from wiredesk.bus.records import MAX_ERROR_BYTES, dead_letter, header, shortened
from wiredesk.bus.sqlite import SqliteBus
from wiredesk.fates import Fate, Passed

pytest_plugins = ("tests.bus.fixtures",)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("x" * 950_000, ""),
        ("ends in \x00", ""),
        ("half \ud800", ""),
        ("x" * 700_000, "https://a.example/" + "u" * 180_000),
    ],
    ids=["too large a value", "NUL", "half a surrogate pair", "too large a record, which only the log finds"],
)
async def test_an_output_that_cannot_travel_sends_its_input_to_dead_and_the_others_pass(
    desk: Desk, text: str, url: str
) -> None:
    await desk.give("1", "bad", "2")

    async def stage(items: Items) -> Sequence[Fate]:
        return [
            Passed(outputs=[judged(item.value, text=text, url=url) if item.value.id == "bad" else judged(item.value)])
            for item in items
        ]

    async with desk.running(stage):
        (letter,) = await desk.arrive("dead", 1)

    assert header(letter, "dead_reason") == "unpublishable"
    assert letter.value == desk.carrying(article("bad")).value
    assert await desk.settled() == {"unique": ["1", "2"], "dead": ["bad"]}


async def test_fifty_large_headers_beside_the_largest_value_do_not_make_a_letter_too_large(desk: Desk) -> None:
    headers = tuple((f"h{n}", b"x" * 1_900) for n in range(50))
    await desk.bus.publish([Record(topic=desk.topic("collected"), key=b"k", value=b"x" * 900_000, headers=headers)])

    async with desk.running():
        (letter,) = await desk.arrive("dead", 1)

    assert letter.value == b"x" * 900_000
    assert letter.headers[:34] == headers[:34]  # 64 KB of them


class Narrow(SqliteBus):
    """A log whose operator has set a lower limit."""

    limit = 100_000

    async def publish(self, records: Sequence[Record]) -> None:
        for record in records:
            if len(record.value) > self.limit:
                raise TooLarge(record, len(record.value), self.limit)
        await super().publish(records)


async def test_a_letter_that_the_log_refuses_is_cut(desk: Desk, tmp_path: Path) -> None:
    bad = Record(topic=desk.topic("collected"), key=b"k", value=b"x" * 200_000, headers=(("own", b"1"),))
    await desk.bus.publish([desk.carrying(article("1")), bad])

    async with Narrow(tmp_path / "log.sqlite") as narrow, desk.running(bus=narrow):
        (letter,) = await desk.arrive("dead", 1)

    assert letter.value == b"x" * 65_536
    assert header(letter, "dead_truncated") == "200000"
    assert header(letter, "dead_reason") == "malformed"
    assert (await desk.settled())["unique"] == ["1"]


async def test_a_letter_is_shortened_until_only_where_and_why_it_died_is_left(desk: Desk) -> None:
    await desk.bus.publish([Record(topic=desk.topic("collected"), key=b"k", value=b"x" * 200_000)])
    (consumed,) = await browsed(desk.bus, desk.topic("collected"))
    letter = dead_letter(
        consumed, prefix=desk.log.prefix, role="dedupe", reason="malformed", error="ü" * 9_000, now=consumed.at
    )

    forms = [letter]
    while (shorter := shortened(forms[-1])) != forms[-1]:
        forms.append(shorter)

    assert [len(form.value) for form in forms] == [200_000, 65_536, 16_384, 4_096, 1_024, 0, 0]
    assert {header(form, "dead_truncated") for form in forms[1:]} == {"200000"}
    assert all(len(header(form, "dead_error").encode()) <= MAX_ERROR_BYTES for form in forms)
    assert header(forms[-1], "dead_error") == ""
    assert {(header(form, "dead_offset"), header(form, "dead_reason")) for form in forms} == {("0", "malformed")}


class Mended(SqliteBus):
    """A log whose dead letters take nothing until `mended` is set."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.mended = False

    async def publish(self, records: Sequence[Record]) -> None:
        for record in records:
            if not self.mended and record.topic.endswith(".dead"):
                raise TooLarge(record, len(record.value), 10)
        await super().publish(records)


async def test_dead_letters_that_take_nothing_are_waited_for_and_the_role_says_so(desk: Desk, tmp_path: Path) -> None:
    await desk.bus.publish([desk.carrying(article("1")), Record(topic=desk.topic("collected"), key=b"k", value=b"<")])

    async with Mended(tmp_path / "log.sqlite") as bus, desk.running(bus=bus):
        await desk.health.until(lambda: list(desk.health.down) == ["dead letters"])
        bus.mended = True
        await desk.arrive("dead", 1)

    assert desk.health.down == {}
    assert (await desk.settled())["unique"] == ["1"]
