"""The verdict of every collected item: `new` for all of them until duplicates are looked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from wiredesk.events import CollectedArticle, CollectedComment, JudgedArticle, JudgedComment, Verdict
from wiredesk.pipeline import Fate, Passed, Received

READS = ("collected",)
ACCEPTS = (CollectedArticle, CollectedComment)
NEW = Verdict(kind="new", how="not judged")


class Dedupe:
    """Passes every item on as new."""

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now

    async def __call__(self, received: Sequence[Received[CollectedArticle | CollectedComment]]) -> Sequence[Fate]:
        """One `unique` event per collected one."""
        return [Passed(outputs=(self._judged(item.value),)) for item in received]

    def _judged(self, item: CollectedArticle | CollectedComment) -> JudgedArticle | JudgedComment:
        judged = JudgedArticle if isinstance(item, CollectedArticle) else JudgedComment
        facts = msgspec.structs.asdict(item) | {
            "verdict": NEW,
            "times": msgspec.structs.replace(item.times, deduplicated=self._now()),
        }
        return judged(**facts)
