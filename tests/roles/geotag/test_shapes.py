"""Laws of circles and polygons."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wiredesk.roles.geotag.context import kilometres
from wiredesk.roles.geotag.shapes import Circle, Point, Polygon

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)
turns = st.integers(-180, 180)


def turned(point: Point, by: float) -> Point:
    """The point so many degrees further east."""
    latitude, longitude = point
    return latitude, (longitude + by + 180) % 360 - 180


@st.composite
def stars(draw: st.DrawFn) -> tuple[Point, list[Point]]:
    """A middle, and corners around it in whole degrees of its own."""
    middle = draw(st.integers(-40, 40)), draw(st.integers(-180, 179))
    reach = draw(st.lists(st.integers(4, 40), min_size=3, max_size=12))
    angles = [2 * math.pi * index / len(reach) for index in range(len(reach))]
    corners = [
        (middle[0] + km * math.sin(angle), middle[1] + km * math.cos(angle))
        for km, angle in zip(reach, angles, strict=True)
    ]
    return middle, [turned(corner, 0) for corner in corners]


@given(latitudes, longitudes, latitudes, longitudes, st.floats(1, 20_000))
def test_a_circle_holds_whoever_holds_its_middle(
    latitude: float, longitude: float, other: float, far: float, km: float
) -> None:
    assume(abs(kilometres(latitude, longitude, other, far) - km) > 1e-6)

    one = Circle(latitude=latitude, longitude=longitude, km=km)
    two = Circle(latitude=other, longitude=far, km=km)

    assert one.holds(other, far) == two.holds(latitude, longitude)


@given(latitudes, longitudes, latitudes, longitudes, st.floats(1, 20_000), turns)
def test_the_date_line_is_a_line_like_any_other_to_a_circle(
    latitude: float, longitude: float, other: float, far: float, km: float, by: int
) -> None:
    assume(abs(kilometres(latitude, longitude, other, far) - km) > 1e-6)
    here, there = turned((latitude, longitude), by), turned((other, far), by)

    circle = Circle(latitude=latitude, longitude=longitude, km=km)

    assert circle.holds(other, far) == Circle(latitude=here[0], longitude=here[1], km=km).holds(*there)


@given(latitudes, longitudes, st.floats(1, 20_000), st.floats(-1, 1))
def test_what_a_circle_holds_lies_between_its_south_and_north(
    latitude: float, longitude: float, km: float, share: float
) -> None:
    circle = Circle(latitude=latitude, longitude=longitude, km=km)
    straight_on = latitude + share * km / (math.pi * 12_742 / 360)
    assume(abs(straight_on) <= 90)

    assert circle.south <= straight_on <= circle.north
    assert circle.holds(straight_on, longitude) or abs(share) > 1 - 1e-6


@given(longitudes, st.floats(89.95, 90))
def test_a_circle_at_a_pole_holds_all_around_it(longitude: float, latitude: float) -> None:
    assert Circle(latitude=90, longitude=0, km=6).holds(latitude, longitude)


@given(stars())
def test_a_polygon_holds_its_middle_and_nothing_beyond_its_corners(star: tuple[Point, list[Point]]) -> None:
    middle, corners = star
    polygon = Polygon(corners)

    assert polygon.holds(*middle)
    assert not polygon.holds(middle[0], turned(middle, 41)[1])
    assert not polygon.holds(middle[0], turned(middle, 180)[1])


@given(stars(), st.floats(-44, 44), st.floats(-44, 44))
def test_a_polygon_holds_what_one_of_the_triangles_holds_that_it_is_made_of(
    star: tuple[Point, list[Point]], north: float, east: float
) -> None:
    middle, corners = star
    latitude, longitude = turned((middle[0] + north, middle[1] + east), 0)
    triangles = [Polygon([middle, one, two]) for one, two in pairwise([*corners, corners[0]])]

    def held(polygon: Polygon) -> set[bool]:
        near = (
            (latitude + off, turned((0, longitude), aside)[1]) for off in (-1e-9, 0, 1e-9) for aside in (-1e-9, 1e-9)
        )
        return {polygon.holds(*point) for point in near}

    assume(all(len(held(one)) == 1 for one in [Polygon(corners), *triangles]))

    assert held(Polygon(corners)) == {any(True in held(triangle) for triangle in triangles)}


@given(stars(), st.floats(-44, 44), st.floats(-44, 44), turns)
def test_the_date_line_is_a_line_like_any_other_to_a_polygon(
    star: tuple[Point, list[Point]], north: float, east: float, by: int
) -> None:
    middle, corners = star
    point = turned((middle[0] + north, middle[1] + east), 0)
    moved = Polygon([turned(corner, by) for corner in corners])

    # Turned and back a longitude is off by a rounding: nobody can tell on which side of a border that is.
    near = {Polygon(corners).holds(point[0], turned(point, far)[1]) for far in (-1e-9, 0, 1e-9)}
    assume(len(near) == 1)

    assert {moved.holds(*turned(point, by))} == near


@given(stars(), latitudes, longitudes, st.integers(0, 11))
def test_it_is_the_same_polygon_from_whichever_corner_and_whichever_way_it_is_drawn(
    star: tuple[Point, list[Point]], latitude: float, longitude: float, first: int
) -> None:
    corners = star[1]
    first %= len(corners)
    again = [*corners[first:], *corners[:first]]

    found = {
        Polygon(drawn).holds(latitude, longitude) for drawn in (corners, again, corners[::-1], [*corners, corners[0]])
    }

    assert len(found) == 1


@given(st.floats(-60, 60), st.floats(-179.5, 179.5), st.floats(0.5, 20), st.floats(0.5, 60), latitudes, longitudes)
def test_a_box_holds_what_lies_between_its_sides(
    south: float, west: float, high: float, wide: float, latitude: float, longitude: float
) -> None:
    east = turned((0, west), wide)[1]
    box = Polygon([(south, west), (south, east), (south + high, east), (south + high, west)])
    assume(all(abs(longitude - side) > 1e-9 for side in (west, east)))
    assume(all(abs(latitude - side) > 1e-9 for side in (south, south + high)))

    is_between = west < longitude < east if west < east else longitude > west or longitude < east

    assert box.holds(latitude, longitude) == (south < latitude < south + high and is_between)


@pytest.mark.parametrize(
    ("corners", "reason"),
    [
        pytest.param([(0, 0), (1, 1)], "2 corners", id="two corners"),
        pytest.param([(0, 0), (1, 1), (0, 0)], "2 corners", id="two corners and the first again"),
        pytest.param([(0, 0), (1, 1), (2, 2)], "on one line", id="a line"),
        pytest.param([(0, 0), (1, 180), (2, 90)], "both ways are as long", id="half round the world"),
        pytest.param([(60, 0), (60, 120), (60, -120)], "goes round a pole", id="a pole"),
    ],
)
def test_what_is_no_polygon_is_refused(corners: list[Point], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Polygon(corners)
