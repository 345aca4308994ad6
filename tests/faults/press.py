"""A press for fault tests: many articles with comments, copies on a second paper, one page that is gone; and its ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.texts import text, title
from tests.web import Page, Site, item, rss


@dataclass(kw_only=True)
class Press:
    """What a site serves, a feed a lot of articles; the ledger is what must come of it."""

    site: Site
    articles: set[str] = field(default_factory=set)  # titles
    comments: set[str] = field(default_factory=set)  # texts
    copies: set[str] = field(default_factory=set)  # paths
    dead: set[str] = field(default_factory=set)  # paths

    def lot(self, numbers: range) -> str:
        """Serve those articles behind a feed of their own; its URL."""
        entries = [self._article(number) for number in numbers]
        entries.append(self._copy(numbers.start))
        entries.append(self._gone(numbers.start))
        return self.site.serve(f"/{numbers.start}.xml", Page(body=rss(*entries), content_type="application/rss+xml"))

    def _article(self, number: int) -> str:
        comments = [f"Reader {number}-{at} does not believe a word of {number * 7 + at}." for at in range(number % 3)]
        self._serve(f"/a/{number}", number, comments)
        self.articles.add(title(number))
        self.comments.update(comments)
        return item(title(number), guid=f"a{number}", link=f"{self.site.url}/a/{number}")

    def _copy(self, number: int) -> str:
        """The same text under another address: what the wire sells twice."""
        path = f"/copy/{number}"
        self._serve(path, number, [])
        self.copies.add(path)
        return item(title(number), guid=f"c{number}", link=f"{self.site.url}{path}")

    def _gone(self, number: int) -> str:
        path = f"/gone/{number}"
        self.site.serve(path, Page(status=410))
        self.dead.add(path)
        return item(f"Gone {number}", guid=f"g{number}", link=f"{self.site.url}{path}", text=" ")

    def _serve(self, path: str, number: int, comments: Sequence[str]) -> None:
        paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in text(number).split("\n\n"))
        said = "".join(
            f'<li id="comment-{number * 10 + at}" class="comment"><cite class="fn">Reader {at}</cite>'
            f'<div class="comment-content"><p>{comment}</p></div></li>'
            for at, comment in enumerate(comments)
        )
        body = (
            f'<!doctype html><html lang="en"><head><title>{title(number)}</title></head><body><article>'
            f"<h1>{title(number)}</h1>{paragraphs}</article>"
            + (f'<section id="comments"><ol class="comment-list">{said}</ol></section>' if said else "")
            + "</body></html>"
        )
        self.site.serve(path, Page(body=body))
