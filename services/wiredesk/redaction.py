"""URLs as they may be told: without what may be secret in them."""

from __future__ import annotations

import re

from wiredesk import urls
from wiredesk.events import digest

LONGEST_URL = 150

_BEFORE_HOST = re.compile(r"(^[^/@]*//)?.*@", re.DOTALL)


def shown(url: str) -> str:
    """`url` for logs, metrics and errors: without a user, a query, and what is too long; a digest tells such ones apart."""
    plain_url = urls.without_login(url) if urls.is_http(url) else masked(url)
    plain = plain_url.partition("?")[0].partition("#")[0][:LONGEST_URL]
    return plain if plain == plain_url else f"{plain}?{digest('feed', plain_url)[:8]}"


def masked(text: str) -> str:
    """What was given as a URL and may be none, without what may be secret in it: for complaints.

    A password that was not escaped may hold any character, so what stands before the last `@` goes as well.
    """
    plain = (
        urls.without_login(text) if urls.is_http(text) else _BEFORE_HOST.sub(lambda match: f"{match[1] or ''}…@", text)
    )
    beginning, mark, _ = plain.partition("?")
    return f"{beginning}{mark}{'…' if mark else ''}"


def place(url: str) -> str:
    """Scheme, hosts and path of a server's URL, without login and options; it may name several hosts."""
    return masked(url).partition("#")[0].removesuffix("?…").replace("…@", "")
