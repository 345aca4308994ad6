"""Fits the geotag role's weights on labelled texts: `python -m tests.eval.regions_fit DATA_DIR GAZETTEER [even|odd|all]`.

`even` and `odd` take half of the articles, so that the other half can judge. What is written are features and weights;
a feature of fewer than `MIN_TIMES` examples is left out, so that no text can be told from the table.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from wiredesk.roles.geotag import features, resolve
from wiredesk.roles.geotag.context import Shares, kilometres
from wiredesk.roles.geotag.entities import Entity
from wiredesk.roles.geotag.gazetteer import Gazetteer
from wiredesk.roles.geotag.mention import NAME, Mention
from wiredesk.roles.geotag.prior import Sources
from wiredesk.roles.geotag.recognise import read
from wiredesk.roles.geotag.tag import tag
from wiredesk.roles.geotag.weights import CHOOSE, RECOGNISE, weights

TABLE = Path(__file__).parents[2] / "services" / "wiredesk" / "roles" / "geotag" / "data" / "weights.tsv"
MIN_TIMES = 8
ROUNDS = 3
EPOCHS = 30
RIGHT_KM = 161.0
RULE_RECOGNISE, RULE_CHOOSE = 2e-4, 1e-3
"""L2 penalties."""

PRIOR = {"country before surname": -3.0}
"""Weights of what the articles have too few examples of: Jordan Peele."""

Row = Mapping[str, Any]


def labelled(folder: Path, which: str) -> list[Row]:
    """The articles with labelled places; half of them or all."""
    rows = [json.loads(line) for line in (folder / "articles.jsonl").read_text("utf-8").splitlines()]
    half = {"even": rows[::2], "odd": rows[1::2], "all": rows}[which]
    return [row for row in half if row["toponyms"] is not None]


def gold_of(mention: Mention, row: Row) -> list[Row]:
    """The labels that it overlaps."""
    return [label for label in row["toponyms"] if label["start"] < mention.end and mention.start < label["end"]]


def examples(
    rows: Iterable[Row], gazetteer: Gazetteer
) -> tuple[list[tuple[dict[str, float], int]], list[tuple[list[tuple[float, ...]], set[int]]]]:
    """What is to be recognised and what to be chosen, with the weights of now."""
    named, chosen, sources = [], [], Sources()
    for row in rows:
        reading = read(f"\n\n{row['text']}", gazetteer)
        prior = sources.prior(row.get("domain") or "")
        resolve.resolve(reading, prior, least=-math.inf)
        shares = Shares(reading.mentions, prior)
        sources.learn(row.get("domain") or "", tag({"text": row["text"]}, gazetteer, prior).places)
        for mention in reading.mentions:
            if mention.kind != NAME or mention.lookup is None or mention.chosen is None:
                continue
            mention.start, mention.end = mention.start - 2, mention.end - 2
            gold = gold_of(mention, row)
            mention.start, mention.end = mention.start + 2, mention.end + 2
            required = [label for label in gold if not label.get("opt")]
            if required or not gold:
                facts = features.of_name(mention.key, mention.lookup, reading.language)
                facts |= features.of_context(mention, reading)
                named.append((facts | features.of_support(mention, shares), int(bool(required))))
            right = {
                index
                for index, candidate in enumerate(mention.lookup.candidates)
                if required and is_right(required[0], candidate.entity)
            }
            if right and len(mention.lookup.candidates) > 1:
                cue = resolve.cue_of(mention, reading)
                rest = [resolve.dynamic(mention, one.entity, cue, shares) for one in mention.lookup.candidates]
                known = resolve.static(mention.lookup)
                chosen.append(([(*a, *b) for a, b in zip(known, rest, strict=True)], right))
    return named, chosen


def is_right(label: Row, entity: Entity) -> bool:
    """Whether the place is the one labelled, as the scorer judges."""
    if label.get("geonames_id") and entity.geoname_id == label["geonames_id"]:
        return True
    if label.get("level") == "country" and label.get("country"):
        return entity.kind == "country" and entity.country == label["country"]
    if label.get("level") == "admin1" and label.get("admin1") and entity.unit == label["admin1"]:
        return True
    if label.get("lat") is None or entity.latitude is None or entity.longitude is None:
        return False
    return kilometres(label["lat"], label["lon"], entity.latitude, entity.longitude) <= RIGHT_KM


def fit_recognition(data: Sequence[tuple[dict[str, float], int]]) -> dict[str, float]:
    """Logistic regression by AdaGrad."""
    times = Counter(name for facts, _ in data for name, value in facts.items() if value)
    kept = [
        (
            [
                (name, value)
                for name, value in facts.items()
                if value and times[name] >= MIN_TIMES and name not in PRIOR
            ],
            label,
        )
        for facts, label in data
    ]
    learned: dict[str, float] = defaultdict(float)
    squares: dict[str, float] = defaultdict(lambda: 1e-6)
    order = random.Random(1)
    for epoch in range(EPOCHS):
        order.shuffle(kept)
        rate = 0.3 / (1 + epoch / 5)
        for facts, label in kept:
            error = resolve.logistic(sum(learned[name] * value for name, value in facts)) - label
            for name, value in facts:
                slope = error * value + RULE_RECOGNISE * len(kept) / times[name] * learned[name]
                squares[name] += slope * slope
                learned[name] -= rate * slope / math.sqrt(squares[name])
    return PRIOR | dict(learned)


def fit_choice(data: Sequence[tuple[list[tuple[float, ...]], set[int]]]) -> dict[str, float]:
    """Log-linear model over candidates, by AdaGrad."""
    names = (*resolve.STATIC, *resolve.DYNAMIC)
    learned, squares = [0.0] * len(names), [1e-6] * len(names)
    order, shuffled = random.Random(1), list(data)
    for epoch in range(EPOCHS):
        order.shuffle(shuffled)
        rate = 0.2 / (1 + epoch / 5)
        for rows, right in shuffled:
            scores = [sum(map(float.__mul__, learned, row)) for row in rows]
            best = max(scores)
            raw = [math.exp(score - best) for score in scores]
            total, of_right = sum(raw), sum(raw[index] for index in right)
            for at in range(len(names)):
                slope = RULE_CHOOSE * learned[at] + sum(
                    (raw[index] / total - (raw[index] / of_right if index in right else 0.0)) * row[at]
                    for index, row in enumerate(rows)
                    if row[at]
                )
                squares[at] += slope * slope
                learned[at] -= rate * slope / math.sqrt(squares[at])
    return dict(zip(names, learned, strict=True))


def save(recognition: Mapping[str, float], choice: Mapping[str, float]) -> None:
    """Write the table; weights that move nothing are left out."""
    rows = [f"{RECOGNISE}\t{name}\t{weight:.2f}" for name, weight in sorted(recognition.items()) if abs(weight) >= 0.05]
    rows += [f"{CHOOSE}\t{name}\t{weight:.3f}" for name, weight in sorted(choice.items())]
    TABLE.write_text("\n".join(rows) + "\n", "utf-8")
    weights.cache_clear()
    resolve.forget_weights()


def main() -> None:
    """Fit a few times: what is chosen and what is recognised depend on each other."""
    rows = labelled(Path(sys.argv[1]), sys.argv[3] if len(sys.argv) > 3 else "all")
    with Gazetteer(Path(sys.argv[2])) as gazetteer:
        for _ in range(ROUNDS):
            named, chosen = examples(rows, gazetteer)
            save(fit_recognition(named), fit_choice(chosen))
            print(f"{len(named)} spans, {len(chosen)} choices", file=sys.stderr)


if __name__ == "__main__":
    main()
