"""The table of places, compiled at the first start by a process that is gone afterwards, with its memory."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from wiredesk.errors import Misconfigured
from wiredesk.observe import Health
from wiredesk.roles.geotag.gazetteer import Gazetteer
from wiredesk.roles.geotag.gazetteer_file import NAME, ready


@pytest.fixture(autouse=True)
def not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the code was installed without its table."""
    monkeypatch.setattr("wiredesk.roles.geotag.gazetteer_file.packaged", lambda: tmp_path / "nowhere")


async def test_a_home_where_nothing_can_be_written_is_told_of(tmp_path: Path) -> None:
    home = tmp_path / "file"
    home.touch()
    before = psutil.Process().children()

    with pytest.raises(Misconfigured, match=f"gazetteer {home / NAME}: .*exists"):
        await ready(home, health=Health("geotag"))

    assert psutil.Process().children() == before


@pytest.mark.faults  # no fault, but fifteen seconds
async def test_the_first_start_compiles_the_table_and_the_second_finds_it(tmp_path: Path) -> None:
    health, before = Health("geotag"), psutil.Process().children()

    path = await ready(tmp_path, health=health)

    assert psutil.Process().children() == before
    assert health.down == {}
    with Gazetteer(path) as gazetteer:
        assert gazetteer.counts["names"] > 1_000_000
    assert await ready(tmp_path, health=health) == path
