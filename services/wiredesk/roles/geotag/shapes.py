"""Circles and polygons on the globe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from wiredesk.roles.geotag.context import KM_A_DEGREE, kilometres

Point: TypeAlias = tuple[float, float]
"""Latitude and longitude, in degrees."""

HALF_ROUND = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """What lies within so many kilometres, border included."""

    latitude: float
    longitude: float
    km: float

    @property
    def south(self) -> float:
        """A latitude that nothing in it lies south of."""
        return self.latitude - self.km / KM_A_DEGREE

    @property
    def north(self) -> float:
        """A latitude that nothing in it lies north of."""
        return self.latitude + self.km / KM_A_DEGREE

    def holds(self, latitude: float, longitude: float) -> bool:
        """Whether the point lies in it."""
        return kilometres(self.latitude, self.longitude, latitude, longitude) <= self.km


class Polygon:
    """What lies between straight lines on a map with latitude and longitude as its axes; each goes the shorter way round.

    So one across the date line needs no cutting. What lies on a line itself may count either way.
    """

    def __init__(self, points: Sequence[Point]) -> None:
        """Of at least three corners; the first may be repeated at the end. Raises `ValueError` where they are none."""
        corners = list(points[:-1] if len(points) > 1 and points[0] == points[-1] else points)
        if len(set(corners)) < 3:
            raise ValueError(f"{len(set(corners))} corners, expected three or more")
        self._ring = _unrolled([*corners, corners[0]])
        latitudes, longitudes = [at for at, _ in self._ring], [at for _, at in self._ring]
        self.south, self.north = min(latitudes), max(latitudes)
        self._west, self._east = min(longitudes), max(longitudes)
        if not _area(self._ring):
            raise ValueError("its corners lie on one line")

    def holds(self, latitude: float, longitude: float) -> bool:
        """Whether the point lies in it."""
        if not self.south <= latitude <= self.north:
            return False
        return any(
            self._west <= longitude + turn <= self._east and self._is_inside(latitude, longitude + turn)
            for turn in (0.0, 360.0, -360.0)
        )

    def _is_inside(self, latitude: float, longitude: float) -> bool:
        """Whether a line from it to the east crosses the border an odd number of times."""
        is_inside = False
        for (south, west), (north, east) in pairwise(self._ring):
            if (south > latitude) != (north > latitude):
                crossing = west + (latitude - south) / (north - south) * (east - west)
                is_inside ^= longitude < crossing
        return is_inside


def _unrolled(ring: Sequence[Point]) -> list[Point]:
    """The ring with longitudes that go on beyond 180 where it crosses the date line."""
    turns, unrolled = 0, [ring[0]]
    for (_, before), (latitude, longitude) in pairwise(ring):
        step = longitude - before
        if abs(step) == HALF_ROUND:
            raise ValueError(f"from longitude {before:g} to {longitude:g} both ways are as long: set a corner between")
        turns -= int(step > HALF_ROUND) - int(step < -HALF_ROUND)
        unrolled.append((latitude, longitude + 360 * turns))
    if turns:
        raise ValueError("it goes round a pole: draw a circle there")
    return unrolled


def _area(ring: Sequence[Point]) -> float:
    """Twice the area, in square degrees."""
    return abs(sum(south * east - north * west for (south, west), (north, east) in pairwise(ring)))
