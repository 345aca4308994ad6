"""The places and regions of every unique item; a comment that names none has those of its article."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

import msgspec

from wiredesk.events import Article, Comment, JudgedArticle, JudgedComment, Region
from wiredesk.pipeline import Fate, Passed, Received
from wiredesk.roles.geotag.gazetteer import Gazetteer
from wiredesk.roles.geotag.tag import Tagged, tag

READS = ("unique",)
ACCEPTS = (JudgedArticle, JudgedComment)

REMEMBERED = 20_000
"""Articles whose regions are kept at hand for their comments; others are asked for."""

Focus = tuple[Region, ...]


class Geotag:
    """`focus_of` gives the regions of articles that were tagged before this process began, by id."""

    def __init__(
        self,
        gazetteer: Gazetteer,
        *,
        focus_of: Callable[[Sequence[str]], Awaitable[Mapping[str, Focus]]],
        now: Callable[[], datetime],
    ) -> None:
        self._gazetteer, self._focus_of, self._now = gazetteer, focus_of, now
        self._known: OrderedDict[str, Focus] = OrderedDict()

    async def __call__(self, received: Sequence[Received[JudgedArticle | JudgedComment]]) -> Sequence[Fate]:
        """One public event per unique one."""
        items = [item.value for item in received]
        tagged = await asyncio.to_thread(self._tag_all, items)
        for item, found in zip(items, tagged, strict=True):
            if isinstance(item, JudgedArticle):
                self._remember(item.id, found.regions)
        await self._ask_for_missing(items, tagged)
        now = self._now()
        return [Passed(outputs=(self._event(item, found, now),)) for item, found in zip(items, tagged, strict=True)]

    def _tag_all(self, items: Sequence[JudgedArticle | JudgedComment]) -> list[Tagged]:
        return [tag(_fields(item), self._gazetteer) for item in items]

    def _remember(self, article_id: str, regions: Focus) -> None:
        self._known[article_id] = regions
        self._known.move_to_end(article_id)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def _ask_for_missing(self, items: Sequence[JudgedArticle | JudgedComment], tagged: Sequence[Tagged]) -> None:
        wanted = {
            item.article_id
            for item, found in zip(items, tagged, strict=True)
            if isinstance(item, JudgedComment) and not found.regions and item.article_id not in self._known
        }
        if wanted:
            for article_id, regions in (await self._focus_of(sorted(wanted))).items():
                self._remember(article_id, regions)

    def _event(self, item: JudgedArticle | JudgedComment, found: Tagged, now: datetime) -> Article | Comment:
        facts = msgspec.structs.asdict(item) | {
            "times": msgspec.structs.replace(item.times, geotagged=now), "places": found.places,
            "regions": found.regions,
        }  # fmt: skip
        if isinstance(item, JudgedArticle):
            return Article(**facts)
        inherited = self._known.get(item.article_id, ()) if not found.regions else ()
        if inherited:
            facts |= {"regions": inherited, "inherited": True}
        return Comment(**facts)


def _fields(item: JudgedArticle | JudgedComment) -> Mapping[str, str]:
    if isinstance(item, JudgedArticle):
        return {"title": item.title, "text": item.text}
    return {"text": item.text}
