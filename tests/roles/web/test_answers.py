"""What every answer has: ETag, packing, headers that protect, problems that name the fault."""

from __future__ import annotations

import gzip

import pytest

from tests.contracts.samples import NOW, an_article
from tests.roles.web.api import Api, serving
from wiredesk.database import Database
from wiredesk.roles.web.answers import takes_gzip
from wiredesk.roles.web.server import Gate

PATHS = ["/api/items", "/api/items/a1", "/api/stories", "/api/stories/s1", "/api/openapi.json"]


@pytest.fixture
async def _stored(desk: Database) -> None:
    await desk.items.put([an_article(story="s1", text="Long. " * 500)], now=NOW)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.usefixtures("_stored")
async def test_who_has_the_answer_already_is_told_so(path: str, api: Api, desk: Database) -> None:
    first = await api.get(path)
    etag = first.headers["ETag"]

    for known in (etag, f'"other", {etag}', etag.removeprefix("W/"), "*"):
        again = await api.ask(path, headers={"If-None-Match": known})
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)
    other = await api.ask(path, headers={"If-None-Match": '"other"'})
    assert (other.status, other.body) == (200, first.body)


@pytest.mark.usefixtures("_stored")
async def test_the_etag_changes_with_what_is_stored(api: Api, desk: Database) -> None:
    etag = (await api.get("/api/items")).headers["ETag"]
    await desk.items.put([an_article("a2")], now=NOW)

    assert (await api.ask("/api/items", headers={"If-None-Match": etag})).status == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.usefixtures("_stored")
async def test_head_has_the_headers_and_no_body(path: str, api: Api) -> None:
    whole, head = await api.get(path), await api.ask(path, method="HEAD")

    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", whole.headers["ETag"])
    assert (await api.ask(path, method="HEAD", headers={"Accept-Encoding": "gzip"})).body == b""


@pytest.mark.usefixtures("_stored")
async def test_an_answer_is_packed_where_asked_for(api: Api) -> None:
    plain = await api.ask("/api/items", headers={"Accept-Encoding": "identity"})
    packed = await api.ask("/api/items", headers={"Accept-Encoding": "deflate, gzip;q=0.5"})

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body)
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("gzip", True),
        ("br, GZIP ; q=0.1", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("x-gzip", False),
        ("", False),
        ("*", False),
    ],
)
def test_gzip_is_asked_for_by_name_and_weight(accepted: str, takes: bool) -> None:
    assert takes_gzip(accepted) is takes


@pytest.mark.parametrize("path", [*PATHS, "/livez", "/metrics", "/nowhere", "/api/items?limit=0"])
async def test_every_answer_carries_the_headers_that_protect(path: str, api: Api) -> None:
    headers = (await api.get(path)).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["Cache-Control"] in ("no-cache", "no-store")


@pytest.mark.usefixtures("_stored")
async def test_what_needs_a_token_is_kept_by_no_cache(api: Api, desk: Database) -> None:
    assert (await api.get("/api/items")).headers["Cache-Control"] == "no-cache"
    async with serving(desk, gate=Gate(token="t")) as private:
        answer = await private.ask("/api/items", headers={"Authorization": "Bearer t"})
        assert answer.headers["Cache-Control"] == "no-store"


async def test_a_method_that_is_not_served_is_told_with_those_that_are(api: Api) -> None:
    answer = await api.ask("/api/items", method="DELETE")

    assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD")
    assert answer.json["title"] == "Method Not Allowed"


async def test_while_the_database_is_away_the_answer_is_503(desk: Database, unanswered: Database) -> None:
    async with serving(unanswered) as api:
        for path in ("/api/items", "/api/items/a1", "/api/stories", "/api/stream"):
            answer = await api.get(path)

            assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
            assert answer.json["detail"] == "database is away: try again"
