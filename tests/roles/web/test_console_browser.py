"""The console in a real browser: live, without a complaint, at 360 and 1440 pixels, in light and dark."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.browser import Tab
from tests.contracts.samples import an_article
from tests.roles.web.api import Api, serving
from tests.roles.web.full_desk import a_full
from wiredesk.database import Database
from wiredesk.roles.web.server import Gate

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("WIREDESK_TEST_SHOTS", "")
"""A folder to keep the pictures in, for who wants to look."""

LOOKS = [(360, False), (360, True), (1440, False), (1440, True)]


async def is_clean(tab: Tab, api: Api) -> None:
    """No error on the console, no violation of the policy, nothing asked of anybody else, nothing wider than the window."""
    assert tab.complaints == []
    assert [url for url in tab.requests if not url.startswith(api.url)] == []
    assert await tab.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize(("width", "dark"), LOOKS)
async def test_every_page_fits_and_the_browser_has_nothing_to_complain_of(
    width: int, dark: bool, tab: Tab, desk: Database, tmp_path: Path
) -> None:
    await a_full(desk)
    folder = Path(SHOTS) if SHOTS else tmp_path
    async with serving(desk) as api:
        await tab.look(width=width, dark=dark)
        for name, path in (("news", "/"), ("item", "/items/a1"), ("comment", "/items/c3"), ("feeds", "/feeds")):
            await tab.go(f"{api.url}{path}")
            if name == "news":
                await tab.until("document.getElementById('live').textContent === 'Live'")
            await tab.photograph(folder / f"{name}-{width}-{'dark' if dark else 'light'}.png")
            await is_clean(tab, api)
            assert await tab.run(TOO_FAINT) == []
            assert await tab.run(UNLABELLED) == []


TOO_FAINT = """(() => {
    const light = (color) => { const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map((v) => {
        v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
        return .2126 * r + .7152 * g + .0722 * b; };
    const ground = (node) => { for (; node; node = node.parentElement) {
        const color = getComputedStyle(node).backgroundColor;
        if (!/, 0\\)$/.test(color) && color !== "transparent") return color; } return "rgb(255, 255, 255)"; };
    return [...document.querySelectorAll("body *")].filter((node) => [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
        .map((node) => { const [a, b] = [light(getComputedStyle(node).color), light(ground(node))].sort((x, y) => y - x);
            return [node.tagName, node.textContent.slice(0, 40), (a + .05) / (b + .05)]; })
        .filter(([, , contrast]) => contrast < 4.5);
})()"""
"""Words whose contrast is below WCAG 2.2 AA, 1.4.3."""

UNLABELLED = """[...document.querySelectorAll("input:not([type=hidden]), select, button, a, aside, nav")]
    .filter((node) => !(node.labels?.length || node.textContent.trim() || node.ariaLabel)).map((node) => node.outerHTML)"""


async def test_a_new_item_is_on_the_screen_within_a_second(tab: Tab, desk: Database) -> None:
    async with serving(desk) as api:
        await tab.look(width=1440)
        await tab.go(f"{api.url}/")
        await tab.until("document.getElementById('live').textContent === 'Live'")
        took = []
        for number in range(10):
            await desk.items.put([an_article(f"n{number}", title=f"News {number}")], now=datetime.now(UTC))
            stored = time.time() * 1000
            shown = await tab.until(f"document.querySelector('#items h2')?.textContent === 'News {number}'")
            took.append(shown - stored)
        await is_clean(tab, api)

    print(f"stored to screen, ms: median {sorted(took)[5]:.0f}, most {max(took):.0f}")
    assert max(took) < 1_000


async def test_the_filter_narrows_what_comes_too(tab: Tab, desk: Database) -> None:
    async with serving(desk) as api:
        await tab.look(width=1440)
        await tab.go(f"{api.url}/?source=post.example&q=")
        await tab.until("document.getElementById('live').textContent === 'Live'")
        await desk.items.put([an_article("a1", title="Other")], now=datetime.now(UTC))
        await desk.items.put([an_article("a2", title="Wanted", source="post.example")], now=datetime.now(UTC))

        await tab.until("document.querySelector('#items li')")

        assert await tab.run("[...document.querySelectorAll('#items h2')].map((title) => title.textContent)") == [
            "Wanted"
        ]


async def test_a_changed_item_takes_its_place_at_the_top(tab: Tab, desk: Database) -> None:
    await desk.items.put([an_article("a1", title="Old"), an_article("a2", title="Between")], now=datetime.now(UTC))
    async with serving(desk) as api:
        await tab.look(width=1440)
        await tab.go(f"{api.url}/")
        await desk.items.put([an_article("a1", title="New", collected=datetime.now(UTC))], now=datetime.now(UTC))

        await tab.until("document.querySelector('#items h2')?.textContent === 'New'")

        assert await tab.run("document.querySelectorAll('#items li').length") == 2


async def test_a_burst_larger_than_an_answer_leaves_no_gap(tab: Tab, desk: Database) -> None:
    await desk.items.put([an_article("old")], now=datetime.now(UTC))
    async with serving(desk) as api:
        await tab.look(width=1440)
        await tab.go(f"{api.url}/")
        await tab.until("document.getElementById('live').textContent === 'Live'")
        await desk.items.put(
            [an_article(f"b{number:03}", title=f"B{number}") for number in range(150)], now=datetime.now(UTC)
        )

        await tab.until("document.querySelector('#items h2')?.textContent === 'B149'")

        seqs = await tab.run("[...document.querySelectorAll('#items li')].map((row) => Number(row.dataset.seq))")
        assert seqs == list(range(seqs[0], seqs[0] - len(seqs), -1))
        # What was left out between is not to be jumped over by who reads on.
        assert await tab.run("document.getElementById('older').href") == f"{api.url}/"


async def test_while_paused_nothing_moves_and_what_waits_is_counted(tab: Tab, desk: Database) -> None:
    async with serving(desk) as api:
        await tab.look(width=360)
        await tab.go(f"{api.url}/")
        await tab.until("document.getElementById('live').textContent === 'Live'")
        await tab.run("document.getElementById('pause').click()")
        await desk.items.put([an_article("a1"), an_article("a2")], now=datetime.now(UTC))

        await tab.until("document.getElementById('pause').textContent === 'Show 2 new'")
        assert await tab.run("document.querySelectorAll('#items li').length") == 0
        await tab.run("document.getElementById('pause').click()")
        await tab.until("document.querySelectorAll('#items li').length === 2")


async def test_on_a_narrow_screen_the_filters_wait_behind_a_key_and_tell_what_is_in_use(
    tab: Tab, desk: Database
) -> None:
    async with serving(desk) as api:
        await tab.look(width=360)
        await tab.go(f"{api.url}/?q=flood&region=SY")

        assert await tab.run("document.querySelector('summary').innerText") == "Filters flood SY"
        assert not await tab.run("document.querySelector('form').checkVisibility()")
        await tab.run("document.querySelector('summary').focus()")
        await tab.press("Enter")
        await tab.until("document.querySelector('form').checkVisibility()")
        await tab.look(width=1440)
        await tab.until("!document.querySelector('summary').checkVisibility()")


async def test_without_script_the_page_is_whole(tab: Tab, desk: Database) -> None:
    await a_full(desk)
    async with serving(desk) as api:
        await tab.look(width=360, script=False)
        await tab.go(f"{api.url}/?kind=article")

        assert tab.complaints == []
        document = await tab.send("DOM.getDocument", depth=-1)
        found = await tab.send("DOM.querySelectorAll", nodeId=document["root"]["nodeId"], selector="#items li")
        assert len(found["nodeIds"]) == 4


async def test_signing_in_by_keyboard_makes_the_page_live(tab: Tab, desk: Database, tmp_path: Path) -> None:
    folder = Path(SHOTS) if SHOTS else tmp_path
    async with serving(desk, gate=Gate(token="c2VjcmV0")) as api:
        await tab.look(width=360)
        await tab.go(f"{api.url}/")
        await tab.photograph(folder / "sign-in-360-light.png")
        tab.complaints.clear()  # the browser notes the 401 of the form itself
        await tab.send("Input.insertText", text="c2VjcmV0")
        await tab.leave_by(lambda: tab.press("Enter"))
        await tab.until("document.getElementById('live')?.textContent === 'Live'")

        assert await tab.run("document.cookie") == ""  # no script can read it
        await desk.items.put([an_article("a1", title="Rain")], now=datetime.now(UTC))
        await tab.until("document.querySelector('#items h2')?.textContent === 'Rain'")
        await is_clean(tab, api)
        await tab.send("Network.clearBrowserCookies")
        await tab.run("document.dispatchEvent(new Event('visibilitychange'))")  # it connects anew
        await tab.until("document.getElementById('live').textContent.startsWith('Signed out')")


async def test_the_first_key_leads_past_the_banner_and_focus_is_seen(tab: Tab, desk: Database) -> None:
    async with serving(desk) as api:
        await tab.look(width=1440)
        await tab.go(f"{api.url}/")
        await tab.press("Tab")

        assert await tab.run("document.activeElement.textContent") == "Skip to content"
        assert await tab.run("document.activeElement.getBoundingClientRect().left >= 0")
        for _ in range(3):
            await tab.press("Tab")
            assert await tab.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"


async def test_hostile_words_stay_words(tab: Tab, desk: Database) -> None:
    hostile = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    async with serving(desk) as api:
        await tab.look(width=1440)
        await tab.go(f"{api.url}/")
        await tab.until("document.getElementById('live').textContent === 'Live'")
        await desk.items.put([an_article("a1", title=hostile, text=hostile, source=hostile)], now=datetime.now(UTC))
        await tab.until("document.querySelector('#items h2')")

        assert await tab.run("document.querySelector('#items h2').textContent") == hostile
        assert await tab.run("document.title") == "News · wiredesk"
        await is_clean(tab, api)
