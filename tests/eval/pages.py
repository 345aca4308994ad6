"""Article and comment predictions for the pages of an extraction folder, in the form its scorers read.

python -m tests.eval.pages DATA_DIR [articles|comments|metadata]
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

from wiredesk.roles.pages.extract.page import extract


def predict(folder: Path, row: dict[str, str]) -> dict[str, object]:
    """One row of the predictions."""
    page = extract(gzip.decompress((folder / row["html"]).read_bytes()), row["url"], "utf-8")
    published = page.metadata.published_at
    return {
        "id": row["id"],
        "articleBody": page.body.text if page.body else "",
        "title": page.metadata.title,
        "authors": list(page.metadata.authors),
        "published_at": published.isoformat() if published else None,
        "tags": list(page.metadata.tags),
        "comments": [
            {
                "text": comment.text,
                "author": comment.author or None,
                "time": comment.posted_at.isoformat() if comment.posted_at else None,
                "parent": comment.parent,
            }
            for comment in page.comments
        ],
    }


def main() -> None:
    """Write a prediction a line."""
    folder = Path(sys.argv[1])
    if not folder.is_dir():
        sys.exit(f"SKIPPED: {folder} is not there")
    kinds = set(sys.argv[2:])
    rows = [json.loads(line) for line in (folder / "index.jsonl").read_text("utf-8").splitlines()]
    rows = [row for row in rows if not kinds or row["kind"] in kinds]
    for done, row in enumerate(rows, 1):
        print(json.dumps(predict(folder, row)), flush=True)
        if done % 50 == 0:
            print(f"{done} of {len(rows)} pages", file=sys.stderr)


if __name__ == "__main__":
    main()
