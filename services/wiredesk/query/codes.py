"""Finds codes that cannot be a region's or a language's, and says what was expected.

Only what is certain is refused: own areas are known to the places file alone, which may be on another machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from wiredesk.query.regions import is_of_world, region_key

REGION = "an ISO 3166-1 or -2 code, an M49 code or the code of an own area"
LANGUAGE = "an ISO 639 code, such as en or pt-BR"

KOSOVO = "XK"
"""User-assigned, and what GeoNames, CLDR and the European Union say."""

WITHDRAWN = frozenset("AI AN BQ BU CS CT DD DY FQ FX GE HV JT MI NH NQ NT PC PU PZ RH SK SU TP VD WK YD YU ZR".split())
"""Alpha-2 codes of ISO 3166-3: of countries that are no more; some have been given to others since."""

_AREA = re.compile("[A-Z][A-Z0-9-]{2,63}")
_LANGUAGE = re.compile("[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")


def expected_of_region(code: str) -> str:
    """What was expected where `code` can be that of no region; empty where it may be one."""
    key = region_key(code)
    if is_of_world(key):
        return "" if key.isdigit() or key[:2] in countries() else f"{REGION}: no country is {key[:2]}"
    return "" if _AREA.fullmatch(key) else _with_hint(REGION, country_named(code))


def expected_of_language(code: str) -> str:
    """What was expected where `code` has no form of a language's; empty where it has."""
    return "" if _LANGUAGE.fullmatch(code.strip()) else _with_hint(LANGUAGE, language_named(code))


def country_named(name: str) -> str:
    """The code of the country of that English name; empty where there is none."""
    return _country_names().get(_plain(name), "")


def language_named(name: str) -> str:
    """The code of the language of that English name; empty where there is none."""
    return _language_names().get(_plain(name), "")


@cache
def countries() -> frozenset[str]:
    """Every alpha-2 code of ISO 3166-1, those of countries that are no more too.

    Out of CLDR, as a running desk has it: pycountry is there only where the gazetteer is compiled.
    """
    from babel import Locale

    return frozenset({KOSOVO, *WITHDRAWN, *(code for code in map(str, Locale("en").territories) if len(code) == 2)})


@cache
def _country_names() -> Mapping[str, str]:
    from babel import Locale

    names = Locale("en").territories.items()
    return _by_name((code, name) for code, name in names if code in countries())


@cache
def _language_names() -> Mapping[str, str]:
    from babel import Locale

    return _by_name((code, name) for code, name in Locale("en").languages.items() if code.isalpha())


def _by_name(names: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    return {_plain(name): code for code, name in names}


def _plain(name: str) -> str:
    """As a name is compared: without case and marks, `united-kingdom` as `United Kingdom`."""
    return " ".join(re.findall(r"\w+", name.casefold()))


def _with_hint(expected: str, code: str) -> str:
    return f"{expected}; did you mean {code}?" if code else expected
