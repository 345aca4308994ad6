"""The places and regions of every unique item.

What a source's earlier texts spoke of helps to tell which place a name means, and what an article is about helps with
its comments; a comment that names no place has the regions of its article.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

import msgspec

from wiredesk.events import Article, Comment, JudgedArticle, JudgedComment, Region
from wiredesk.fates import Fate, Passed, Received
from wiredesk.roles.geotag.gazetteer import Gazetteer
from wiredesk.roles.geotag.overlay import NOTHING_OWN, Overlay
from wiredesk.roles.geotag.prior import NOTHING, Sources, of_focus
from wiredesk.roles.geotag.tag import Tagged, tag

REMEMBERED = 20_000
"""Articles whose regions are kept at hand for their comments; others are asked for."""

Focus = tuple[Region, ...]


class Geotag:
    """`focus_of` gives the regions of articles that were tagged before this process began, by id.

    `overlay` is asked for with every batch: the places file may have changed.
    """

    def __init__(
        self,
        gazetteer: Gazetteer,
        *,
        focus_of: Callable[[Sequence[str]], Awaitable[Mapping[str, Focus]]],
        now: Callable[[], datetime],
        overlay: Callable[[], Overlay] = lambda: NOTHING_OWN,
    ) -> None:
        self._gazetteer, self._focus_of, self._now = gazetteer, focus_of, now
        self._overlay = overlay
        self._known: OrderedDict[str, Focus] = OrderedDict()
        self._sources = Sources()

    async def __call__(self, received: Sequence[Received[JudgedArticle | JudgedComment]]) -> Sequence[Fate]:
        """One public event per unique one."""
        items = [item.value for item in received]
        await self._ask_for_missing(items)
        tagged = await asyncio.to_thread(self._tag_all, items)
        now = self._now()
        return [
            Passed(outputs=(self._event(item, tagged_item, now),))
            for item, tagged_item in zip(items, tagged, strict=True)
        ]

    def _tag_all(self, items: Sequence[JudgedArticle | JudgedComment]) -> list[Tagged]:
        overlay = self._overlay()
        return [
            self._article(item, overlay) if isinstance(item, JudgedArticle) else self._comment(item, overlay)
            for item in items
        ]

    def _article(self, article: JudgedArticle, overlay: Overlay) -> Tagged:
        fields = {"title": article.title, "text": article.text}
        tagged_item = tag(fields, self._gazetteer, self._sources.prior(article.source), overlay=overlay)
        self._sources.learn(article.source, tagged_item.places)
        self._remember(article.id, tagged_item.regions)
        return tagged_item

    def _comment(self, comment: JudgedComment, overlay: Overlay) -> Tagged:
        focus = self._known.get(comment.article_id, ())
        return tag({"text": comment.text}, self._gazetteer, of_focus(focus) if focus else NOTHING, overlay=overlay)

    def _remember(self, article_id: str, regions: Focus) -> None:
        self._known[article_id] = regions
        self._known.move_to_end(article_id)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def _ask_for_missing(self, items: Sequence[JudgedArticle | JudgedComment]) -> None:
        here = {item.id for item in items if isinstance(item, JudgedArticle)}
        article_ids = {item.article_id for item in items if isinstance(item, JudgedComment)}
        missing_ids = article_ids - here - self._known.keys()
        if missing_ids:
            for article_id, regions in (await self._focus_of(sorted(missing_ids))).items():
                self._remember(article_id, regions)

    def _event(self, item: JudgedArticle | JudgedComment, tagged_item: Tagged, now: datetime) -> Article | Comment:
        facts = msgspec.structs.asdict(item) | {
            "times": msgspec.structs.replace(item.times, geotagged=now),
            "places": tagged_item.places,
            "regions": tagged_item.regions,
        }
        if isinstance(item, JudgedArticle):
            return Article(**facts)
        inherited = self._known.get(item.article_id, ()) if not tagged_item.regions else ()
        if inherited:
            facts |= {"regions": inherited, "inherited": True}
        return Comment(**facts)
