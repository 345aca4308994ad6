"""Signing in, so that a browser may read without a header."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from io import BytesIO
from ipaddress import ip_network

import pytest

from tests.roles.web.api import Api, serving
from wiredesk.database import Database
from wiredesk.roles.web.keys import Keys
from wiredesk.roles.web.server import Gate
from wiredesk.roles.web.session import LASTS, opened, read

TOKEN = "c2VjcmV0"
KEY = Keys.of("secret").sessions
OTHER = Keys.of("other").sessions
BROWSER = {"Accept": "text/html"}
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


async def sign_in(api: Api, token: str = TOKEN, *, back_to: str = "/", **headers: str) -> tuple[int, str, SimpleCookie]:
    form = {"token": token, "back_to": back_to}
    request = api.session.post(f"{api.url}/sign-in", data=form, headers=headers, allow_redirects=False)
    async with request as response:
        cookie = SimpleCookie("; ".join(response.headers.getall("Set-Cookie", [])))
        return response.status, response.headers.get("Location", ""), cookie


@pytest.mark.parametrize("path", ["/", "/items/a1", "/feeds", "/api/items"])
async def test_a_browser_without_the_token_gets_the_form(path: str, desk: Database) -> None:
    async with serving(desk, gate=Gate(token=TOKEN)) as api:
        answer = await api.ask(path, headers=BROWSER)

        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert f'name="back_to" value="{path}"' in answer.body.decode()


async def test_the_token_buys_a_cookie_that_reads_everything_and_is_not_the_token(desk: Database) -> None:
    async with serving(desk, gate=Gate(token=TOKEN)) as api:
        status, location, cookie = await sign_in(api, back_to="/?q=rain")
        morsel = cookie["wiredesk"]

        assert (status, location) == (303, "/?q=rain")
        assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "Strict", "/")
        assert not morsel["secure"]
        assert TOKEN not in morsel.value
        for path in ("/", "/api/items", "/feeds"):
            assert (await api.ask(path, headers={"Cookie": f"wiredesk={morsel.value}"})).status == 200


PROXY = Gate(token=TOKEN, trusted=(ip_network("127.0.0.0/8"),))


@pytest.mark.parametrize(
    ("gate", "headers"),
    [
        (PROXY, {"X-Forwarded-Proto": "https"}),
        (Gate(token=TOKEN, public_url="https://news.example.org"), {}),
    ],
    ids=["a trusted proxy says so", "the public URL says so"],
)
async def test_behind_https_the_cookie_keeps_to_it_and_to_this_host(
    gate: Gate, headers: dict[str, str], desk: Database
) -> None:
    async with serving(desk, gate=gate) as api:
        _, _, cookie = await sign_in(api, **headers)
        morsel = cookie["__Host-wiredesk"]

        assert (morsel["secure"], morsel["path"], morsel["domain"]) == (True, "/", "")
        assert (await api.ask("/api/items", headers={"Cookie": f"__Host-wiredesk={morsel.value}"})).status == 200


async def test_a_stranger_who_speaks_of_https_is_not_believed(desk: Database) -> None:
    async with serving(desk, gate=Gate(token=TOKEN)) as api:
        _, _, cookie = await sign_in(api, **{"X-Forwarded-Proto": "https"})

        assert not cookie["wiredesk"]["secure"]


@pytest.mark.parametrize("token", ["", "other", "c2VjcmV0x", "\udcff"])
async def test_a_wrong_token_buys_nothing(token: str, desk: Database) -> None:
    async with serving(desk, gate=Gate(token=TOKEN)) as api:
        status, _, cookie = await sign_in(api, token.encode("utf-8", "replace").decode())

        assert (status, dict(cookie)) == (401, {})


@pytest.mark.parametrize(
    "back_to", ["//evil.example", "https://evil.example/", "/\\evil.example", "/\t/evil.example", ""]
)
async def test_signing_in_never_leads_to_another_site(back_to: str, desk: Database) -> None:
    async with serving(desk, gate=Gate(token=TOKEN)) as api:
        assert (await sign_in(api, back_to=back_to))[:2] == (303, "/")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": ""},
        {"Origin": "https://other.example"},
        {"Origin": "null"},
        {"Origin": "http://[bad"},
        {"Origin": ""},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
async def test_a_form_on_another_site_does_nothing(path: str, headers: dict[str, str], desk: Database) -> None:
    async with serving(desk, gate=Gate(token=TOKEN)) as api:
        answer = await api.ask(path, method="POST", headers=headers)

        assert answer.status == 403
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("origin", ["", "https://news.example.org"], ids=["as asked", "as the public URL says"])
async def test_the_form_of_this_site_is_known_by_its_origin_where_a_browser_says_no_more(
    origin: str, desk: Database
) -> None:
    async with serving(desk, gate=Gate(token=TOKEN, public_url="https://news.example.org")) as api:
        assert (await sign_in(api, Origin=origin or api.url))[0] == 303


async def test_a_browser_that_says_same_origin_is_believed_whatever_a_proxy_makes_of_the_host(desk: Database) -> None:
    async with serving(desk, gate=Gate(token=TOKEN)) as api:
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": "https://news.example.org"}

        assert (await sign_in(api, **headers))[0] == 303


async def test_a_session_that_was_signed_out_is_over_at_every_replica(desk: Database) -> None:
    gate = Gate(token=TOKEN)
    async with serving(desk, gate=gate) as api, serving(desk, gate=gate) as another:
        _, _, cookie = await sign_in(api)
        ended = f"wiredesk={cookie['wiredesk'].value}"
        other = f"wiredesk={(await sign_in(api))[2]['wiredesk'].value}"
        request = api.session.post(f"{api.url}/sign-out", headers={"Cookie": ended}, allow_redirects=False)
        async with request as response:
            assert response.status == 303

        for replica in (api, another):
            assert (await replica.ask("/api/items", headers={"Cookie": ended})).status == 401
            assert (await replica.ask("/api/items", headers={"Cookie": other})).status == 200


async def test_signing_out_takes_the_cookie_away(desk: Database) -> None:
    async with serving(desk, gate=Gate(token=TOKEN)) as api:
        request = api.session.post(f"{api.url}/sign-out", allow_redirects=False)
        async with request as response:
            assert (response.status, response.headers["Location"]) == (303, "/")
            taken = SimpleCookie("; ".join(response.headers.getall("Set-Cookie")))
            assert {name: morsel["max-age"] for name, morsel in taken.items()} == {
                "wiredesk": "0",
                "__Host-wiredesk": "0",
            }


@pytest.mark.parametrize(
    "value",
    [
        "",
        ".",
        "x",
        "1.x",
        f"00.99999999999.{'0' * 64}",
        "00.-1.x",
        "00.²." + "0" * 64,
        "00." + "9" * 400 + ".0",
        opened(OTHER, now=NOW),
        opened(KEY, now=NOW - LASTS - timedelta(seconds=1)),
        "9" + opened(KEY, now=NOW),
        opened(KEY, now=NOW)[:-1],
    ],
)
def test_a_cookie_that_is_forged_or_has_run_out_opens_nothing(value: str) -> None:
    assert read(value, KEY, now=NOW) is None


def test_a_cookie_opens_until_it_runs_out() -> None:
    value = opened(KEY, now=NOW)

    session = read(value, KEY, now=NOW + LASTS - timedelta(seconds=1))
    assert session is not None
    assert read(value, KEY, now=session.ends) is None


async def test_a_forged_cookie_is_refused_by_the_server(desk: Database) -> None:
    async with serving(desk, gate=Gate(token=TOKEN)) as api:
        value = opened(OTHER, now=datetime.now(UTC))

        assert (await api.ask("/api/items", headers={"Cookie": f"wiredesk={value}"})).status == 401


async def test_a_wrong_bearer_is_not_mended_by_a_cookie(desk: Database) -> None:
    async with serving(desk, gate=Gate(token=TOKEN)) as api:
        cookie = f"wiredesk={opened(KEY, now=datetime.now(UTC))}"

        assert (await api.ask("/api/items", headers={"Cookie": cookie, "Authorization": "Bearer x"})).status == 401


async def test_style_and_script_want_no_token_as_the_form_has_style_too(desk: Database) -> None:
    async with serving(desk, gate=Gate(token=TOKEN)) as api:
        form = (await api.ask("/", headers=BROWSER)).body.decode()
        path = form.partition('rel="stylesheet" href="')[2].partition('"')[0]

        assert (await api.ask(path)).status == 200


async def test_without_a_token_there_is_nothing_to_sign_in_to(desk: Database) -> None:
    async with serving(desk) as api:
        assert (await sign_in(api))[0] == 404


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Type": "application/x-www-form-urlencoded; charset=none-such"}, b"token=\xff"),
        (FORM, b"token=\xff\xfe"),
        (FORM, b"&".join(b"a=1" for _ in range(50))),
        ({"Content-Type": "multipart/form-data"}, b"--x"),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--y\r\n"),
        ({"Content-Type": "application/json"}, b"{}"),
        ({**FORM, "Content-Encoding": "gzip"}, b"\xffno gzip"),
    ],
    ids=["charset", "no UTF-8", "fields", "no boundary", "another boundary", "JSON", "no gzip"],
)
async def test_a_body_that_is_no_form_is_a_bad_request(headers: dict[str, str], body: bytes, desk: Database) -> None:
    async with (
        serving(desk, gate=Gate(token=TOKEN)) as api,
        api.session.post(f"{api.url}/sign-in", data=body, headers=headers) as response,
    ):
        assert (response.status, response.content_type) == (400, "application/problem+json")


async def test_a_long_body_is_refused(desk: Database) -> None:
    async with (
        serving(desk, gate=Gate(token=TOKEN)) as api,
        api.session.post(f"{api.url}/sign-in", data=BytesIO(b"token=" + b"x" * 2**20), headers=FORM) as response,
    ):
        assert response.status == 413
