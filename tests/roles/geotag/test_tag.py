"""What an editor would say a short text is about: headlines and comments, in the languages they come in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from wiredesk.roles.geotag.gazetteer import Gazetteer
from wiredesk.roles.geotag.tag import Tagged, tag

ABOUT = {
    "a town and its country": ("Fighters left Manbij in Syria", "SY SY-HL"),
    "an adjective and a town": ("Syrian troops push into Idlib", "SY SY-ID"),
    "an adjective of a unit": ("Bavarian farmers block road near Passau", "DE DE-BY"),
    "adjectives alone": ("Texan rancher sues Mexican oil firm", "US US-TX MX"),
    "a demonym of two words": ("South Korean ferry runs aground", "KR"),
    "a word that is a town as well": ("Thousands march in Reading over rail cuts, Berkshire police say", "GB GB-ENG"),
    "a comment of one line": ("I live in Nice and nobody here cares about this", "FR FR-PAC"),
    "a country named like a state": ("Georgia protests: police use tear gas in Tbilisi", "GE GE-TB"),
    "a state named like a country": ("Atlanta: Georgia governor signs bill", "US US-GA"),
    "a capital named like a state": ("King Abdullah of Jordan arrives in Washington", "JO US US-DC"),
    "an island": ("Quake hits off Sumatra; no tsunami warning", "ID"),
    "a county": ("Two dead in Harris County, Texas, warehouse fire", "US US-TX"),
    "a nation within a country": ("Storm cuts power across Wales and Cornwall", "GB GB-WLS GB-ENG"),
    "capitals standing for governments": (
        "Taipei said 12 aircraft crossed the strait; Beijing did not comment",
        "TW CN CN-BJ",
    ),
    "a state abbreviated without a comma": ("D.C. police search the home of a Calif. lawmaker", "US US-DC US-CA"),
    "a nation of a kingdom": ("England lost again", "GB GB-ENG"),
    "Arabic: a particle joined to the name": ("مصر وتركيا تتفقان على تعزيز التجارة", "EG TR"),
    "Arabic: a sultanate": ("سلطنة عمان تستضيف محادثات مسقط", "OM OM-MA"),
    "Arabic: a capital called like a country": (
        "وصل الوزير إلى عمان قادما من دمشق والتقى الملك الأردني",
        "JO JO-AM SY SY-DI",
    ),
    "Arabic: a direction is no place": ("انفجار في عدن جنوب اليمن", "YE YE-AD"),
    "Arabic: the capital is no place": ("إضراب في تونس العاصمة وصفاقس", "TN TN-61"),
    "Persian: a letter is a word": ("تظاهرات در اصفهان و شیراز", "IR IR-10 IR-07"),
    "Turkish: a country and its people": ("Almanya'ya göç eden Türkler dönüyor", "DE TR"),
    "Spanish: an adjective": ("El presidente chileno visita La Paz", "CL BO BO-L"),
    "Ukrainian: a land": ("Пожежа на Одещині, є постраждалі", "UA UA-51"),
    "Chinese: a province and a city": ("广东深圳遭遇台风", "CN CN-GD"),
    "Persian": ("زلزله در خوی آذربایجان غربی", "IR IR-04"),
    "Russian: an oblast's adjective": ("В Белгородской области сбили беспилотник", "RU RU-BEL"),
    "Russian: the genitive": ("Житель Новосибирска выиграл миллион", "RU RU-NVS"),
    "Ukrainian: an oblast by its land": ("На Львівщині обстріляли склад, у Харкові тривога", "UA UA-46 UA-63"),
    "German: a lake named like a village": (
        "Am Bodensee ist ein Boot gesunken, in Friedrichshafen suchen Taucher",
        "DE DE-BW",
    ),
    "German: a town's adjective": ("Berliner Polizei löst eine Demo in Neukölln auf", "DE DE-BE"),
    "German: a comment": ("Ich wohne in München und das stimmt einfach nicht", "DE DE-BY"),
    "French: an apostrophe before the name": ("Le ministre quitte l'Italie pour le Maroc", "IT MA"),
    "French: an exonym": ("Les autorités libanaises ont rouvert l'aéroport de Beyrouth", "LB LB-BA"),
    "Spanish": ("Vecinos de Medellín protestan contra el alcalde", "CO CO-ANT"),
    "Portuguese": ("Chuvas no Rio Grande do Sul deixam Porto Alegre alagada", "BR BR-RS"),
    "Italian": ("Alluvione in Emilia-Romagna, evacuata Faenza", "IT IT-45"),
    "Turkish: an ending behind an apostrophe": ("İstanbul'un Kadıköy ilçesinde yangın çıktı", "TR TR-34"),
    "Indonesian": ("Gempa guncang Cianjur, Jawa Barat", "ID ID-JB"),
    "Polish: the locative": ("Powódź we Wrocławiu, ewakuacja mieszkańców", "PL PL-02"),
    "Chinese": ("台湾与日本签署协议", "TW JP"),
    "Japanese": ("北京と東京で首脳会談", "CN CN-BJ JP JP-13"),
    "Korean: a particle behind the name": ("서울에서 한국과 일본 정상 회담", "KR KR-11 JP"),
    "Hindi: vowel signs belong to the word": ("दिल्ली में प्रदूषण से स्कूल बंद", "IN IN-DL"),
}

NOT_ABOUT = {
    "words that are towns as well": ("Reading books is nice, says a mobile phone maker", "GB FR US"),
    "a person named like a country": ("Jordan Peele will direct a new film", "JO"),
    "a person named like a town": ("Paris Hilton and Jack London never met", "FR GB CA"),
    "a person once named in full": ("John Aleppo won. Aleppo thanked his mother.", "SY"),
    "streets": ("Two cars burned on Elm Street near Bridge Road", "GB SO US"),
    "money": ("They paid US$3m for it", "US"),
    "an Arabic word that is a town as well": ("فتح المحل الباب أمام الزبائن", "SY"),
    "months": ("It rained in March and in August", "US GB PL"),
}


@pytest.fixture(scope="module")
def places(gazetteer: Path) -> Iterator[Gazetteer]:
    """The place names, opened once."""
    with Gazetteer(gazetteer) as opened:
        yield opened


def codes(tagged: Tagged) -> set[str]:
    return {region.code for region in tagged.regions if region.kind in ("country", "unit")}


@pytest.mark.parametrize(("text", "about"), ABOUT.values(), ids=ABOUT)
def test_a_short_text_is_about(places: Gazetteer, text: str, about: str) -> None:
    assert codes(tag({"text": text}, places)) == set(about.split())


@pytest.mark.parametrize(("text", "about"), ABOUT.values(), ids=ABOUT)
def test_a_headline_is_about(places: Gazetteer, text: str, about: str) -> None:
    assert codes(tag({"title": text, "text": ""}, places)) == set(about.split())


@pytest.mark.parametrize(("text", "about"), NOT_ABOUT.values(), ids=NOT_ABOUT)
def test_a_short_text_is_not_about(places: Gazetteer, text: str, about: str) -> None:
    assert not codes(tag({"text": text}, places)) & set(about.split())


def test_what_is_said_once_where_it_lies_is_meant_thereafter(places: Gazetteer) -> None:
    tagged = tag({"text": "A man from Paris, Texas, was charged. Paris police said he fled."}, places)

    assert {place.unit for place in tagged.places if place.text == "Paris"} == {"US-TX"}


def test_two_places_of_one_name_keep_apart_where_the_text_does(places: Gazetteer) -> None:
    tagged = tag({"text": "Police in Cambridge, Massachusetts, and Cambridge, Ontario, share records."}, places)

    assert [place.unit for place in tagged.places if place.text == "Cambridge"] == ["US-MA", "CA-ON"]


def test_a_wide_area_is_a_place_of_no_country(places: Gazetteer) -> None:
    (place,) = tag({"text": "Prices rose across Europe."}, places).places

    assert (place.text, place.kind, place.country, place.geoname_id) == ("Europe", "wide", None, 6255148)


def test_a_county_lies_where_the_town_beside_it_does(places: Gazetteer) -> None:
    tagged = tag({"text": "Fire crews in Huntsville, Texas, were sent across Walker County."}, places)

    town, _, county = tagged.places
    assert (county.name, county.unit) == ("Walker County", "US-TX")
    assert (county.latitude, county.longitude) == (town.latitude, town.longitude)


def test_offsets_count_code_points_of_each_field(places: Gazetteer) -> None:
    title, text = "Truce in Raqqa", "𝒜 convoy left Aleppo\u2019s outskirts."
    found = tag({"title": title, "text": text}, places).places

    assert [(place.field, {"title": title, "text": text}[place.field][place.start : place.end]) for place in found] == [
        ("title", "Raqqa"),
        ("text", "Aleppo"),
    ]


def test_a_place_that_no_gazetteer_lists_lies_at_the_town_beside_it_and_votes_for_nothing(places: Gazetteer) -> None:
    tagged = tag({"text": "Shells hit the village of Kaljibreen near Azaz, Syria."}, places)

    village, town, _ = tagged.places
    assert (village.text, village.kind, village.country) == ("Kaljibreen", "unlisted", "SY")
    assert (village.latitude, village.longitude) == (town.latitude, town.longitude)
    assert not codes(tag({"text": "Shells hit the village of Kaljibreen."}, places))
