"""The places file, while the role runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from tests.roles.geotag.overlays import place
from wiredesk.errors import Misconfigured
from wiredesk.observe import Health
from wiredesk.roles.geotag.places_file import PlacesFile
from wiredesk.stop import Stop


def names(file: PlacesFile) -> list[str]:
    return [one.entity.name for one in file.in_force().places]


def is_up() -> bool:
    return REGISTRY.get_sample_value("wiredesk_dependency_up", {"role": "geotag", "dependency": "places"}) == 1


class Watched(PlacesFile):
    """Says after each reading which places are in force, or that the file was refused."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, health=Health("geotag"))
        self._read_as: asyncio.Queue[str] = asyncio.Queue()

    async def load(self) -> None:
        try:
            await super().load()
        except Misconfigured:
            self._read_as.put_nowait("refused")
            raise
        self._read_as.put_nowait(" ".join(names(self)))

    async def until(self, read_as: str) -> None:
        while await self._read_as.get() != read_as:
            pass


async def test_a_change_takes_effect_and_a_bad_file_is_refused(tmp_path: Path) -> None:
    path, stop = tmp_path / "places.toml", Stop()
    path.write_text(place("Anadan"))
    file = Watched(path)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(file.run(stop))
        await file.until("Anadan")

        path.write_text(place("Marea"))
        await file.until("Marea")
        before = file.in_force()
        path.write_text("[[place]]\nname = 7")
        await file.until("refused")
        assert file.in_force() is before
        # Replaced, not written: as editors and Kubernetes do.
        (tmp_path / "new").write_text(place("Anadan") + place("Marea"))
        (tmp_path / "new").replace(path)
        await file.until("Anadan Marea")

        stop.ask()


async def test_a_change_that_is_refused_shows_until_it_is_mended_or_taken_back(tmp_path: Path) -> None:
    path, stop = tmp_path / "places.toml", Stop()
    path.write_text(place("Anadan"))
    file = Watched(path)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(file.run(stop))
        await file.until("Anadan")

        path.write_text("[[place]]")
        await file.until("refused")
        path.write_text(place("Anadan"))
        await file.until("Anadan")
        assert is_up()

        stop.ask()


async def test_a_bad_file_at_the_beginning_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "places.toml"
    path.write_text("\n" + place("Anadan", where='country = "Syria"'))

    with pytest.raises(Misconfigured, match="line 5"):
        await PlacesFile(path, health=Health("geotag")).run(Stop())


async def test_a_file_caught_while_it_is_written_drops_no_place(tmp_path: Path) -> None:
    path = tmp_path / "places.toml"
    path.write_text(place("Anadan"))
    file = PlacesFile(path, health=Health("geotag"))
    await file.load()

    path.write_text("")
    with pytest.raises(Misconfigured, match="empty"):
        await file.load()

    assert names(file) == ["Anadan"]


async def test_without_a_file_there_are_no_places() -> None:
    file = PlacesFile(None, health=Health("geotag"))

    await file.run(Stop())

    assert names(file) == []
