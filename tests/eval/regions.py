"""Places and regions for labelled texts, in the form that the scorer reads.

python -m tests.eval.regions DATA_DIR GAZETTEER [articles multilingual traps seed]
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from wiredesk.roles.geotag.gazetteer import Gazetteer
from wiredesk.roles.geotag.prior import Sources
from wiredesk.roles.geotag.tag import tag

FILES = ("articles", "multilingual", "traps", "seed")


def predict(row: dict[str, object], gazetteer: Gazetteer, sources: Sources) -> dict[str, object]:
    """One row of the predictions, with what its source's earlier texts said, as the role does it."""
    source = str(row.get("domain") or "")
    tagged = tag({"title": "", "text": str(row["text"])}, gazetteer, sources.prior(source))
    sources.learn(source, tagged.places)
    countries = [region for region in tagged.regions if region.kind == "country"]
    return {
        "id": row["id"],
        "mentions": [
            {
                "start": place.start,
                "end": place.end,
                "geonames_id": place.geoname_id,
                "kind": "demonym" if place.kind == "demonym" else "place",
                "lat": place.latitude,
                "lon": place.longitude,
                "country": place.country,
                "subdivision": place.unit,
                "confidence": place.confidence,
            }
            for place in tagged.places
        ],
        "countries": [region.code for region in countries],
        "primary_country": countries[0].code if countries else None,
        "subdivisions": [region.code for region in tagged.regions if region.kind == "unit"],
    }


def main() -> None:
    """Write a prediction a line."""
    folder = Path(sys.argv[1])
    if not folder.is_dir():
        sys.exit(f"SKIPPED: {folder} is not there")
    names = sys.argv[3:] or FILES
    rows = [json.loads(line) for name in names for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines()]
    with Gazetteer(Path(sys.argv[2])) as gazetteer:
        sources = Sources()
        started = time.process_time()
        for row in rows:
            print(json.dumps(predict(row, gazetteer, sources)), flush=True)
        seconds = time.process_time() - started
    print(f"{len(rows)} texts, {len(rows) / seconds:.0f} a CPU second", file=sys.stderr)


if __name__ == "__main__":
    main()
