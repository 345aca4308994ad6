"""The role as a whole: what an item's source and article say of its places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import pytest

from tests.roles.geotag.overlays import area, overlay, place
from tests.state.documents import AT, article, comment
from wiredesk.events import Article, Comment, JudgedArticle, JudgedComment, Region, Verdict
from wiredesk.fates import Passed, Received
from wiredesk.roles.geotag.gazetteer import Gazetteer
from wiredesk.roles.geotag.overlay import NOTHING_OWN
from wiredesk.roles.geotag.stage import Focus, Geotag

NEW = Verdict(kind="new")
HALEP = (
    Region(code="SY", name="Syria", kind="country", score=1.0),
    Region(code="SY-HL", name="Aleppo", kind="unit", score=0.9),
)


class Desk:
    """The stage, and the focus of articles that were tagged before it began."""

    def __init__(self, gazetteer: Gazetteer, earlier: Mapping[str, Focus]) -> None:
        self.earlier = earlier
        self.asked: list[Sequence[str]] = []
        self.overlay = NOTHING_OWN
        self._stage = Geotag(gazetteer, focus_of=self._focus_of, now=lambda: AT, overlay=lambda: self.overlay)

    async def _focus_of(self, article_ids: Sequence[str]) -> Mapping[str, Focus]:
        self.asked.append(article_ids)
        return {each: self.earlier[each] for each in article_ids if each in self.earlier}

    async def __call__(self, *items: JudgedArticle | JudgedComment) -> list[Article | Comment]:
        fates = await self._stage(
            [
                Received(value=item, topic="unique", partition=0, offset=at, headers=(), at=AT)
                for at, item in enumerate(items)
            ]
        )
        outputs = [fate.outputs[0] for fate in fates if isinstance(fate, Passed)]
        assert all(isinstance(output, Article | Comment) for output in outputs)
        return [output for output in outputs if isinstance(output, Article | Comment)]


def judged_article(name: str, text: str, *, source: str = "paper.example") -> JudgedArticle:
    facts = msgspec.structs.asdict(article(name, text, title="", source=source))
    return JudgedArticle(**facts, verdict=NEW)


def judged_comment(text: str, *, under: str) -> JudgedComment:
    facts = msgspec.structs.asdict(comment(text, text, author="ann")) | {"article_id": under}
    return JudgedComment(**facts, verdict=NEW)


@pytest.fixture
def desk(gazetteer: Path) -> Desk:
    return Desk(Gazetteer(gazetteer), {"earlier": HALEP})


def codes(item: Article | Comment) -> set[str]:
    return {region.code for region in item.regions if region.kind in ("country", "unit")}


async def test_a_comment_that_names_no_place_has_the_regions_of_its_article(desk: Desk) -> None:
    report = judged_article("a", "Shells fell on Aleppo, Syria.")

    tagged, remark = await desk(report, judged_comment("how sad", under=report.id))

    assert isinstance(remark, Comment)
    assert (remark.inherited, remark.regions) == (True, tagged.regions)
    assert desk.asked == []


async def test_regions_of_an_article_tagged_earlier_are_asked_for_once(desk: Desk) -> None:
    (first,) = await desk(judged_comment("how sad", under="earlier"))
    (second,) = await desk(judged_comment("indeed", under="earlier"))

    assert first.regions == second.regions == HALEP
    assert desk.asked == [["earlier"]]


async def test_a_comment_that_names_places_has_its_own_regions(desk: Desk) -> None:
    (remark,) = await desk(judged_comment("Same thing happened in Colombia", under="earlier"))

    assert codes(remark) == {"CO"}


async def test_a_name_in_a_comment_means_the_place_in_what_its_article_is_about(desk: Desk) -> None:
    said = "They were all the way up to Tripoli before"
    lebanon = (
        Region(code="LB", name="Lebanon", kind="country", score=1.0),
        Region(code="LB-AS", name="North", kind="unit", score=0.8),
    )
    desk.earlier = {"lebanese": lebanon}

    (alone,) = await desk(judged_comment(said, under="unknown"))
    (under,) = await desk(judged_comment(said, under="lebanese"))

    assert [place.country for place in alone.places] == ["LY"]
    assert [place.country for place in under.places] == ["LB"]


async def test_a_name_means_what_its_source_is_used_to(desk: Desk) -> None:
    local = ("Columbus, Ohio, and Dublin, Ohio, share a fire chief.", "Dublin, Ohio, votes.", "Hilliard, Ohio, votes.")
    await desk(*(judged_article(f"ohio {at}", text, source="ohio.example") for at, text in enumerate(local)))

    here, abroad = await desk(
        judged_article("x", "Dublin students learn to swim.", source="ohio.example"),
        judged_article("y", "Dublin students learn to swim.", source="other.example"),
    )

    assert [place.unit for place in here.places] == ["US-OH"]
    assert [place.country for place in abroad.places] == ["IE"]


async def test_a_changed_places_file_is_that_of_the_next_batch_and_comments_have_its_areas(desk: Desk) -> None:
    before, after = (judged_article(name, "Shells fell on Kaljibreen.") for name in "ab")
    (plain,) = await desk(before)

    desk.overlay = overlay(place("Kaljibreen"), area("front", 'regions = ["SY-HL"]'))
    tagged, remark, named = await desk(
        after, judged_comment("how sad", under=after.id), judged_comment("Kaljibreen is my home", under="unknown")
    )

    assert plain.regions == ()
    assert {"SY", "SY-HL", "front"} <= {region.code for region in tagged.regions}
    assert remark.regions == tagged.regions
    assert "front" in {region.code for region in named.regions}
