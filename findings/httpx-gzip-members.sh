#!/usr/bin/env bash
# httpx 0.28.1: of a gzip body made of several members only the first is handed out, without an error.
#
# Behaviour: `response.content` and `iter_bytes()` end with the first member. Status, `Content-Length` and the number of
# bytes received are right, so nothing tells that the rest is missing. requests 2.34.2, aiohttp 3.14.5 and Python's
# `gzip.decompress` return the whole.
# Expected: the whole. RFC 1952, section 2.2: "A gzip file consists of a series of 'members'"; RFC 9110, section 8.4.1.3
# makes the content coding `gzip` that format; httpx's "QuickStart", section "Binary Response Content": gzip is decoded
# for the caller. Servers that join parts packed beforehand send such bodies.
# Seen: 12,000 of 26,000 bytes, with Python 3.11. A change was proposed in 2024 (encode/httpx, pull request 3270) and
# closed.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room"
"$room/bin/pip" install --quiet --disable-pip-version-check httpx==0.28.1 httpcore==1.0.9 h11==0.16.0 anyio==4.16.0 \
  idna==3.20 certifi==2026.10.19.post1
"$room/bin/python" - <<'PYTHON'
import gzip
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx

FIRST, SECOND = b"first " * 2_000, b"second " * 2_000
BODY = gzip.compress(FIRST) + gzip.compress(SECOND)


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *arguments: object) -> None:
        """Quiet."""


with HTTPServer(("127.0.0.1", 0), Page) as server:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        response = httpx.get(f"http://127.0.0.1:{server.server_port}/", timeout=10, trust_env=False)
    finally:
        server.shutdown()
        thread.join()

whole = gzip.decompress(BODY)
print(f"gzip.decompress: {len(whole):,} bytes")
print(f"httpx: status {response.status_code}, {response.num_bytes_downloaded} of {len(BODY)} bytes received, ", end="")
print(f"content of {len(response.content):,} bytes")
if whole != FIRST + SECOND or response.num_bytes_downloaded != len(BODY) or response.content != FIRST:
    sys.exit("changed: this finding is outdated")
PYTHON
