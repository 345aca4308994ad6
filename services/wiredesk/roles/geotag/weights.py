"""What was learned about telling places from other names and from each other: `data/weights.tsv`.

Fitted by `python -m tests.eval.regions_fit` on labelled news texts; the table holds features and weights alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

RECOGNISE, CHOOSE = "recognise", "choose"


@cache
def weights(of: str) -> Mapping[str, float]:
    """Weights by feature: `RECOGNISE` in log odds, `CHOOSE` in log likelihood."""
    text = files("wiredesk.roles.geotag").joinpath("data/weights.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines())
    return {feature: float(weight) for section, feature, weight in rows if section == of}
