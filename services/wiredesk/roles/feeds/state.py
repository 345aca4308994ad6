"""What the role remembers of a feed between two polls."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

import msgspec

from wiredesk.documents.feed import Hints
from wiredesk.outbound.door import Answer
from wiredesk.roles.feeds.failures import Failures
from wiredesk.roles.feeds.rhythm import Rhythm

AUDIT_EVERY = 100
"""One poll in so many asks without conditions, to find servers that answer 304 whatever happened."""

NOTED_AGAIN = timedelta(hours=12)
"""How often all that a document lists is noted as shown; else what is new in it alone."""

Listed: TypeAlias = Mapping[bytes, tuple[str, str, str]]
"""Entry id, revision and mark of the link of a document's items, by digest of the raw item."""

TRUST_AGAIN = timedelta(days=7)
MOVED_SIGHTINGS, MOVED_FOR = 5, timedelta(days=7)
MOVED_TO_HTTPS_SIGHTINGS = 2


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """A permanent redirect as seen so far; it is followed, and proposed once it has proved itself."""

    to: str = ""
    since: datetime | None = None
    sightings: int = 0

    def seen(self, answer: Answer, *, now: datetime) -> Moved:
        """With one more answer."""
        target = answer.moved_permanently_to
        if not target:
            return Moved()
        if target != self.to:
            return Moved(to=target, since=now, sightings=1)
        return Moved(to=target, since=self.since, sightings=self.sightings + 1)

    def is_proved(self, url: str, *, now: datetime) -> bool:
        """Whether operators should move their subscription: seen 5 times over 7 days, twice for http to https."""
        if self.to == url.replace("http://", "https://", 1) != url:
            return self.sightings >= MOVED_TO_HTTPS_SIGHTINGS
        return self.since is not None and self.sightings >= MOVED_SIGHTINGS and now - self.since >= MOVED_FOR


class PollState(msgspec.Struct, frozen=True, kw_only=True):
    """Opaque to the database, and equal to the last where nothing happened: then it is not written."""

    etag: str = ""
    last_modified: str = ""
    body_digest: bytes = b""
    listed: dict[bytes, tuple[str, str, str]] = {}  # as of versions that kept it here
    noted_at: datetime | None = None  # when all that the document listed was noted as shown
    window: int = 0
    hint_seconds: float = 0.0
    rhythm: Rhythm | None = None
    failures: Failures = Failures()
    moved: Moved = Moved()
    liar_since: datetime | None = None  # it answered 304, or with the same ETag, though the body had changed

    @property
    def is_first(self) -> bool:
        """Whether no document has been read yet."""
        return self.rhythm is None

    @property
    def hints(self) -> Hints:
        """The document's own wish, which holds on 304 as well."""
        return Hints(ttl=timedelta(seconds=self.hint_seconds)) if self.hint_seconds else Hints()

    def conditions(self, *, now: datetime, is_audit: bool) -> dict[str, str]:
        """Headers of the next request: the validators, unless they lie or it is time to check that."""
        is_liar = self.liar_since is not None and now - self.liar_since < TRUST_AGAIN
        if is_liar or is_audit:
            return {}
        conditions = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in conditions.items() if value}

    def caught_lying(self, answer: Answer, digest: bytes) -> bool:
        """Whether an answer to an audit shows that the validators say nothing: another body, the same ETag."""
        same = self.etag and answer.headers.get("etag", "") == self.etag
        return bool(same and self.body_digest and digest != self.body_digest)


def is_audit(feed: str, *, now: datetime) -> bool:
    """Whether the poll at `now` asks without conditions: one in a hundred, by a hash of feed and second."""
    moment = f"{int(now.timestamp())} {feed}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(moment, digest_size=4).digest()) % AUDIT_EVERY == 0


def encode(state: PollState) -> bytes:
    """The state as the database keeps it."""
    return msgspec.msgpack.encode(state)


def decode(stored: bytes | None) -> PollState:
    """The state as it was stored; a new one where nothing, or nothing legible, was: that costs one full poll."""
    if not stored:
        return PollState()
    try:
        return msgspec.msgpack.decode(stored, type=PollState)
    except msgspec.MsgspecError:
        return PollState()


def encode_listed(listed: Listed) -> bytes:
    """What a document listed as the database keeps it."""
    return msgspec.msgpack.encode(listed)


def decode_listed(stored: bytes | None) -> Listed:
    """What the last document listed; nothing where nothing, or nothing legible, was stored: that costs a full reading."""
    if not stored:
        return {}
    try:
        return msgspec.msgpack.decode(stored, type=dict[bytes, tuple[str, str, str]])
    except msgspec.MsgspecError:
        return {}
