"""Decides new, revision or duplicate by what is known, in one pure step for a whole batch.

In order: the capture is known (a replay: the verdict given then) · the same text from another article (a copy, unless
it is a correction) · the article itself is known (a changed text or title is a revision, never a duplicate) · its
declared origin is known, or a likely copy is found by sketch (copy, or an update that tells more).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from wiredesk.events import Verdict
from wiredesk.roles.dedupe.compare import LATE_SECONDS, SHORT_TOKENS, likeness, title_likeness
from wiredesk.roles.dedupe.memory import (
    ArticleRecord,
    Judgement,
    StoryTally,
    key,
    pack_judgement,
    pack_record,
    ref_of,
    unpack_judgement,
    unpack_record,
)
from wiredesk.roles.dedupe.model import UPDATE, decide, probability
from wiredesk.roles.dedupe.sketch import Sketch
from wiredesk.state.seen import MAX_POSTINGS, Candidates, Lookup, Update, likest

MIN_TOKENS = 12
"""Shorter texts are compared as wholes only."""

MIN_TITLE_LIKENESS = 0.34
"""What titles of short equal texts must share: notices of two companies have equal bodies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleSighting:
    """An article as it is judged; ids are bytes, `at` Unix seconds of the item's own clock."""

    article: bytes
    capture: bytes
    origin: bytes
    source: str
    at: int
    first_seen: int
    sketch: Sketch

    def ask(self) -> Lookup:
        """The look-ups that judging needs."""
        keys = [key("c", self.capture), key("f", self.sketch.fingerprint), key("a", self.article)]
        if self.origin:
            keys.append(key("a", self.origin))
        return Lookup(at=self.at, keys=tuple(keys), hashes=self.hashes())

    def hashes(self) -> tuple[bytes, ...]:
        """The hashes for index and look-up; none for a text too short to compare."""
        return self.sketch.index() if self.sketch.tokens >= MIN_TOKENS else ()


