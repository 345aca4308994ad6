"""Publishers that mean no good, each on a host of its own, so that none is spared by the politeness towards another."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle, islice

from tests.web import item, rss

MEGABYTE = 1024 * 1024
ODD = "".join(
    map(chr, (0x00, 0x07, 0x1B, 0x7F, 0x85, 0x200B, 0x202E, 0x2028, 0xFEFF, 0xFFFE, 0xFFFF, 0x1F600, 0x10FFFF))
)
HALVES = "&#xD83D;&#xDE00; &#0; &#xD800; &#x110000;"
LONG = "storm " * (MEGABYTE // 6)
PIECE = 64 * 1024
PAUSE = 0.25
"""Between the bytes of who trickles: often enough that no silence is too long."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The bytes of an answer: `first`, and then `again` for ever, that many seconds apart."""

    first: bytes = b""
    again: bytes = b""
    pause: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Trap:
    """What a hostile host answers with, by path."""

    paths: Mapping[str, Sent]
    asked: list[str] = field(default_factory=list)
    held: set[asyncio.StreamWriter] = field(default_factory=set)

    def end(self) -> None:
        """Break off every connection: a stopping role waits for none of them then."""
        for writer in self.held:
            writer.transport.abort()


def sent(
    body: str | bytes = b"",
    kind: str = "text/html",
    *,
    status: str = "200 OK",
    length: int | None = None,
    **headers: str,
) -> Sent:
    """An answer that ends its connection; `length` is what it claims."""
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(raw) if length is None else length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return Sent(first="\r\n".join([*lines, "Connection: close", "", ""]).encode() + raw)


def endless(kind: str, first: bytes, again: bytes, *, pause: float = 0.0) -> Sent:
    """A body that goes on until the connection ends."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode()
    return Sent(first=head + first, again=again, pause=pause)


RSS = "application/rss+xml"
ENTRY = item("A trap", guid="trap", link="/p")
OPEN = b'<rss version="2.0"><channel><title>On and on</title>'


def feed(
    body: str | bytes, kind: str = RSS, *, status: str = "200 OK", length: int | None = None, **headers: str
) -> Trap:
    """A host with that feed alone."""
    return Trap(paths={"/": sent(body, kind, status=status, length=length, **headers)})


def page(answer: Sent, **others: Sent) -> Trap:
    """A feed in order, and behind it a page that is not."""
    return Trap(
        paths={"/": sent(rss(ENTRY), RSS), "/p": answer} | {f"/{path}": other for path, other in others.items()}
    )


def robots(answer: Sent) -> Trap:
    return Trap(paths={"/": sent(rss(ENTRY), RSS), "/robots.txt": answer})


def fields(text: str) -> str:
    """Every field of a feed's entry holds `text`."""
    names = ("title", "author", "guid", "category", "pubDate", "description", "comments")
    return rss(f"<item><link>/p</link>{''.join(f'<{name}>{text}</{name}>' for name in names)}</item>", title=text)


def metadata(text: str) -> Sent:
    """A page whose every described field holds `text`, or is of another type than it should be."""
    described = {
        "@type": "NewsArticle",
        "headline": text,
        "articleSection": [text, {}, None, 3],
        "keywords": text,
        "author": [{"@type": "Person", "name": text}, {"@id": {"a": []}, "name": [text]}],
        "datePublished": text[:1_000],
        "comment": [{"@type": "Comment", "text": text, "author": {"name": text}}],
    }
    written = json.dumps(described).replace("</", "<\\/")
    return sent(
        f'<html><head><script type="application/ld+json">{written}</script></head><body><p>{text}</p></body></html>'
    )


def sitemap(number: int) -> str:
    rows = "".join(f"<url><loc>/p{at}</loc></url>" for at in range(number))
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'


def with_comments() -> Trap:
    """A comment feed that is a page, and one of many comments."""
    extra = "<wfw:commentRss>/c</wfw:commentRss>"
    entry = item("Commented", guid="c", link="/p", extra=extra)
    answer = sent("<html><body><h1>No feed here</h1></body></html>", RSS)
    return Trap(paths={"/": sent(rss(entry), RSS), "/p": sent("<p>A page.</p>"), "/c": answer})


