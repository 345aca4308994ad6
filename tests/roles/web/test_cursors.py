"""A cursor is of use for the list it was made for, and for nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.samples import NOW, an_article
from tests.roles.web.api import Api, serving
from wiredesk.database import Database
from wiredesk.roles.web.cursors import Cursors


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=2**63 - 1), st.text())
def test_a_cursor_comes_back_as_the_position_it_was_written_for(position: int, filters: str) -> None:
    cursors = Cursors(b"secret")

    assert Cursors(b"secret").read(cursors.write(position, filters=filters), filters=filters) == position


@settings(deadline=None)
@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="earlier page"):
        Cursors(b"secret").read(text, filters="")


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=26), st.characters(codec="ascii"))
def test_a_cursor_changed_at_any_place_is_refused(place: int, character: str) -> None:
    cursor = Cursors(b"secret").write(7, filters="q")
    forged = cursor[:place] + character + cursor[place + 1 :]

    if forged != cursor:
        with pytest.raises(ValueError, match="earlier page"):
            Cursors(b"secret").read(forged, filters="q")


@pytest.fixture
async def cursor(desk: Database, api: Api) -> str:
    await desk.items.put([an_article(f"a{number}", story=f"s{number % 3}") for number in range(9)], now=NOW)
    told: str = (await api.get("/api/items", limit="2", source="herald.example")).json["next"]
    return told


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/api/items", {}),
        ("/api/items", {"source": "gazette.example"}),
        ("/api/items", {"source": "herald.example", "kind": "article"}),
        ("/api/items", {"source": "herald.example", "order": "oldest"}),
        ("/api/stories", {}),
        ("/api/stories/s1", {}),
    ],
)
async def test_the_cursor_of_another_list_is_refused(path: str, given: dict[str, str], cursor: str, api: Api) -> None:
    answer = await api.get(path, **given, cursor=cursor)

    assert (answer.status, answer.json["parameter"], answer.json["value"]) == (400, "cursor", cursor)


async def test_another_page_size_is_no_other_list(cursor: str, api: Api) -> None:
    assert (await api.get("/api/items", source="herald.example", limit="3", cursor=cursor)).ids == ["a6", "a5", "a4"]


async def test_a_cursor_of_another_desk_is_refused(cursor: str, desk: Database) -> None:
    async with serving(desk, secret="another") as other:
        assert (await other.get("/api/items", source="herald.example", cursor=cursor)).status == 400


async def test_all_replicas_read_each_others_cursors(cursor: str, desk: Database) -> None:
    async with serving(desk) as replica:
        assert (await replica.get("/api/items", source="herald.example", cursor=cursor)).status == 200
