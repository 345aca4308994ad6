"""Writes `deploy/asyncapi/` and `docs/events.md` anew from the events: `make schemas`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.house import events_page
from wiredesk import __version__
from wiredesk.events.schemas import asyncapi, every_schema

FOLDER = Path(__file__).parents[2] / "deploy" / "asyncapi"


def documents() -> dict[str, str]:
    """Every file below the folder by its name, as it should be."""
    made = {f"schemas/{name}.json": schema for name, schema in every_schema().items()}
    made["asyncapi.json"] = asyncapi(version=__version__)
    return {name: json.dumps(document, indent=2, ensure_ascii=False) + "\n" for name, document in made.items()}


def main() -> None:
    """Write them; the first time also as the released ones."""
    for name, text in documents().items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    events_page.PAGE.parent.mkdir(exist_ok=True)
    events_page.PAGE.write_text(events_page.page(), "utf-8")


if __name__ == "__main__":
    main()
