"""What the role remembers of a feed between two polls."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from wiredesk.documents.feed import Hints
from wiredesk.outbound.door import Answer
from wiredesk.roles.feeds.failures import Failures
from wiredesk.roles.feeds.rhythm import Rhythm

AUDIT_EVERY = 100
"""One poll in so many asks without conditions, to find servers that answer 304 whatever happened."""

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
    """Opaque to the database. `listed` are the last document's items by digest of the raw item."""

    etag: str = ""
    last_modified: str = ""
    body_digest: bytes = b""
    listed: dict[bytes, tuple[str, str, str]] = {}  # entry id, revision, mark of the link
    window: int = 0
    hint_seconds: float = 0.0
    rhythm: Rhythm | None = None
    failures: Failures = Failures()
    moved: Moved = Moved()
    polls: int = 0
    liar_since: datetime | None = None  # it answered 304, or with the same ETag, though the body had changed

    @property
    def is_first(self) -> bool:
        """Whether no document has been read yet."""
        return self.rhythm is None

    @property
    def hints(self) -> Hints:
        """The document's own wish, which holds on 304 as well."""
        return Hints(ttl=timedelta(seconds=self.hint_seconds)) if self.hint_seconds else Hints()

    def conditions(self, *, now: datetime) -> dict[str, str]:
        """Headers of the next request: the validators, unless they lie or it is time to check that."""
        is_liar = self.liar_since is not None and now - self.liar_since < TRUST_AGAIN
        if is_liar or self.is_audit:
            return {}
        conditions = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in conditions.items() if value}

    @property
    def is_audit(self) -> bool:
        """Whether the next poll asks without conditions."""
        return self.polls % AUDIT_EVERY == AUDIT_EVERY - 1

    def caught_lying(self, answer: Answer, digest: bytes) -> bool:
        """Whether an unconditional answer shows that the validators say nothing: another body, the same ETag."""
        same = self.etag and answer.headers.get("etag", "") == self.etag
        return bool(self.is_audit and same and self.body_digest and digest != self.body_digest)


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
