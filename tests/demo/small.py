"""A newsroom of two sites and three pages, over in two seconds, as files that a test may spoil."""

from __future__ import annotations

from pathlib import Path

NEWSROOM = """
title = "small"
seconds = 2

[[site]]
name = "one"
title = "One"
language = "en"

[[site]]
name = "two"
title = "Two"
language = "en"

[[feed]]
site = "one"
path = "/feed.xml"

[[feed]]
site = "two"
path = "/feed.xml"

[[rule]]
name = "bridges"
query = "bridge"
"""

STORY = """
[[page]]
site = "one"
path = "/bridge"
feeds = ["/feed.xml"]
title = "Cracks close the old bridge in Lyon"
paragraphs = [
  "The old stone bridge over the river in Lyon was closed to traffic on Tuesday after engineers found cracks in two of its arches, the city council said in a statement.",
  "Repairs are expected to take eleven weeks and cost about 4.2 million euros. Buses are being sent over the northern crossing until further notice.",
]

[[page.comment]]
id = 1
author = "Marta"
text = "I crossed it every day for thirty years and never saw a crack."

[[page]]
site = "two"
path = "/harvest"
feeds = ["/feed.xml"]
at = 1
title = "Early harvest after a dry January"
paragraphs = [
  "Grape growers in Mendoza have begun picking three weeks earlier than usual after the driest January on record, the growers of the province said on Monday.",
  "They asked the government in Buenos Aires for cheaper credit so that small estates can pay for wells and nets. Prices for export wine rose by nine per cent.",
]
"""

LEDGER = """
[[article]]
page = "one/bridge"
regions = ["FR"]

[[article]]
page = "two/harvest"
regions = ["AR"]

[[comment]]
page = "one/bridge"
author = "Marta"
text = "I crossed it every day for thirty years and never saw a crack."

[[alert]]
rule = "bridges"
page = "one/bridge"
"""


def write(folder: Path, *, newsroom: str = NEWSROOM, story: str = STORY, ledger: str = LEDGER) -> Path:
    """The newsroom in `folder`."""
    (folder / "stories").mkdir(parents=True)
    (folder / "newsroom.toml").write_text(newsroom, "utf-8")
    (folder / "stories" / "story.toml").write_text(story, "utf-8")
    (folder / "ledger.toml").write_text(ledger, "utf-8")
    return folder