TRAPS: Mapping[str, Callable[[], Trap]] = {
    "a feed without end": lambda: Trap(paths={"/": endless(RSS, OPEN, ENTRY.encode() * 200)}),
    "a page that trickles": lambda: page(endless("text/html", b"<p>", b"a", pause=PAUSE)),
    "half a surrogate, controls and what XML cannot carry": lambda: feed(fields(ODD.replace("\0", "") + HALVES)),
    "JSON-LD of odd characters": lambda: page(metadata(ODD + "\ud800 & <b>")),
    "JSON-LD of 1 MB fields": lambda: page(metadata(LONG)),
    "a page of 50 MB": lambda: page(sent(b"<p>storm</p>" * (50 * MEGABYTE // 12))),
    "gzip that unfolds past the cap": lambda: feed(gzip.compress(bytes(100 * MEGABYTE), 1), Content_Encoding="gzip"),
    "a wrong Retry-After": lambda: feed("", status="503 Away", Retry_After="-1e309"),
    "a redirect to what may not be dialled": lambda: page(sent(status="302 Found", Location="http://0.0.0.0:1/")),
    "robots.txt that hangs": lambda: robots(Sent()),
    "a feed that trickles": lambda: Trap(paths={"/": endless(RSS, OPEN, b"<", pause=PAUSE)}),
    "a feed of 1 MB fields": lambda: feed(fields(LONG)),
    "half of a feed": lambda: feed(rss(ENTRY, ENTRY)[:-60]),
    "a feed that is a page": lambda: feed("<html><body>Sign in</body></html>", "text/html"),
    "a feed that says it is a picture": lambda: feed(bytes(range(256)) * 400, "image/png"),
    "less than was said": lambda: feed(rss(ENTRY), length=10 * MEGABYTE),
    "more than was said": lambda: feed(rss(ENTRY), length=10),
    "a redirect to itself": lambda: feed("", status="301 Moved", Location="/"),
    "a page that redirects to itself": lambda: page(sent(status="302 Found", Location="/p?again")),
    "a redirect to another scheme": lambda: page(sent(status="302 Found", Location="file:///nowhere")),
    "robots.txt without end": lambda: robots(endless("text/plain", b"User-agent: *\n", b"Disallow: /x\n" * 5_000)),
    "robots.txt that asks for years": lambda: robots(sent("User-agent: *\nCrawl-delay: 1e308\n", "text/plain")),
    "robots.txt of odd bytes": lambda: robots(sent(bytes(range(256)) * 1_000, "text/plain")),
    "a Retry-After of an age": lambda: page(sent(status="429 Slow", Retry_After="99999999999999999999")),
    "lying headers of caches": lambda: feed(
        rss(ENTRY), Cache_Control=f"max-age={'9' * 400}", Expires="0", Age="-1", ETag='"'
    ),
    "a comment feed that is a page": with_comments,
    "a sitemap of 100,000 entries": lambda: feed(sitemap(100_000), "application/xml"),
    "HTML nested deep": lambda: page(sent("<div>" * 2_000 + "deep" + "</div>" * 2_000)),
    "a page of links alone": lambda: page(sent('<a href="/x">x</a>' * 100_000)),
    "a page that stays silent": lambda: page(Sent()),
    "no HTTP at all": lambda: Trap(paths={"/": Sent(first=b"\x00\xff SSH-2.0\r\n\r\n")}),
    "headers without end": lambda: Trap(paths={"/": Sent(first=b"HTTP/1.1 200 OK\r\n", again=b"X-A: b\r\n" * 5_000)}),
    "a wrong charset": lambda: page(sent(b"\xff\xfe\x00<p>\xd8\x00", "text/html; charset=utf-99")),
    "a JSON Feed of wrong types": lambda: feed(
        '{"version":"https://jsonfeed.org/version/1.1","items":[3,{"id":{}}]}', "application/feed+json"
    ),
}


@asynccontextmanager
async def hostile(number: int) -> AsyncIterator[Mapping[str, Trap]]:
    """So many hostile hosts, one kind after another; by the URL of the feed that leads into each."""
    traps: dict[str, Trap] = {}
    with ExitStack() as stack:
        for at, make in enumerate(islice(cycle(TRAPS.values()), number)):
            trap, host = make(), f"127.0.{1 + at // 200}.{1 + at % 200}"
            server = await asyncio.start_server(_answering(trap), host, 0)
            stack.callback(server.close)
            traps[f"http://{host}:{server.sockets[0].getsockname()[1]}/"] = trap
        yield traps


def _answering(trap: Trap) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        trap.held.add(writer)
        with suppress(OSError, asyncio.IncompleteReadError):
            request = await reader.readuntil(b"\r\n\r\n")
            path = request.split(b" ", 2)[1].decode("ascii", "replace").partition("?")[0]
            trap.asked.append(path)
            await _send(trap.paths.get(path, NOT_HERE), reader, writer)
        trap.held.discard(writer)
        writer.close()

    return answer


NOT_HERE = sent(status="404 Not Found")


async def _send(answer: Sent, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for start in range(0, len(answer.first), PIECE):
        writer.write(answer.first[start : start + PIECE])
        await writer.drain()
    while answer.again:
        writer.write(answer.again)
        await writer.drain()
        await asyncio.sleep(answer.pause)  # the pace of who trickles
    if not answer.first:
        await reader.read()  # silent until the other side has had enough


def unasked(traps: Mapping[str, Trap]) -> Sequence[str]:
    """What nobody has asked for yet."""
    return [f"{url}{path}" for url, trap in traps.items() for path in trap.paths if path not in trap.asked]
