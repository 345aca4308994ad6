"""Verdicts for a stream of documents, in the form that the scorer reads.

python -m tests.eval.dedup DATA_DIR mutations|reuters [sqlite|REDIS_URL]
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from wiredesk import events, urls
from wiredesk.roles.dedupe.stage import judge_all, sighting_of
from wiredesk.state import seen_sqlite

BATCH = 50
ARRIVAL_STEP = 60


def articles(folder: Path, kind: str) -> Iterator[events.CollectedArticle]:
    """The documents as collected articles, in order of arrival."""
    for number, line in enumerate((folder / f"{kind}_docs.jsonl").read_text("utf-8").splitlines()):
        row = json.loads(line)
        url = urls.canonical(row.get("url") or f"https://{row['source']}.example/{row['id']}")
        article_id = events.digest("article", url)
        arrived = row.get("arrived") or row["published"]
        at = (
            datetime.fromisoformat(arrived)
            if isinstance(arrived, str)
            else datetime.fromtimestamp(1_700_000_000 + ARRIVAL_STEP * number, UTC)
        )
        yield events.CollectedArticle(
            id=article_id,
            capture=events.digest("capture", row["id"]),
            entry=row["id"],  # an id is one delivery
            url=url,
            fetched_url=url,
            feed="eval",
            source=row["source"],
            title=row["title"],
            text=row["text"],
            extraction=events.Extraction(method="eval", confidence=1),
            times=events.Times(seen=at, collected=at),
        )


def predict(connection: sqlite3.Connection, batch: Sequence[events.CollectedArticle]) -> Iterator[dict[str, object]]:
    """The predictions of a batch."""
    sightings = [sighting_of(article) for article in batch]
    asks = [sighting.ask() for sighting in sightings]
    known = seen_sqlite.candidates(connection, asks)
    judgements, writes = judge_all(sightings, known)
    assert seen_sqlite.settle(connection, asks, [answer.version for answer in known], writes)
    for article, judgement in zip(batch, judgements, strict=True):
        verdict = judgement.verdict
        yield {
            "id": article.entry,
            "verdict": {"revision": "update"}.get(verdict.kind, verdict.kind),
            "of": verdict.of,
            "how": verdict.how,
            "article": article.id,
            "story": judgement.story.id if judgement.story else None,
        }


def main() -> None:
    """Write a prediction a line."""
    folder, kind = Path(sys.argv[1]), sys.argv[2]
    if not folder.is_dir():
        sys.exit(f"SKIPPED: {folder} is not there")
    connection = sqlite3.connect(":memory:")
    connection.executescript(seen_sqlite.SCHEMA)
    every = list(articles(folder, kind))
    names: dict[object, str] = {}
    started = time.process_time()
    for at in range(0, len(every), BATCH):
        for row in predict(connection, every[at : at + BATCH]):
            names.setdefault(row.pop("article"), str(row["id"]))
            row["duplicate_of"] = names.get(row.pop("of"))
            print(json.dumps(row), flush=True)
    seconds = time.process_time() - started
    print(f"{len(every)} documents, {len(every) / seconds:.0f} a CPU second", file=sys.stderr)


if __name__ == "__main__":
    main()
