"""Feed predictions for a folder of feed files, in the form its scorer reads.

python -m tests.eval.feeds DATA_DIR
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TypedDict

from wiredesk.documents.parse import parse
from wiredesk.errors import Malformed

NOWHERE = "http://unknown.invalid/"
"""Stands for the address that a file had when it was published."""


class Row(TypedDict):
    """What we use of a row of the index."""

    file: str
    http_headers: list[str] | None


def predict(folder: Path, row: Row) -> dict[str, object]:
    """One row of the predictions; links stay as they are where the document's own address is not known."""
    pairs = (line.partition(":") for line in row.get("http_headers") or ())
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    try:
        document = parse(
            (folder / row["file"]).read_bytes(),
            url=f"{NOWHERE}feed/",
            content_type=headers.get("content-type", ""),
            content_location=headers.get("content-location", ""),
        )
    except Malformed as error:
        return {"file": row["file"], "format": "", "entries": 0, "error": str(error)}
    first = document.entries[0] if document.entries else None
    first_link = first.url if first else document.sitemaps[0].url if document.sitemaps else None
    return {
        "file": row["file"],
        "format": document.format,
        "entries": len(document.entries) + len(document.sitemaps),
        "first_title": first.title if first else None,
        "first_link": as_written(first_link),
        "error": None,
    }


def as_written(link: str | None) -> str | None:
    """A link that only the unknown address made absolute, relative as it was."""
    return (link or "").replace(f"{NOWHERE}feed/", "").replace(NOWHERE, "/") or None


def main() -> None:
    """Write a prediction a line."""
    folder = Path(sys.argv[1])
    if not folder.is_dir():
        sys.exit(f"SKIPPED: {folder} is not there")
    rows: list[Row] = [json.loads(line) for line in (folder / "index.jsonl").read_text("utf-8").splitlines()]
    for done, row in enumerate(rows, 1):
        print(json.dumps(predict(folder, row)), flush=True)
        if done % 100 == 0:
            print(f"{done} of {len(rows)} files", file=sys.stderr)


if __name__ == "__main__":
    main()
