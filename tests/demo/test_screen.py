from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from tests.demo import small
from wiredesk.demo import newsroom
from wiredesk.demo.press import Clock, Press
from wiredesk.demo.screen import on
from wiredesk.demo.watch import Happening, Watch


def _gone(error: OSError) -> None:
    raise error


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("is_terminal", [True, False], ids=["terminal", "pipe"])
async def test_what_comes_is_seen_with_its_site_regions_and_text(tmp_path: Path, width: int, is_terminal: bool) -> None:
    press = Press(newsroom.read(small.write(tmp_path / "newsroom")), Clock())
    seen = io.StringIO()
    console = Console(file=seen, force_terminal=is_terminal, width=width, height=30)

    async with press.on_air():
        with on(console, press, _gone) as screen:
            url = press.url_of("one/bridge")
            screen.tell(Happening(what="new", url=url, regions=["FR", "FR-ARA"], text="Cracks close\x1b[2J a bridge"))
            screen.draw(Watch(prefix="wiredesk", tell=screen.tell))

    assert "FR FR-ARA" in seen.getvalue()
    assert "Cracks close" in seen.getvalue()
    assert "close\x1b[2J" not in seen.getvalue()  # fetched text must not steer the terminal
    assert ("sources" in seen.getvalue()) == (is_terminal and width == 140)
    if is_terminal:  # what was there before is there afterwards
        assert seen.getvalue().index("\x1b[?1049h") < seen.getvalue().index("\x1b[?1049l")


async def test_a_terminal_that_cannot_be_drawn_on_gets_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    press = Press(newsroom.read(small.write(tmp_path / "newsroom")), Clock())
    seen = io.StringIO()

    with on(Console(file=seen, force_terminal=True, width=140, height=30), press, _gone) as screen:
        screen.tell(Happening(what="new", url="", text="Cracks"))

    assert "\x1b" not in seen.getvalue()
    assert "Cracks" in seen.getvalue()
