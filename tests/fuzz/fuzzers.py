"""Each fuzzer: what it writes, what reads it, and the promise that holds whatever was written.

What reads publishers' bytes runs in a worker process with the limits of its role: it ends within them, gives a value or
`Malformed`, and never a bug. The value leads to events that can be stored, sent and shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from anyio.from_thread import BlockingPortal
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.events.test_collecting import assert_whole
from tests.fuzz import strategies
from wiredesk import events, urls
from wiredesk.bus import MAX_VALUE_BYTES
from wiredesk.documents import opml
from wiredesk.errors import Malformed, Misconfigured
from wiredesk.events.collecting import publishable
from wiredesk.outbound.door import Answer
from wiredesk.outbound.robots import LIMITS as ROBOTS_LIMITS
from wiredesk.outbound.robots import RobotsRules, parsed
from wiredesk.roles.feeds import subscriptions
from wiredesk.roles.feeds.hints import from_headers
from wiredesk.roles.feeds.reading import FeedReading, Source, read
from wiredesk.roles.geotag import places_toml
from wiredesk.roles.notify import outcome, rules
from wiredesk.roles.pages.extract.comments import FoundComment
from wiredesk.roles.pages.extract.feed_content import body_of_entry, read_comments
from wiredesk.roles.pages.extract.page import ExtractedPage, extract
from wiredesk.roles.pages.look import build, identity
from wiredesk.roles.pages.look.fetching import LIMITS
from wiredesk.roles.web.cursors import Cursors
from wiredesk.workers import WorkerLimits, Workers

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
URL = "https://herald.example/news/1"
FEED = "https://herald.example/rss"
SOURCE = Source(feed=FEED, url=FEED, content_type="", content_location="", seen_at=NOW)
ENTRY = events.Entry(
    id="e", feed=FEED, guid="g", url=URL, title="Ferry", revision="r", times=events.Times(seen=NOW, published=NOW)
)
SIGHTING = build.PageSighting(
    entry=ENTRY, addresses=identity.addresses(None, final=URL, link=URL), article_id="a", fetched_at=NOW, now=NOW
)


class Bench:
    """A worker process that lasts from one example to the next."""

    def __init__(self, portal: BlockingPortal) -> None:
        self._portal, self._workers = portal, Workers(1)

    def read(self, function: Callable[..., Any], *args: object, limits: WorkerLimits = LIMITS) -> Any:
        """What the work gives; None where it is `Malformed`. Anything else that it raises is a new kind."""
        try:
            return self._portal.call(partial(self._workers.run, function, *args, limits=limits))
        except Malformed:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuzzer:
    """`holds` raises where the promise is broken."""

    name: str
    inputs: SearchStrategy[Any]
    holds: Callable[[Bench, Any], None]


def _feed(bench: Bench, body: bytes) -> None:
    reading: FeedReading | None = bench.read(read, body, SOURCE, {})
    for entry in reading.entries if reading else ():
        assert_whole(entry)
        assert urls.is_http(entry.url)
        bench.read(body_of_entry, entry.content, entry.summary)
    if reading:
        again: FeedReading = bench.read(read, body, SOURCE, reading.listed)
        assert {name for name, _ in again.pairs} == {name for name, _ in reading.pairs}


def _neighbour(bench: Bench, odd: str) -> None:
    """Odd text within an item, its element closed, costs the items around it nothing."""
    fields = f"<title>{odd}</title><description>{odd}</description>"
    items = [
        f"<item>{strategies.LINK.format(name)}{rest}</item>" for name, rest in (("a", ""), ("b", fields), ("c", ""))
    ]
    reading: FeedReading = bench.read(read, strategies.as_bytes(strategies.RSS.format("", "".join(items))), SOURCE, {})
    assert {"https://herald.example/a", "https://herald.example/c"} <= {entry.url for entry in reading.entries}


def _page(bench: Bench, body: bytes) -> None:
    page: ExtractedPage | None = bench.read(extract, body, URL, None)
    if page is None:
        return
    if (article := build.from_page(page, SIGHTING)) is not None:
        assert_whole(article)
    _comments(page.comments)


def _comment_feed(bench: Bench, body: bytes) -> None:
    _comments(bench.read(read_comments, body, FEED, "") or ())


def _comments(comments: tuple[FoundComment, ...]) -> None:
    seen = build.comment_events(comments, method="feed", sighting=SIGHTING)
    assert len({one.event.id for one in seen}) == len(seen)
    for one in seen:
        assert_whole(one.event)


def _opml(bench: Bench, body: bytes) -> None:
    listed = bench.read(opml.read, body)
    if listed:
        assert all(urls.is_http(outline.url) for outline in listed.outlines)
        assert [one.url for one in opml.read(opml.write(listed.outlines, title="x")).outlines] == [
            one.url for one in listed.outlines
        ]


def _robots(bench: Bench, body: bytes) -> None:
    found = bench.read(parsed, body, limits=ROBOTS_LIMITS)
    if found:
        robots_rules = RobotsRules(parsed=found)
        assert robots_rules.allow(URL, "wiredesk") in (True, False)
        assert timedelta() <= robots_rules.crawl_delay("wiredesk") <= timedelta(seconds=30)


def _reason(_: Bench, reason: str) -> None:
    change = events.FeedChanged(feed=FEED, change="failing", reason=reason, at=NOW)
    assert_whole(publishable(change, max_bytes=MAX_VALUE_BYTES))


def _cursor(_: Bench, text: str) -> None:
    try:
        Cursors(b"a secret of some length").read(text, filters="q")
    except ValueError as error:
        assert "earlier page" in str(error)  # noqa: PT017 - one of two outcomes
    else:
        raise AssertionError(f"{text!r} was taken")


def _toml(from_toml: Callable[..., object]) -> Callable[[Bench, bytes], None]:
    def holds(_: Bench, body: bytes) -> None:
        try:
            from_toml(body, name="file.toml")
        except Misconfigured as error:
            assert str(error).startswith(("file.toml:", "file.toml, line "))  # noqa: PT017 - one of two outcomes

    return holds


def _answer(_: Bench, given: tuple[int, Mapping[str, str], int]) -> None:
    status, headers, tries = given
    answer = Answer(status=status, url=URL, headers=headers, body=b"")
    what = outcome.after_answer(answer, tries=tries, jitter=0.5, now=NOW)
    assert (what.status == "delivered") == (200 <= status < 300)
    assert what.wait is None or timedelta() <= what.wait <= outcome.LONGEST_WAIT
    assert what.pause is None or timedelta() <= what.pause <= outcome.LONGEST_WAIT
    hint = from_headers(headers, now=NOW)
    assert hint is None or hint > timedelta()


FEEDS_TOML = (
    '[[feed]]\nurl = "https://a.example/rss"\npriority = 2\n[[feed]]\nurl = "https://b.example/rss"\npaused = true\n'
)
RULES_TOML = (
    '[[endpoint]]\nname = "ops"\nurl = "https://hooks.example/1"\nsecret_env = "OPS"\n'
    '[[rule]]\nname = "front"\nquery = \'region:SY-HL AND (manbij OR "al bab") AND NOT kind:comment\'\nendpoints = ["ops"]\n'
)
PLACES_TOML = (
    '[[place]]\nname = "Camp Grey"\nlatitude = 35.1\nlongitude = 38.2\ncountry = "SY"\n'
    '[[area]]\ncode = "grey-strip"\nname = "Strip"\ncircles = [{ latitude = 35, longitude = 38, km = 5 }]\n[ignore]\nnames = ["Mobile"]\n'
)

FUZZERS = (
    Fuzzer(name="feeds", inputs=strategies.feeds, holds=_feed),
    Fuzzer(
        name="neighbours in a feed",
        inputs=strategies.words | st.sampled_from(strategies.FRAGMENTS[:6]),
        holds=_neighbour,
    ),
    Fuzzer(name="pages", inputs=strategies.pages, holds=_page),
    Fuzzer(name="comment feeds", inputs=strategies.feeds, holds=_comment_feed),
    Fuzzer(name="opml", inputs=strategies.opml, holds=_opml),
    Fuzzer(name="robots", inputs=strategies.robots, holds=_robots),
    Fuzzer(name="reasons of feeds", inputs=strategies.odd_text, holds=_reason),
    Fuzzer(name="cursors", inputs=strategies.any_text, holds=_cursor),
    Fuzzer(name="feeds.toml", inputs=strategies.toml(FEEDS_TOML), holds=_toml(subscriptions.from_toml)),
    Fuzzer(name="rules.toml", inputs=strategies.toml(RULES_TOML), holds=_toml(rules.from_toml)),
    Fuzzer(name="places.toml", inputs=strategies.toml(PLACES_TOML), holds=_toml(places_toml.from_toml)),
    Fuzzer(
        name="answers of webhooks",
        inputs=st.tuples(st.integers(100, 599), strategies.headers, st.integers(1, 12)),
        holds=_answer,
    ),
)
