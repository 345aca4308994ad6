"""What is remembered of a source."""

from __future__ import annotations

from wiredesk.events import Place, Region
from wiredesk.roles.geotag.prior import MAX_REMEMBERED, NOTHING, Sources, of_focus


def place(text: str, country: str, *, confidence: float = 0.9, kind: str = "city") -> Place:
    return Place(
        field="text",
        text=text,
        start=0,
        end=len(text),
        name=text,
        kind=kind,
        geoname_id=1,
        latitude=1.0,
        longitude=2.0,
        country=country,
        confidence=confidence,
    )


def test_of_an_unknown_source_nothing_is_known() -> None:
    assert Sources().prior("paper.example") is NOTHING


def test_a_source_that_always_speaks_of_one_country_is_all_but_sure_of_it() -> None:
    sources = Sources()
    for _ in range(50):
        sources.learn("paper.example", [place("Homs", "SY")])

    prior = sources.prior("paper.example")
    assert prior.countries["SY"] > 0.9
    assert prior.meant["homs", 1] > 0.9
    assert prior.points == [(1.0, 2.0, 50 / 51)]


def test_a_name_counts_once_a_text() -> None:
    once, often = Sources(), Sources()
    once.learn("paper.example", [place("Homs", "SY")])
    often.learn("paper.example", [place("Homs", "SY")] * 30)

    assert once.prior("paper.example") == often.prior("paper.example")


def test_unsure_places_and_demonyms_are_not_remembered() -> None:
    sources = Sources()
    sources.learn("paper.example", [place("Homs", "SY", confidence=0.5), place("Syrian", "SY", kind="demonym")])

    assert not sources.prior("paper.example").countries


def test_a_source_that_moves_is_believed() -> None:
    sources = Sources()
    for country in ("SY", "LB"):
        for _ in range(MAX_REMEMBERED * 2):
            sources.learn("paper.example", [place("Homs", country)])

    countries = sources.prior("paper.example").countries
    assert countries["LB"] > countries.get("SY", 0.0) * 3


def test_too_many_sources_are_forgotten_the_oldest_first() -> None:
    sources = Sources(max_sources=2)
    for source in ("a", "b", "a", "c"):
        sources.learn(source, [place("Homs", "SY")])

    assert [sources.prior(source) is NOTHING for source in "abc"] == [False, True, False]


def test_a_focus_speaks_for_its_countries_and_units() -> None:
    prior = of_focus(
        [
            Region(code="SY", name="Syria", kind="country", score=0.9),
            Region(code="SY-HL", name="Aleppo", kind="unit", score=0.5),
            Region(code="145", name="Western Asia", kind="m49", score=0.4),
        ]
    )

    assert (prior.countries, prior.units) == ({"SY": 0.9}, {"SY-HL": 0.5})
    assert prior.support("SY", "SY-HL") == 1.4
