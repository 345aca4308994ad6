"""Real feed files and real pages through the whole embedded pipeline, and what became of each.

python -m tests.eval.wire DATA_DIR [PAGES]

DATA_DIR holds `feeds/` and `extraction/`. A local site serves the feed files as they are, and PAGES (60) of the pages
behind a feed of its own; it is the proxy of the run as well, and answers 410 for every page on the web, so that
nothing leaves this machine. The table goes to standard output; the exit status is 1 where an entry of a readable
feed did not arrive, a page's article is not stored, or a role crashed.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path

from aiohttp import web
from rich.console import Console
from rich.table import Table

from tests.pipeline.running import Ended, environment, wiredesk
from wiredesk import config
from wiredesk.backends import bus_of, database_of
from wiredesk.bus.records import header, to_event
from wiredesk.database.feeds import FeedStatus
from wiredesk.database.items import StoredItem
from wiredesk.documents.parse import parse
from wiredesk.errors import Malformed
from wiredesk.events import Entry

PATIENCE = 1_200.0
SPOOL = "pages.xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Bodies by path of the local site; `expected` entries by feed path, None where the file is no feed."""

    feeds: Mapping[str, bytes]
    pages: Mapping[str, bytes]
    expected: Mapping[str, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What the run left behind."""

    ended: Ended
    seconds: float
    entries: Mapping[str, set[str]]
    dead: Counter[str]
    status: Sequence[FeedStatus]
    items: Sequence[StoredItem]


def corpus(folder: Path, pages: int) -> Corpus:
    """The real feed files, and an even choice of the pages with an article."""
    listed = [json.loads(line) for line in (folder / "feeds" / "index.jsonl").read_text("utf-8").splitlines()]
    feeds = {
        f"/feeds/{row['file']}": (folder / "feeds" / row["file"]).read_bytes()
        for row in listed
        if row["kind"] == "real"
    }
    rows = [json.loads(line) for line in (folder / "extraction" / "index.jsonl").read_text("utf-8").splitlines()]
    articles = [row for row in rows if row["kind"] == "articles"]
    chosen = articles[:: max(1, len(articles) // pages)][:pages]
    served = {
        f"/pages/{row['id']}": gzip.decompress((folder / "extraction" / row["html"]).read_bytes()) for row in chosen
    }
    return Corpus(feeds=feeds, pages=served, expected={path: _entries(body) for path, body in feeds.items()})


def _entries(body: bytes) -> int | None:
    """How many entries with a link the file has; None where it is no feed."""
    try:
        document = parse(body, url="http://127.0.0.1/feed")
    except Malformed:
        return None
    return len({entry.guid or entry.url for entry in document.entries if entry.url})


@asynccontextmanager
async def served(made: Corpus) -> AsyncIterator[str]:
    """The local site and proxy; its URL."""

    async def answer(request: web.Request) -> web.Response:
        if request.method == "CONNECT" or request.headers.get("Host") != own:
            return web.Response(status=410, text="nothing leaves this machine")
        if request.path == f"/{SPOOL}":
            return web.Response(body=spool, content_type="application/rss+xml")
        body = made.feeds.get(request.path) or made.pages.get(request.path)
        if body is None:
            return web.Response(status=404)
        return web.Response(body=body, content_type="application/xml" if request.path in made.feeds else "text/html")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    own = f"127.0.0.1:{runner.addresses[0][1]}"
    links = "".join(f"<item><title>{escape(path)}</title><link>http://{own}{path}</link></item>" for path in made.pages)
    spool = f'<rss version="2.0"><channel><title>Pages</title>{links}</channel></rss>'.encode()
    try:
        yield f"http://{own}"
    finally:
        await runner.cleanup()


async def run(made: Corpus, home: Path) -> Result:
    """The whole corpus through one run until idle."""
    async with served(made) as url:
        listed = home / "feeds.toml"
        feeds = [*made.feeds, f"/{SPOOL}"]
        listed.write_text("".join(f'[[feed]]\nurl = "{url}{path}"\n' for path in feeds), "utf-8")
        env = environment(
            home, WIREDESK_OUTBOUND_PROXY=url, WIREDESK_FEEDS_FILE=str(listed), WIREDESK_LOG_LEVEL="warning"
        )
        started = time.monotonic()
        ended = await wiredesk("run", "--until-idle", env=env, patience=PATIENCE)
        seconds = time.monotonic() - started
    return await _left_behind(config.load(env), url, ended, seconds)


async def _left_behind(settings: config.Config, url: str, ended: Ended, seconds: float) -> Result:
    entries: dict[str, set[str]] = {}
    dead: Counter[str] = Counter()
    async with bus_of(settings, client="eval") as bus, database_of(settings) as database:
        async for record in bus.browse(f"{settings.prefix}.entries"):
            event = to_event(record)
            assert isinstance(event, Entry)
            entries.setdefault(event.feed.removeprefix(url), set()).add(event.id)
        async for record in bus.browse(f"{settings.prefix}.dead"):
            dead[header(record, "dead_reason")] += 1
        status = await database.feeds.status()
        items: list[StoredItem] = []
        while found := await database.items.after(items[-1].seq if items else 0, limit=200):
            items += found
    return Result(ended=ended, seconds=seconds, entries=entries, dead=dead, status=status, items=items)


def faults(made: Corpus, result: Result) -> list[str]:
    """Everything that should have been otherwise."""
    found = [] if result.ended.status in (0, 3) else [f"exit status {result.ended.status}: {result.ended.err[-500:]}"]
    found += [f"a traceback in the log: {result.ended.err[-500:]}"] * ("Traceback" in result.ended.err)
    for path, expected in made.expected.items():
        came = len(result.entries.get(path, ()))
        if expected is not None and came < expected:
            found.append(f"{path}: {came} of {expected} entries arrived")
    had = {item.event.fetched_url.partition("/pages/")[2] for item in result.items if item.kind == "article"}  # type: ignore[union-attr]
    seen = {source.url.partition("/pages/")[2] for item in result.items for source in item.sources}
    found += [f"{path}: no article stored" for path in made.pages if path.partition("/pages/")[2] not in had | seen]
    return found


def table(made: Corpus, result: Result) -> Table:
    """What became of everything, and why."""
    articles = [item for item in result.items if item.kind == "article"]
    of_pages = [item for item in articles if item.event.extraction.source == "page"]
    shown = Table("what", "how many", "why", title="Feeds and pages through the wire")
    shown.add_row("feeds served", str(len(made.feeds) + 1))
    shown.add_row("feeds read", str(sum(feed.state == "ok" for feed in result.status)))
    for feed in result.status:
        if feed.state != "ok":
            shown.add_row("feed failed", "1", feed.reason[-120:])
    shown.add_row("entries arrived", str(sum(len(ids) for ids in result.entries.values())))
    shown.add_row("articles stored from pages", str(len(of_pages)))
    shown.add_row(
        "articles stored, degraded", str(len(articles) - len(of_pages)), "page not to be had: the feed's own content"
    )
    shown.add_row("comments stored", str(len(result.items) - len(articles)))
    shown.add_row("copies", str(sum(len(item.sources) for item in articles)), "noted as sources of their original")
    for reason, count in result.dead.most_common():
        shown.add_row("dead", str(count), reason)
    waiting = sum(line.startswith("waiting:") for line in result.ended.err.splitlines())
    shown.add_row("waiting", str(waiting), "page not to be had now, no content in the feed: tried again later")
    shown.add_row("seconds", f"{result.seconds:.0f}")
    return shown


def main() -> None:
    """Run, print, judge."""
    folder = Path(sys.argv[1])
    if not folder.is_dir():
        sys.exit(f"SKIPPED: {folder} is not there")
    made = corpus(folder, int(sys.argv[2]) if len(sys.argv) > 2 else 60)
    with tempfile.TemporaryDirectory() as home:
        result = asyncio.run(run(made, Path(home)))
    Console(width=140).print(table(made, result))
    found = faults(made, result)
    print("\n".join(found) or "every entry arrived, every page's article is stored, nothing crashed", file=sys.stderr)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
