"""What each page and feed shows at an instant. Pure; `at` is seconds since the start of the demo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wiredesk.demo.newsroom import Comment, Feed, Page

LISTED = 20
"""Items in a feed document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A page as it stands at an instant; `changed_at` is when its text last changed."""

    page: Page
    title: str
    paragraphs: Sequence[str]
    changed_at: float
    comments: Sequence[Comment]


def shown(page: Page, pages: Mapping[str, Page], *, at: float) -> Version | None:
    """The page at `at`; None before it is published. `pages` are all, by address."""
    if at < page.at:
        return None
    title, paragraphs, changed_at = page.title, _paragraphs(page, pages), page.at
    for change in page.change:
        if change.at <= at:
            title, paragraphs, changed_at = change.title or title, change.paragraphs or paragraphs, change.at
    comments = [comment for comment in page.comment if comment.at <= at]
    return Version(page=page, title=title, paragraphs=paragraphs, changed_at=changed_at, comments=comments)


def listed(feed: Feed, pages: Mapping[str, Page], *, at: float) -> Sequence[Version]:
    """What a feed lists at `at`, newest first."""
    there = [
        version
        for page in pages.values()
        if page.site == feed.site and feed.path in page.feeds and (version := shown(page, pages, at=at))
    ]
    return sorted(there, key=lambda version: -version.page.at)[:LISTED]


def _paragraphs(page: Page, pages: Mapping[str, Page]) -> Sequence[str]:
    own = list(page.paragraphs)
    if page.copies is not None:
        own = [*pages[page.copies].paragraphs[: page.keep], *own]
    if page.agency and own:
        own[0] = f"{page.dateline.upper()} ({page.agency}) - {own[0]}"
        own.append(f"© {page.agency}. All rights reserved. Reproduction without permission is prohibited.")
    return own
