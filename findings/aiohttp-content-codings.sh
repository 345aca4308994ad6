#!/usr/bin/env bash
# aiohttp 3.14.5: a body in two content codings, or in `x-gzip`, is handed out still packed, without an error.
#
# Behaviour: `response.read()` returns the packed bytes as if they were the page. One coding alone, in any case of its
# letters, is unpacked. requests 2.34.2 unpacks all of these, httpx 0.28.1 all but `x-gzip`.
# Expected: the text, or an error. RFC 9110, section 8.4: `Content-Encoding` is a list, in the order in which the
# codings were applied; section 8.4.1.3: a recipient should take `x-gzip` for `gzip`. aiohttp's "Client Reference" says
# of `auto_decompress` (true by default): "Automatically decompress response body".
# Seen: the lines below, with Python 3.11.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room"
"$room/bin/pip" install --quiet --disable-pip-version-check aiohttp==3.14.5 aiohappyeyeballs==2.7.1 aiosignal==1.4.0 \
  attrs==26.1.0 frozenlist==1.8.0 multidict==7.2.1 propcache==0.5.4 yarl==1.25.1 idna==3.20
"$room/bin/python" - <<'PYTHON'
import asyncio
import gzip
import sys
import zlib

import aiohttp
from aiohttp import web

TEXT = b"The same text, again and again. " * 100
SEEN = {  # Content-Encoding: the body, and whether aiohttp unpacks it
    "gzip": (gzip.compress(TEXT), True),
    "GZIP": (gzip.compress(TEXT), True),
    "x-gzip": (gzip.compress(TEXT), False),
    "deflate, gzip": (gzip.compress(zlib.compress(TEXT)), False),
    "gzip, gzip": (gzip.compress(gzip.compress(TEXT)), False),
}


async def page(request: web.Request) -> web.Response:
    coding = request.query["coding"]
    return web.Response(body=SEEN[coding][0], headers={"Content-Encoding": coding})


async def main() -> bool:
    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    changed = False
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        for coding, (body, is_unpacked) in SEEN.items():
            async with session.get(url, params={"coding": coding}) as response:
                content = await response.read()
            print(f"{coding:14} {'the text' if content == TEXT else 'packed bytes' if content == body else 'neither'}")
            changed = changed or content != (TEXT if is_unpacked else body)
    await runner.cleanup()
    return changed


sys.exit("changed: this finding is outdated" if asyncio.run(main()) else 0)
PYTHON
