"""Verdicts on small streams of articles."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wiredesk import events
from wiredesk.events.envelope import capture_of
from wiredesk.roles.dedupe.memory import Judgement
from wiredesk.roles.dedupe.stage import judge_all, sighting_of
from wiredesk.state.seen import Candidates, Update

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

FLOOD = (
    "The river rose above the old bridge on Tuesday morning and the mayor ordered 1,200 people out of the lower town. "
    "Volunteers carried sandbags from the brewery yard while two ferries took pupils across to the northern bank. "
    "Engineers said the dam at Harrow Mill would hold if the rain stopped before midnight, as forecast. "
    "Shops in Market Street stayed shut; the bakery alone sold bread through a window to those who waited in line. "
    "By evening the water stood 4.2 metres above the mark of last spring and the power station went on to reserve."
)
SALE = (
    "Northern Foods said it would sell its bottling plant to a group of dairy farmers for 31 million pounds in cash. "
    "The deal needs the consent of the regulator, who has until March to object, the company told shareholders. "
    "Its chairman Edna Marsh called the price fair and promised that none of the 340 jobs at the plant would go. "
    "The farmers, who deliver most of the milk bottled there, plan a second line for organic produce next autumn."
)


def article(
    name: str, text: str, *, title: str = "", source: str = "a.example", origin: str = "", minutes: int = 0
) -> events.CollectedArticle:
    article_id = events.digest("article", name)
    return events.CollectedArticle(
        id=article_id,
        capture=events.digest("capture", article_id, title, text),
        entry="e",
        url=f"https://{source}/{name}",
        fetched_url=f"https://{source}/{name}",
        origin_url=origin or None,
        feed="f",
        source=source,
        title=title or name,
        text=text,
        extraction=events.Extraction(method="t", confidence=1),
        times=events.Times(seen=AT + timedelta(minutes=minutes), collected=AT + timedelta(minutes=minutes)),
    )


class Memory:
    """The state as a plain dictionary: what a batch adds, the next is asked about."""

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}
        self.postings: dict[bytes, list[bytes]] = {}
        self.records: dict[bytes, bytes] = {}
        self.stories: dict[bytes, bytes] = {}

    def judge(self, *items: events.CollectedArticle | events.CollectedComment) -> list[Judgement]:
        sightings = [sighting_of(item) for item in items]
        judgements, writes = judge_all(sightings, [self._answer(sighting.ask().hashes) for sighting in sightings])
        for write in writes:
            self._take(write)
        return judgements

    def _answer(self, hashes: Sequence[bytes]) -> Candidates:
        counts: dict[bytes, int] = {}
        for ref in itertools.chain.from_iterable(self.postings.get(hashed, ()) for hashed in hashes):
            counts[ref] = counts.get(ref, 0) + 1
        return Candidates(values=self.values, near=list(counts.items()), records=self.records, stories=self.stories)

    def _take(self, write: Update) -> None:
        self.values.update(write.values)
        if write.record:
            self.records[write.ref] = write.record
        if write.story:
            self.stories[write.story] = write.story_value
        for hashed in write.hashes:
            self.postings.setdefault(hashed, []).append(write.ref)


def kinds(judgements: Sequence[Judgement]) -> list[str]:
    return [judgement.verdict.kind for judgement in judgements]


COPIES = {
    "word for word": FLOOD,
    "with an agency's prefix": "HARROW, England, Nov 24 (Newswire) - " + FLOOD,
    "with boilerplate below": FLOOD + "\n\nRead the evening letter of our desk every day and never miss a story again.",
    "shortened": FLOOD[: FLOOD.index("Shops in")],
    "with other quotation marks and dashes": FLOOD.replace("; ", " \u2014 ").replace("'", "\u2019"),
}


@pytest.mark.parametrize("text", COPIES.values(), ids=COPIES.keys())
def test_a_copy_on_another_site_is_a_duplicate_of_the_first_and_joins_its_story(text: str) -> None:
    memory = Memory()
    first = article("flood", FLOOD, title="River floods the lower town")
    copy = article("flood-2", text, title="Lower town flooded as river rises", source="b.example", minutes=20)

    (new,), (duplicate,) = memory.judge(first), memory.judge(copy)

    assert (new.verdict.kind, duplicate.verdict.kind) == ("new", "duplicate")
    assert duplicate.verdict.of == first.id
    assert new.story is not None
    assert duplicate.story is not None
    assert duplicate.story.id == new.story.id
    assert (duplicate.story.items, duplicate.story.sources) == (2, 2)


NEWS = {
    "a correction by title": (FLOOD, "CORRECTED: River floods the lower town"),
    "changed figures": (FLOOD.replace("1,200", "2,900").replace("4.2", "5.1"), "River floods the lower town"),
    "the full report after the flash": (
        FLOOD + "\n\n" + FLOOD.replace("river", "stream").replace("the", "some") + SALE,
        "River floods",
    ),
}


@pytest.mark.parametrize(("text", "title"), NEWS.values(), ids=NEWS.keys())
def test_what_corrects_or_adds_is_never_a_duplicate(text: str, title: str) -> None:
    memory = Memory()
    first = article("flood", FLOOD, title="River floods the lower town")
    later = article("flood-2", text, title=title, source="b.example", minutes=20)
    memory.judge(first)

    (judged,) = memory.judge(later)

    assert judged.verdict.kind == "revision"
    assert judged.verdict.of == first.id


def test_the_same_article_with_a_changed_text_is_a_revision_that_says_what_changed() -> None:
    memory = Memory()
    memory.judge(article("flood", FLOOD, title="River floods"))

    (text,) = memory.judge(article("flood", FLOOD + " The mayor thanked them.", title="River floods", minutes=5))
    (title,) = memory.judge(article("flood", FLOOD + " The mayor thanked them.", title="River recedes", minutes=9))

    assert (text.verdict.kind, text.verdict.changed) == ("revision", ("text",))
    assert (title.verdict.kind, title.verdict.changed) == ("revision", ("title",))


def test_two_reports_of_different_things_are_both_new() -> None:
    assert kinds(Memory().judge(article("flood", FLOOD), article("sale", SALE))) == ["new", "new"]


def test_short_notices_of_two_companies_are_both_new() -> None:
    memory = Memory()
    one = article(
        "d1", "Quarterly dividend of 12 cents a share, payable April 2, record March 1.", title="Acme Corp sets payout"
    )
    two = article(
        "d2",
        "Quarterly dividend of 12 cents a share, payable April 2, record March 1.",
        title="Zenith Inc declares dividend",
    )

    assert kinds(memory.judge(one, two)) == ["new", "new"]


def test_a_page_that_names_its_origin_elsewhere_is_a_copy_of_it() -> None:
    memory = Memory()
    original = article("https://wire.example/flood", FLOOD, title="River floods", source="wire.example")
    memory.judge(original)
    partial = FLOOD[: FLOOD.index("Engineers")] + "More on this as we hear it from our own people on the northern bank."

    (judged,) = memory.judge(
        article(
            "flood-b", partial, title="Flooding", source="b.example", origin="https://wire.example/flood", minutes=8
        )
    )

    assert (judged.verdict.kind, judged.verdict.of) == ("duplicate", original.id)


def test_a_replay_gets_the_verdict_given_then_whatever_came_since() -> None:
    memory = Memory()
    first, copy = article("flood", FLOOD), article("copy", FLOOD, source="b.example")
    given = memory.judge(first, copy)

    assert memory.judge(copy, first) == [given[1], given[0]]


def comment(name: str, text: str, *, author: str = "Ann") -> events.CollectedComment:
    comment_id = events.digest("comment", name)
    return events.CollectedComment(
        id=comment_id,
        capture=events.digest("capture", comment_id, text),
        article_id=events.digest("article", "x"),
        url="https://a.example/x",
        author=author,
        text=text,
        extraction=events.Extraction(method="ids", confidence=1),
        times=events.Times(seen=AT, collected=AT),
    )


def test_equal_short_comments_of_two_people_are_two_comments() -> None:
    assert kinds(Memory().judge(comment("1", "First!"), comment("2", "First!", author="Bob"))) == ["new", "new"]


def test_an_edited_comment_is_a_revision() -> None:
    assert kinds(Memory().judge(comment("1", "I agree"), comment("1", "I do not agree"))) == ["new", "revision"]


def test_the_same_long_text_again_and_again_is_a_campaign_but_never_dropped() -> None:
    text = "Everybody should read what really happened at https://spam.example"

    judged = Memory().judge(comment("1", text), comment("2", text, author="Bob"), comment("3", text + " 77"))

    assert kinds(judged) == ["new", "new", "new"]
    assert [bool(item.verdict.campaign) for item in judged] == [False, True, True]


def variants() -> Iterator[events.CollectedArticle]:
    texts = [FLOOD, SALE, FLOOD + " More.", FLOOD.replace("1,200", "1,900"), "(Newswire) - " + SALE, "Short."]
    for number, text in enumerate(texts):
        yield article(f"v{number}", text, title=f"Title {number}", source=f"s{number % 3}.example", minutes=number)


@given(st.permutations(list(variants())), st.lists(st.integers(0, 5), max_size=12), st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_no_redelivery_in_any_order_or_batch_changes_a_verdict(
    order: list[events.CollectedArticle], again: list[int], size: int
) -> None:
    memory = Memory()
    given_first = {item.capture: judged for item, judged in zip(order, memory.judge(*order), strict=True)}
    replayed = [order[number] for number in again]

    for at in range(0, len(replayed), size):
        batch = replayed[at : at + size]
        assert memory.judge(*batch) == [given_first[item.capture] for item in batch]


@given(st.permutations(list(variants())), st.integers(1, 6))
@settings(max_examples=30, deadline=None)
def test_one_batch_or_many_the_verdicts_are_the_same(order: list[events.CollectedArticle], size: int) -> None:
    at_once = Memory().judge(*order)

    memory = Memory()
    in_parts = [judged for at in range(0, len(order), size) for judged in memory.judge(*order[at : at + size])]

    assert in_parts == at_once


def test_nothing_is_a_duplicate_of_itself_when_only_its_markup_changed() -> None:
    memory = Memory()
    first = article("flood", FLOOD, title="River floods")
    memory.judge(first)

    (judged,) = memory.judge(
        msgspec.structs.replace(first, capture=events.digest("other"), text=FLOOD.replace(" ", "  "))
    )

    assert (judged.verdict.kind, judged.verdict.how) == ("duplicate", "same article")


def test_a_story_counts_each_of_its_articles_once_however_often_it_is_revised() -> None:
    memory = Memory()
    memory.judge(article("one", FLOOD, source="a.example"))
    memory.judge(article("two", FLOOD, source="b.example", minutes=1))

    (judged,) = memory.judge(article("one", FLOOD + " Schools stay shut.", source="a.example", minutes=2))

    assert judged.story is not None
    assert (judged.verdict.kind, judged.story.items, judged.story.sources) == ("revision", 2, 2)
    assert judged.story.first_seen == AT


def test_each_change_of_an_article_in_its_story_has_an_id_of_its_own() -> None:
    versions = [article("one", FLOOD + f" {number} schools stay shut.", minutes=number) for number in range(3)]
    story = events.Story(id="s", sources=1, items=1, first_seen=AT)
    changes = [
        events.StoryChanged(
            id="s", item=version.id, capture=version.capture, source=version.source, story=story, times=version.times
        )
        for version in versions
    ]

    assert len({capture_of(change) for change in changes}) == 3
