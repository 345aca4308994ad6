"""URLs as they may be told: without what may be secret in them."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from wiredesk import urls
from wiredesk.events import digest

LONGEST_URL = 150

_SECRET_NAME = re.compile(r"key$|token|secret|passw|^pwd$|^auth|^sig$|signature|^private")

_BEFORE_HOST = re.compile(r"(^[^/@]*//)?.*@", re.DOTALL)


def shown(url: str) -> str:
    """`url` for logs, metrics and errors: without a user, a query, and what is too long; a digest tells such ones apart."""
    plain_url = urls.without_login(url) if urls.is_http(url) else masked(url)
    plain = plain_url.partition("?")[0].partition("#")[0][:LONGEST_URL]
    return plain if plain == plain_url else f"{plain}?{digest('feed', plain_url)[:8]}"


def receiver(url: str) -> str:
    """Where webhooks go, told apart by a digest: of such a URL all that follows the host may be the secret."""
    plain, host = urls.without_login(url), f"{urls.origin_of(url)}/"
    return host if plain in (host, host.removesuffix("/")) else f"{host}…{digest('endpoint', plain)[:8]}"


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


def secret_parameters(url: str) -> tuple[str, ...]:
    """The parameters in the query of `url` whose names say that they are a secret."""
    names = (name for name, value in parse_qsl(urlsplit(url).query) if value)
    return tuple(dict.fromkeys(name for name in names if _SECRET_NAME.search(name.lower())))
