"""The places and regions of every unique item: none until a gazetteer is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from wiredesk.events import Article, Comment, JudgedArticle, JudgedComment
from wiredesk.pipeline import Fate, Passed, Received

READS = ("unique",)
ACCEPTS = (JudgedArticle, JudgedComment)


class Geotag:
    """Passes every item on without regions."""

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now

    async def __call__(self, received: Sequence[Received[JudgedArticle | JudgedComment]]) -> Sequence[Fate]:
        """One public event per unique one."""
        return [Passed(outputs=(self._tagged(item.value),)) for item in received]

    def _tagged(self, item: JudgedArticle | JudgedComment) -> Article | Comment:
        tagged = Article if isinstance(item, JudgedArticle) else Comment
        facts = msgspec.structs.asdict(item) | {
            "times": msgspec.structs.replace(item.times, geotagged=self._now()),
        }
        return tagged(**facts)
