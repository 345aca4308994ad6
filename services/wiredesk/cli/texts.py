"""A text given to a command: itself, a file, a URL, or standard input."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from wiredesk.cli.fetching import bytes_of, is_url
from wiredesk.config import Config
from wiredesk.errors import Misconfigured
from wiredesk.text.charsets import decoded


@dataclass(frozen=True, slots=True, kw_only=True)
class InputText:
    """A text and its title, if it has one."""

    title: str = ""
    text: str


async def input_text(config: Config, what: str) -> InputText:
    """What a URL, a file, `-` for standard input, or else the text itself says; of HTML the article.

    Raises `Misconfigured` where there is none, and `FetchFailed`.
    """
    if is_url(what):
        return await _article(config, what)
    if what == "-":
        return InputText(text=sys.stdin.read())
    path = Path(what)
    if not _is_file(path):
        return InputText(text=what)
    body = bytes_of(path)
    if body.lstrip()[:1] == b"<":
        return await _article(config, what)
    return InputText(text=decoded(body))


async def _article(config: Config, page: str) -> InputText:
    from wiredesk.cli.extract import FILE_URL, page_of

    extraction = await page_of(config, page, FILE_URL)
    if extraction.body is None:
        raise Misconfigured(f"{page}: no article found in it; `wiredesk extract` shows what is")
    return InputText(title=extraction.metadata.title, text=extraction.body.text)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a text too long for a name
        return False
