"""The seed pages of the evaluation data: a war report with a donation appeal and five comments, in several markups."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.roles.notify.samples import SECRET, endpoint, rule
from tests.web import Page, Site, item, rss

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "extraction" / "comments"
FEED, HOOK, RULE = "/rss.xml", "/hook", "aleppo"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A comment as it is labelled; `parent` is the text of the one it answers."""

    text: str
    author: str
    parent: str | None


@dataclass(frozen=True, kw_only=True)
class Seed:
    """A seed page and what is to come of it, all texts flat."""

    html: bytes
    article: str
    appeals: Sequence[str]
    comments: Sequence[Wanted]


def seed(markup: str) -> Seed:
    """The seed page in that markup; skips the test where the data is not there."""
    name = f"synthetic-seed-{markup}"
    if not DATA.is_dir():
        pytest.skip(f"NOT TESTED: no evaluation data at {DATA}")
    expected = json.loads((DATA / "expected" / f"{name}.json").read_text("utf-8"))
    texts = [flat(comment["text"]) for comment in expected["comments"]]
    return Seed(
        html=gzip.decompress((DATA / "html" / f"{name}.html.gz").read_bytes()),
        article=flat(expected["article"]),
        appeals=[flat(appeal) for appeal in expected["must_not_have"]],
        comments=[
            Wanted(
                text=text,
                author=comment["author"],
                parent=None if comment["parent"] is None else texts[comment["parent"]],
            )
            for text, comment in zip(texts, expected["comments"], strict=True)
        ],
    )


def flat(text: object) -> str:
    """A text in one line."""
    return " ".join(str(text).split())


def serve(site: Site, page: Seed, *, folder: Path) -> dict[str, str]:
    """Serve feed, page and a webhook receiver; the settings of a run that alerts on it though it is of 2016."""
    site.serve("/report", Page(body=page.html))
    entry = item("report", link=f"{site.url}/report", text=" ")
    site.serve(FEED, Page(body=rss(entry), content_type="application/rss+xml"))
    site.serve(HOOK, Page())
    rules = folder / "rules.toml"
    rules.write_text(endpoint(url=f"{site.url}{HOOK}") + rule(RULE, "region:SY-HL AND manbij"), "utf-8")
    return {"WIREDESK_RULES_FILE": str(rules), "WIREDESK_ALERT_MAX_AGE": "0", "OPS_SECRET": SECRET}
