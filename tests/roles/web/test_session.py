"""Signing in, so that a browser may read without a header."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie

import pytest

from tests.roles.web.api import Api, serving
from wiredesk.database import Database
from wiredesk.roles.web.session import LASTS, is_open, opened

TOKEN = "c2VjcmV0"
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
    async with serving(desk, token=TOKEN) as api:
        answer = await api.ask(path, headers=BROWSER)

        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert f'name="back_to" value="{path}"' in answer.body.decode()


async def test_the_token_buys_a_cookie_that_reads_everything_and_is_not_the_token(desk: Database) -> None:
    async with serving(desk, token=TOKEN) as api:
        status, location, cookie = await sign_in(api, back_to="/?q=rain")
        morsel = cookie["wiredesk"]

        assert (status, location) == (303, "/?q=rain")
        assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "Strict", "/")
        assert not morsel["secure"]
        assert TOKEN not in morsel.value
        for path in ("/", "/api/items", "/feeds"):
            assert (await api.ask(path, headers={"Cookie": f"wiredesk={morsel.value}"})).status == 200


async def test_behind_https_the_cookie_keeps_to_it(desk: Database) -> None:
    async with serving(desk, token=TOKEN) as api:
        _, _, cookie = await sign_in(api, **{"X-Forwarded-Proto": "https"})

        assert cookie["wiredesk"]["secure"]


@pytest.mark.parametrize("token", ["", "other", "c2VjcmV0x", "\udcff"])
async def test_a_wrong_token_buys_nothing(token: str, desk: Database) -> None:
    async with serving(desk, token=TOKEN) as api:
        status, _, cookie = await sign_in(api, token.encode("utf-8", "replace").decode())

        assert (status, dict(cookie)) == (401, {})


@pytest.mark.parametrize(
    "back_to", ["//evil.example", "https://evil.example/", "/\\evil.example", "/\t/evil.example", ""]
)
async def test_signing_in_never_leads_to_another_site(back_to: str, desk: Database) -> None:
    async with serving(desk, token=TOKEN) as api:
        assert (await sign_in(api, back_to=back_to))[:2] == (303, "/")


@pytest.mark.parametrize("sender", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
async def test_a_form_on_another_site_does_nothing(path: str, sender: str, desk: Database) -> None:
    async with serving(desk, token=TOKEN) as api:
        answer = await api.ask(path, method="POST", headers={"Sec-Fetch-Site": sender})

        assert answer.status == 403
        assert "Set-Cookie" not in answer.headers


async def test_signing_out_takes_the_cookie_away(desk: Database) -> None:
    async with serving(desk, token=TOKEN) as api:
        request = api.session.post(f"{api.url}/sign-out", allow_redirects=False)
        async with request as response:
            assert (response.status, response.headers["Location"]) == (303, "/")
            assert SimpleCookie(response.headers["Set-Cookie"])["wiredesk"]["max-age"] == "0"


@pytest.mark.parametrize(
    "value",
    [
        "",
        ".",
        "x",
        "1.x",
        f"99999999999.{'0' * 64}",
        "-1.x",
        "²." + "0" * 64,
        "9" * 400 + ".0",
        opened("other", now=NOW),
        opened(TOKEN, now=NOW - LASTS - timedelta(seconds=1)),
        "9" + opened(TOKEN, now=NOW),
        opened(TOKEN, now=NOW)[:-1],
    ],
)
def test_a_cookie_that_is_forged_or_has_run_out_opens_nothing(value: str) -> None:
    assert not is_open(value, TOKEN, now=NOW)


def test_a_cookie_opens_until_it_runs_out() -> None:
    value = opened(TOKEN, now=NOW)

    assert is_open(value, TOKEN, now=NOW + LASTS - timedelta(seconds=1))
    assert not is_open(value, TOKEN, now=NOW + LASTS)


async def test_a_forged_cookie_is_refused_by_the_server(desk: Database) -> None:
    async with serving(desk, token=TOKEN) as api:
        value = opened("other", now=datetime.now(UTC))

        assert (await api.ask("/api/items", headers={"Cookie": f"wiredesk={value}"})).status == 401


async def test_a_wrong_bearer_is_not_mended_by_a_cookie(desk: Database) -> None:
    async with serving(desk, token=TOKEN) as api:
        cookie = f"wiredesk={opened(TOKEN, now=datetime.now(UTC))}"

        assert (await api.ask("/api/items", headers={"Cookie": cookie, "Authorization": "Bearer x"})).status == 401


async def test_style_and_script_want_no_token_as_the_form_has_style_too(desk: Database) -> None:
    async with serving(desk, token=TOKEN) as api:
        form = (await api.ask("/", headers=BROWSER)).body.decode()
        path = form.partition('rel="stylesheet" href="')[2].partition('"')[0]

        assert (await api.ask(path)).status == 200


async def test_without_a_token_there_is_nothing_to_sign_in_to(desk: Database) -> None:
    async with serving(desk) as api:
        assert (await sign_in(api))[0] == 404
