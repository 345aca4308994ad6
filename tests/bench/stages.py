"""Documents a second and core in dedupe and geotag, at what an image has: no server, no disk.

python -m tests.bench stages
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.state.documents import AT, article, judged, stream
from tests.texts import text, title
from wiredesk.events import JudgedArticle, JudgedComment
from wiredesk.fates import Received
from wiredesk.roles.geotag.gazetteer import Gazetteer
from wiredesk.roles.geotag.gazetteer_file import NAME, build
from wiredesk.roles.geotag.stage import Geotag
from wiredesk.state.open import open_state

DOCUMENTS, BATCH = 1_000, 50


def run() -> list[tuple[str, str]]:
    """Rows of what was measured and the figure: processor time counts, all threads together."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        rows = [("dedupe: copies, changes and comments of 1 KB", _rate(asyncio.run(_dedupe_stream(folder))))]
        seconds, found = asyncio.run(_dedupe_news(folder))
        rows.append(("dedupe: news of 3 KB, each new", _rate(seconds)))
        build(folder / NAME)
        rows.append(("geotag: the same news", _rate(asyncio.run(_geotag(folder, found)))))
    return rows


def _rate(seconds: float) -> str:
    return f"{DOCUMENTS / seconds:,.0f}/s and core"


async def _dedupe_stream(folder: Path) -> float:
    items = stream(DOCUMENTS, seed=1)
    async with open_state(f"sqlite:///{folder / 'stream.sqlite'}", prefix="bench") as state:
        started = time.process_time()
        await judged(state.seen, items, size=BATCH)
        return time.process_time() - started


async def _dedupe_news(folder: Path) -> tuple[float, Sequence[JudgedArticle]]:
    items = [
        article(str(number), text(number), title=title(number), source=f"s{number % 40}.example")
        for number in range(DOCUMENTS)
    ]
    async with open_state(f"sqlite:///{folder / 'news.sqlite'}", prefix="bench") as state:
        started = time.process_time()
        found = await judged(state.seen, items, size=BATCH)
        return time.process_time() - started, [one for one in found if isinstance(one, JudgedArticle)]


async def _geotag(folder: Path, items: Sequence[JudgedArticle]) -> float:
    received: list[Received[JudgedArticle | JudgedComment]] = [
        Received(value=item, topic="unique", partition=0, offset=number, headers=(), at=AT)
        for number, item in enumerate(items)
    ]
    with Gazetteer(folder / NAME) as gazetteer:
        stage = Geotag(gazetteer, focus_of=_nowhere, now=lambda: datetime.now(UTC))
        await stage(received[:BATCH])  # pages of the file come in
        started = time.process_time()
        for at in range(0, len(received), BATCH):
            await stage(received[at : at + BATCH])
        return time.process_time() - started


async def _nowhere(article_ids: Sequence[str]) -> dict[str, tuple[()]]:
    return {}


if __name__ == "__main__":
    for what, figure in run():
        print(f"{what}: {figure}")
