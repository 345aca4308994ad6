"""What is wrong with a parameter is said by name, value and expectation."""

from __future__ import annotations

import pytest
from hypothesis import given as supposing
from hypothesis import settings
from hypothesis import strategies as st

from tests.contracts.samples import NOW, an_article
from tests.roles.web.api import Api
from wiredesk.database import Database
from wiredesk.roles.web.parameters import item_query
from wiredesk.roles.web.problem import Problem


@pytest.mark.parametrize(
    ("path", "name", "value", "expected"),
    [
        ("/api/items", "limit", "0", "a number from 1 to 500"),
        ("/api/items", "limit", "501", "a number from 1 to 500"),
        ("/api/items", "limit", "-1", "a number from 1 to 500"),
        ("/api/items", "limit", "ten", "a number from 1 to 500"),
        ("/api/items", "limit", "٣", "a number from 1 to 500"),
        ("/api/items", "limit", "", "a number from 1 to 500"),
        ("/api/items", "limit", "9" * 900, "a number from 1 to 500"),
        ("/api/items", "kind", "story", "article or comment"),
        ("/api/items", "order", "random", "newest or oldest"),
        ("/api/items", "since", "yesterday", "RFC 3339"),
        ("/api/items", "until", "2026-13-01T00:00:00Z", "RFC 3339"),
        ("/api/items", "since", "0001-01-01T00:00:00+14:00", "RFC 3339"),
        ("/api/items", "until", "9999-12-31T23:59:59-14:00", "RFC 3339"),
        ("/api/items", "region", "XX", "no country is XX"),
        ("/api/items", "region", "XX-AB", "no country is XX"),
        ("/api/items", "region", "Syria", "did you mean SY?"),
        ("/api/items", "region", "united kingdom", "did you mean GB?"),
        ("/api/items", "region", "S", "an ISO 3166-1 or -2 code, an M49 code or the code of an own area"),
        ("/api/items", "language", "english", "an ISO 639 code, such as en or pt-BR; did you mean en?"),
        ("/api/items", "language", "e", "an ISO 639 code"),
        ("/api/stream", "region", "Syria", "did you mean SY?"),
        ("/api/stream", "language", "English", "did you mean en?"),
        ("/api/items", "q", "x" * 1001, "at most 1000 characters"),
        ("/api/items", "source", "a\x00b", "no NUL"),
        ("/api/items", "sourse", "x", "one of the parameters q, region, source"),
        ("/api/items", "cursor", "AAAA", "the `next` of an earlier page"),
        ("/api/items/a1", "q", "x", "one of the parameters (none)"),
        ("/api/stories", "q", "x", "one of the parameters limit, cursor"),
        ("/api/stories", "limit", "0", "a number from 1 to 500"),
        ("/api/stories", "cursor", "!", "the `next` of an earlier page"),
        ("/api/stories/s1", "limit", "0", "a number from 1 to 500"),
        ("/api/stream", "limit", "5", "one of the parameters q, region, source"),
        ("/api/stream", "kind", "story", "article or comment"),
    ],
)
async def test_a_parameter_is_refused_by_name(path: str, name: str, value: str, expected: str, api: Api) -> None:
    answer = await api.get(path, **{name: value})

    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")
    told = answer.json
    assert (told["parameter"], told["value"][:80]) == (name, value[:80])
    assert expected in told["expected"]
    assert told["detail"].startswith(f"{name}=")


async def test_a_time_since_that_is_not_before_until_is_refused(api: Api) -> None:
    at = "2026-11-24T12:00:00Z"

    for since in (at, "2026-11-25T00:00:00Z"):
        answer = await api.get("/api/items", since=since, until=at)
        assert (answer.status, answer.json["parameter"]) == (400, "since")
        assert answer.json["expected"] == f"a time before until, {at}"


@pytest.mark.parametrize(
    ("region", "language"),
    [("SY", "en"), ("sy-hl", "EN-gb"), ("145", "pt-BR"), ("XK", "gsw"), ("IQ-AR", "zh-Hant"), ("aleppo-front", "en")],
)
async def test_what_may_be_a_code_is_taken_though_no_item_has_it(region: str, language: str, api: Api) -> None:
    assert (await api.get("/api/items", region=region, language=language)).ids == []


async def test_an_own_area_may_be_called_like_a_country_once_an_item_has_it(api: Api, desk: Database) -> None:
    await desk.items.put([an_article(regions=["georgia"])], now=NOW)

    assert (await api.get("/api/items", region="georgia")).ids == ["a1"]
    assert (await api.get("/api/items", region="jordan")).status == 400


async def test_a_parameter_given_twice_is_refused(api: Api) -> None:
    answer = await api.get("/api/items?source=a&source=b")

    assert (answer.status, answer.json["expected"]) == (400, "source once, got it 2 times")


async def test_bytes_that_are_no_text_are_no_fault_of_ours(api: Api) -> None:
    for path in (
        "/api/items?q=%ff%ed%a0%80",
        "/api/items/%ff",
        "/api/items?q=%22",
        "/api/items?q=-",
        "/api/items?%00=1",
    ):
        assert (await api.get(path)).status in (200, 400, 404)


@settings(deadline=None)
@supposing(
    st.dictionaries(st.sampled_from(["limit", "since", "until", "kind", "order", "q", "region", "x"]), st.text())
)
def test_whatever_is_given_is_a_query_or_a_problem(given: dict[str, str]) -> None:
    try:
        item_query(given)
    except Problem as problem:
        named = problem.facts["parameter"]
    else:
        return
    assert named in given
