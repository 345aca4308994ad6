"""Places files for tests."""

from __future__ import annotations

from wiredesk.roles.geotag.overlay import Overlay
from wiredesk.roles.geotag.places_toml import from_toml

SYRIAN = 'country = "SY"\nunit = "SY-HL"\nlatitude = 36.293\nlongitude = 37.044\n'


def place(name: str, *, more: str = "", where: str = SYRIAN) -> str:
    return f'[[place]]\nname = "{name}"\n{more}\n{where}'


def area(code: str, holds: str) -> str:
    return f'[[area]]\ncode = "{code}"\nname = "The {code}"\n{holds}\n'


def overlay(*parts: str) -> Overlay:
    return from_toml("\n".join(parts).encode(), name="places.toml")
