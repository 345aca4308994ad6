"""Codes of regions as queries compare them: in any case, and a unit stands for its country as well."""

from __future__ import annotations

import re

_UNIT = re.compile("[A-Z]{2}-[A-Z0-9]{1,3}")
_WORLD = re.compile(f"[A-Z]{{2}}|{_UNIT.pattern}|[0-9]{{3}}")


def region_key(code: str) -> str:
    """A region's code as it is compared."""
    return code.strip().upper()


def within(code: str) -> tuple[str, ...]:
    """The keys of a region and of the country that it lies in: `SY`, `SY-HL`. Own areas lie in none, whatever their name."""
    key = region_key(code)
    return (key[:2], key) if _UNIT.fullmatch(key) else (key,)


def is_of_world(code: str) -> bool:
    """Whether it has the form of ISO 3166-1, ISO 3166-2 or M49, which no own area may have."""
    return _WORLD.fullmatch(region_key(code)) is not None
