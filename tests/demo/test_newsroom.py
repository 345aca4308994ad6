from __future__ import annotations

import json
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.demo import small
from wiredesk.demo import newsroom
from wiredesk.errors import Misconfigured

SCHEMA = newsroom.bundled().parent / "newsroom.schema.json"
FILES = sorted(newsroom.bundled().rglob("*.toml"))


def test_the_schema_that_is_checked_in_is_that_of_the_structs() -> None:
    assert json.loads(SCHEMA.read_text("utf-8")) == json.loads(json.dumps(newsroom.schema()))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_schema_holds_for_every_file_of_the_bundled_newsroom(path: Path) -> None:
    Draft202012Validator(newsroom.schema()).validate(tomllib.loads(path.read_text("utf-8")))


def test_the_bundled_newsroom_has_what_a_press_has() -> None:
    folder = newsroom.read(newsroom.bundled())
    pages, sites = folder.pages, folder.newsroom.site

    assert len(pages) >= 40
    assert {site.language for site in sites} == {"en", "de", "fr", "es", "ru", "ar"}
    assert {site.layout for site in sites} == {"broadsheet", "wordpress", "microdata", "appeal", "agency"}
    assert {feed.format for feed in folder.newsroom.feed} == {"rss", "atom", "json"}
    assert [feed for feed in folder.newsroom.feed if feed.broken]
    assert Counter(page.trouble for page in pages if page.trouble) == {"slow": 1, "busy": 1, "huge": 1}
    assert [page for page in pages if page.agency]
    assert [page for page in pages if page.change]
    assert [page for page in pages if page.comments_in == "feed" and page.comment]


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        pytest.param({"newsroom": "title = 3"}, "newsroom.toml", id="a field of another type"),
        pytest.param({"story": small.STORY.replace('site = "two"', 'site = "three"')}, "'three'", id="no such site"),
        pytest.param(
            {"story": small.STORY.replace("/harvest", "/bridge").replace('"two"', '"one"')}, "twice", id="a page twice"
        ),
        pytest.param({"ledger": small.LEDGER.replace("/harvest", "/sowing")}, "two/sowing", id="no such page"),
        pytest.param({"ledger": small.LEDGER + "\n[[surprise]]\n"}, "surprise", id="a field that is unknown"),
        pytest.param({"story": "[[page"}, "story.toml", id="no TOML"),
    ],
)
def test_a_faulty_newsroom_is_refused_by_name(tmp_path: Path, spoiled: dict[str, str], said: str) -> None:
    folder = small.write(tmp_path / "newsroom", **spoiled)

    with pytest.raises(Misconfigured, match=said):
        newsroom.read(folder)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"no stories/\*\.toml"):
        newsroom.read(tmp_path)