@dataclass(slots=True, kw_only=True)
class Batch:
    """What earlier items of the same batch add to the memory."""

    values: dict[bytes, bytes] = field(default_factory=dict)
    postings: dict[bytes, list[bytes]] = field(default_factory=dict)
    records: dict[bytes, bytes] = field(default_factory=dict)
    stories: dict[bytes, bytes] = field(default_factory=dict)

    def take(self, write: Update) -> None:
        """Earlier items count as known."""
        self.values.update(write.values)
        if write.record:
            self.records[write.ref] = write.record
        if write.story:
            self.stories[write.story] = write.story_value
        for hashed in write.hashes:
            refs = self.postings.setdefault(hashed, [])
            if len(refs) < MAX_POSTINGS:
                refs.append(write.ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The memory as one item sees it: the state's answer, overlaid with the earlier items of the batch."""

    answer: Candidates
    batch: Batch

    def value(self, name: bytes) -> bytes | None:
        """The value of a key."""
        return self.batch.values.get(name) or self.answer.values.get(name)

    def record(self, ref: bytes) -> ArticleRecord | None:
        """The record under a reference."""
        packed = self.batch.records.get(ref) or self.answer.records.get(ref)
        return unpack_record(packed) if packed else None

    def tally(self, story: bytes) -> StoryTally | None:
        """The members of a story."""
        packed = self.batch.stories.get(ref_of(story)) or self.answer.stories.get(ref_of(story))
        return msgspec.msgpack.decode(packed, type=StoryTally) if packed else None

    def near(self, hashes: Sequence[bytes]) -> list[bytes]:
        """The references of the most similar articles, of state and batch together."""
        counts = dict(self.answer.near)
        for hashed in hashes:
            for ref in self.batch.postings.get(hashed, ()):
                counts[ref] = counts.get(ref, 0) + 1
        return [ref for ref, _ in likest(counts)]


def judge(item: ArticleSighting, view: View) -> tuple[Judgement, Update | None]:
    """The verdict of one article, and what to remember; nothing where it is a replay."""
    packed = view.value(key("c", item.capture))
    if packed:
        return unpack_judgement(packed, campaign=""), None
    verdict, root, is_near_known = _verdict(item, view)
    story = root.story if root else item.article
    tally = view.tally(story) or StoryTally(first_seen=item.first_seen, items=0, sources=())
    is_counted = tally.items > 0 and view.value(key("a", item.article)) is not None
    if not is_counted:
        tally = tally.with_item(item.source, first_seen=item.first_seen)
    judgement = Judgement(verdict=verdict, story=tally.story(story))
    return judgement, _write(item, view, judgement, root, tally, is_filed=not is_near_known)


def _verdict(item: ArticleSighting, view: View) -> tuple[Verdict, ArticleRecord | None, bool]:
    """Verdict, the record it is based on, and whether that record already stands for this text in the index."""
    own = _named(view, key("a", item.article))
    same = _named(view, key("f", item.sketch.fingerprint))
    if own:
        return _of_itself(item, own, same)
    if same and _is_same_text(item, same):
        return _copy(item, same, how="fingerprint", score=1.0), same, True
    origin = _named(view, key("a", item.origin)) if item.origin else None
    candidates = [origin] if origin else []
    candidates += [record for ref in view.near(item.hashes()) if (record := view.record(ref))]
    best: tuple[tuple[bool, float], str, ArticleRecord] | None = None
    for record in candidates:
        # A copy goes before an update, however likely each of them is.
        decision, odds = _against(item, record, is_origin=record is origin)
        if decision and (best is None or (decision != UPDATE, odds) > best[0]):
            best = ((decision != UPDATE, odds), decision, record)
    if best is None:
        return Verdict(kind="new", how="first seen"), None, False
    (_, odds), decision, record = best
    score = round(probability(odds), 3)
    if decision == UPDATE:
        how = "correction" if item.sketch.is_correction else "update"
        return Verdict(kind="revision", of=record.article.hex(), how=how, score=score, changed=("text",)), record, False
    return _copy(item, record, how="origin" if record is origin else "near copy", score=score), record, False


def _named(view: View, name: bytes) -> ArticleRecord | None:
    value = view.value(name)
    return view.record(value[:8]) if value else None


def _of_itself(
    item: ArticleSighting, own: ArticleRecord, same: ArticleRecord | None
) -> tuple[Verdict, ArticleRecord, bool]:
    """The article's own id is known, so its text or title changed: delivered, unless nothing that is read did."""
    changed = []
    if own.sketch.title_digest != item.sketch.title_digest:
        changed.append("title")
    if own.sketch.fingerprint != item.sketch.fingerprint:
        changed.append("text")
    if not changed:
        return _copy(item, own, how="same article", score=1.0), own, True
    verdict = Verdict(kind="revision", of=item.article.hex(), how="same article", changed=tuple(changed))
    return verdict, own, same is not None


def _is_same_text(item: ArticleSighting, same: ArticleRecord) -> bool:
    if item.sketch.tokens < 5 or (item.sketch.is_correction and not same.sketch.is_correction):
        return False
    if item.sketch.tokens >= SHORT_TOKENS:
        return True
    return title_likeness(item.sketch, same.sketch) >= MIN_TITLE_LIKENESS and item.at - same.at <= LATE_SECONDS


def _against(item: ArticleSighting, record: ArticleRecord, *, is_origin: bool) -> tuple[str, float]:
    like = likeness(item.sketch, record.sketch, gap=item.at - record.at)
    if like is None:
        return "", 0.0
    decision, odds = decide(like)
    if not decision and is_origin and like.best >= 0.5 and not like.corrects and not like.numbers.substituted:
        return "copy", odds  # the page itself says that it is one
    return decision, odds


def _copy(item: ArticleSighting, record: ArticleRecord, *, how: str, score: float) -> Verdict:
    of = record.root if record.root != item.article else record.article
    return Verdict(kind="duplicate", of=of.hex(), how=how, score=score)


def _write(
    item: ArticleSighting,
    view: View,
    judgement: Judgement,
    root: ArticleRecord | None,
    tally: StoryTally,
    *,
    is_filed: bool,
) -> Update:
    is_copy = judgement.verdict.kind == "duplicate"
    story = root.story if root else item.article
    record = ArticleRecord(
        article=item.article,
        root=root.root if root and is_copy else item.article,
        story=story,
        at=item.at,
        sketch=item.sketch,
    )
    ref = ref_of(item.capture)
    values = {key("c", item.capture): pack_judgement(ref, judgement), key("a", item.article): ref}
    if view.value(key("f", item.sketch.fingerprint)) is None:
        values[key("f", item.sketch.fingerprint)] = ref  # the first keeps it
    return Update(
        at=item.at,
        values=values,
        ref=ref,
        record=pack_record(record),
        hashes=item.hashes() if is_filed else (),
        story=ref_of(story),
        story_value=msgspec.msgpack.encode(tally),
    )
