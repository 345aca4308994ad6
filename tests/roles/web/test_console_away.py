"""The console while the database does not answer: people are told so, and need do nothing."""

from __future__ import annotations

import pytest

from tests.browser import Tab
from tests.roles.web.api import serving
from tests.roles.web.test_console import BROWSER, page_of, words
from wiredesk.database import Database
from wiredesk.observe import Health


@pytest.mark.parametrize("path", ["/?q=flood&region=SY", "/items/a1", "/feeds"])
async def test_a_page_says_that_nothing_is_lost_and_asks_again_by_itself(path: str, unanswered: Database) -> None:
    async with serving(unanswered) as api:
        answer = await api.ask(path, headers=BROWSER)

    assert (answer.status, answer.headers["Refresh"], answer.headers["Retry-After"]) == (503, "5", "5")
    page = page_of(answer)
    assert words(page, "//h1") == ["The database is away"]
    assert "Nothing is lost" in words(page, "//main/p")[0]
    assert page.xpath("//main//a/@href") == [path]


@pytest.mark.browser
async def test_an_open_page_says_what_is_away_and_is_live_again_when_it_is_back(tab: Tab, desk: Database) -> None:
    health = Health("web")
    async with serving(desk, healths=[health]) as api:
        await tab.look(width=360)
        await tab.go(f"{api.url}/")
        await tab.until("document.getElementById('live').textContent === 'Live'")

        health.lost("database", "postgresql://db/news: connection refused")
        await tab.until("document.getElementById('live').textContent.startsWith('The database is away')")
        assert await tab.run("document.getElementById('pause').offsetHeight") < 50  # its word is on one line
        health.found()
        await tab.run("document.dispatchEvent(new Event('visibilitychange'))")  # it looks at once

        await tab.until("document.getElementById('live').textContent === 'Live'")
