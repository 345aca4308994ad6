"""What a URL or a file holds, for commands that take either."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from wiredesk import urls
from wiredesk.backends import door_of
from wiredesk.config import Config
from wiredesk.errors import Misconfigured
from wiredesk.outbound.door import Answer
from wiredesk.redaction import masked

_NONE: Mapping[str, str] = {}


def is_url(text: str) -> bool:
    """Whether it is a URL and no file."""
    return text.startswith(("http://", "https://"))


async def answer_of(config: Config, url: str, *, max_bytes: int, headers: Mapping[str, str] = _NONE) -> Answer:
    """The answer of a URL that can be had. Raises `Misconfigured` where it is no 200, and `FetchFailed`."""
    async with door_of(config) as door:
        ports = [urls.port_of(url)] if urls.is_http(url) else []
        answer = await door.get(url, headers=headers, max_bytes=max_bytes, ports=ports)
    if answer.status != 200:
        raise Misconfigured(f"{masked(url)} answered {answer.status}, expected 200")
    return answer


def bytes_of(path: Path) -> bytes:
    """The content of a file that stands where a URL may. Raises `Misconfigured`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}; expected a URL or a file") from error
