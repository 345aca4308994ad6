"""`wiredesk extract`: one page taken apart, for people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wiredesk.cli.fetching import answer_of, bytes_of, is_url
from wiredesk.cli.output import json_line, line
from wiredesk.cli.settings import AsJson, EnvFile, allowed, quiet_settings, run_async
from wiredesk.config import Config
from wiredesk.roles.pages.extract.page import ExtractedPage
from wiredesk.roles.pages.extract.page import extract as take_apart
from wiredesk.roles.pages.look.fetching import LIMITS, MAX_PAGE_BYTES
from wiredesk.text.charsets import header_label

FILE_URL = "https://example.org/page"


def extract(
    page: Annotated[str, typer.Argument(metavar="URL|FILE", help="A URL, or a file with HTML.")],
    url: Annotated[str, typer.Option(help="The URL that a file came from.")] = FILE_URL,
    allow: Annotated[
        list[str] | None, typer.Option("--allow", help="CIDR that may be dialled though not public.")
    ] = None,
    as_json: AsJson = False,
    env_file: EnvFile = None,
) -> None:
    """Show what is taken out of a page: metadata, article, comments."""
    config = quiet_settings(env_file, **allowed(allow))
    extraction = run_async(page_of(config, page, url))
    if as_json:
        json_line(extraction)
        return
    _show(extraction)


async def page_of(config: Config, page: str, url: str) -> ExtractedPage:
    """The page at a URL, or in a file that came from `url`, taken apart in a worker. Raises `Misconfigured`."""
    from wiredesk.workers import Workers

    content_type = ""
    if is_url(page):
        answer = await answer_of(config, page, max_bytes=MAX_PAGE_BYTES)
        body, url, content_type = answer.body, answer.url, answer.headers.get("content-type", "")
    else:
        body = bytes_of(Path(page))
    return await Workers(1).run(take_apart, body, url, header_label(content_type), limits=LIMITS)


def _show(page: ExtractedPage) -> None:
    described = page.metadata
    facts = {
        "title": described.title,
        "authors": ", ".join(described.authors),
        "published": described.published_at,
        "site": described.site,
        "canonical": described.canonical,
        "language": described.language,
    }
    for name, value in facts.items():
        if value:
            line(f"{name}: {value}")
    line("")
    line(page.body.text if page.body else "(no article)")
    for comment in page.comments:
        line("")
        line(f"comment by {comment.author or 'unknown'}{f' at {comment.posted_at}' if comment.posted_at else ''}:")
        line(comment.text)
