"""The example files say what the readers accept, and what their comments claim."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.desk import Desk
from tests.roles.notify.samples import SECRET
from wiredesk import urls
from wiredesk.roles.feeds.subscriptions import read_file as read_feeds
from wiredesk.roles.geotag.gazetteer_file import NAME
from wiredesk.roles.notify.rules import read_file as read_rules

DEPLOY = Path(__file__).parents[2] / "deploy"
FEEDS, RULES = DEPLOY / "feeds.example.toml", DEPLOY / "rules.example.toml"
PLACES = DEPLOY / "places.example.toml"
SECRETS = {"OPS_SECRET": SECRET, "DESK_SECRET": SECRET}


def test_the_feeds_are_accepted_and_of_many_newsrooms() -> None:
    feeds = read_feeds(FEEDS).feeds

    assert len({urls.site_of(feed.url) for feed in feeds}) >= 12
    assert all(feed.url.startswith("https://") for feed in feeds)
    assert [feed.url for feed in feeds if feed.paused] == ["https://www.theguardian.com/sitemaps/news.xml"]


def test_the_feeds_can_be_subscribed_to(desk: Desk) -> None:
    ended = desk("feeds", "import", str(FEEDS))

    assert ended.status == 0, ended.err
    assert len(desk.lines("feeds", "list")) == len(read_feeds(FEEDS).feeds)


def test_the_rules_are_accepted_and_nothing_about_them_is_unwise(desk: Desk) -> None:
    ended = desk("rules", "check", str(RULES), **SECRETS)

    assert ended.status == 0, ended.err
    assert "warning" not in ended.out
    assert all(not rule.remarks for rule in read_rules(RULES).rules.values())


@pytest.mark.parametrize(
    ("rule", "given"),
    [
        ("aleppo-front", {"text": "Shells fell near Manbij.", "region": "SY-HL"}),
        ("strong-earthquakes", {"text": "An earthquake of magnitude 7.1 struck."}),
        ("strong-earthquakes", {"title": "Quake off Japan", "text": "Aftershocks are expected."}),
        ("grain-from-the-black-sea", {"text": "Wheat left Odesa by ship.", "language": "en-GB"}),
        ("elections", {"title": "Election night", "text": "An exit poll is due at eight."}),
    ],
)
def test_a_rule_matches_what_its_name_says(desk: Desk, rule: str, given: Mapping[str, str]) -> None:
    options = [option for name, value in given.items() for option in (f"--{name}", value)]

    assert [one["rule"] for one in desk.lines("rules", "test", str(RULES), *options)] == [rule]


@pytest.mark.parametrize(
    ("text", "areas", "places"),
    [
        ("Two cars burned in Anadan.", ["syria-but-damascus", "aleppo-front"], ["Anadan"]),
        ("قصف على عندان", ["aleppo-front", "syria-but-damascus"], ["عندان"]),
        ("Aid reached the al-Hol camp.", ["syria-but-damascus"], ["al-Hol camp"]),
        ("Shells fell on Damascus, the capital of Syria.", [], ["Damascus", "Syria"]),
        ("Grain ships left Odesa, Ukraine.", ["black-sea-coast"], ["Odesa", "Ukraine"]),
        ("Paris Hilton and London Breed met in Oslo.", [], ["Oslo"]),
    ],
)
def test_the_places_are_accepted_and_mean_what_their_comments_say(
    desk: Desk, gazetteer: Path, text: str, areas: list[str], places: list[str]
) -> None:
    desk.home.mkdir()
    os.symlink(gazetteer, desk.home / NAME)

    (told,) = desk.lines("geotag", text, "--places", str(PLACES))

    regions, found = told["regions"], told["places"]
    assert isinstance(regions, list)
    assert isinstance(found, list)
    assert {region["code"] for region in regions if region["kind"] == "area"} == set(areas)
    assert [place["text"] for place in found] == places
