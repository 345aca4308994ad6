"""A places file through everything: an area of the operator's own raises an alert and is searched by."""

from __future__ import annotations

import json
from pathlib import Path

from tests.pipeline import paper
from tests.pipeline.items import stored
from tests.pipeline.running import environment, wiredesk
from tests.roles.geotag.overlays import area, place
from tests.roles.notify.samples import SECRET, endpoint, rule
from tests.web import Page

FJORDS = "circles = [{ latitude = 60.39, longitude = 5.32, km = 30 }]"
HOOK = "/hook"
# The paper's grapes grow in Argentina; this desk's Mendoza is a suburb of Bergen.
NORWEGIAN = 'country = "NO"\nunit = "NO-46"\nlatitude = 60.3\nlongitude = 5.2\n'


async def test_a_rule_of_an_area_alerts_of_articles_with_a_place_in_it_and_of_no_others(home: Path) -> None:
    places, rules = home / "places.toml", home / "rules.toml"
    places.write_text(place("Mendoza", where=NORWEGIAN) + area("fjords", FJORDS), "utf-8")
    async with paper.printed() as site:
        site.serve(HOOK, Page())
        rules.write_text(endpoint(url=f"{site.url}{HOOK}") + rule("fjords", "region:fjords kind:article"), "utf-8")
        files = ("--rules", str(rules), "--places", str(places))
        env = environment(home, OPS_SECRET=SECRET, WIREDESK_ALERT_MAX_AGE="0")
        ended = await wiredesk("run", "--feed", f"{site.url}{paper.FEED}", *files, "--until-idle", env=env)
        assert ended.status == 0, ended.err
        told = [json.loads(asked.body)["data"]["article"] for asked in site.requests if asked.path == HOOK]

    titles = ["Early harvest after driest January", "Ferry aground off Bergen"]
    assert sorted(item["title"] for item in told) == titles
    (region,) = (region for region in told[0]["regions"] if region["kind"] == "area")
    assert (region["code"], region["name"]) == ("fjords", "The fjords")
    found = await stored(env, "--region", "FJORDS", "--kind", "article")
    assert sorted(str(item["title"]) for item in found) == titles


async def test_a_bad_places_file_is_one_clear_line_and_status_1(home: Path) -> None:
    places = home / "places.toml"
    places.write_text(area("al-bab", FJORDS), "utf-8")

    ended = await wiredesk("run", "--until-idle", env=environment(home, WIREDESK_PLACES_FILE=str(places)))

    assert ended.status == 1
    line = ended.err.splitlines()[-1]
    assert f"{places}, line 2: code = 'al-bab': expected 3 to 64 of a-z, 0-9 and -" in line
