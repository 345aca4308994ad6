"""What every page of the console has around it."""

from __future__ import annotations

from wiredesk.roles.web.assets import ASSETS
from wiredesk.roles.web.pages.markup import NOTHING, Markup, joined, tag

ELSEWHERE = "elsewhere"
"""The part of a page that belongs to none, yet leads to them."""


def document(title: str, main: Markup, *, here: str = "", may_leave: bool = False, is_live: bool = False) -> str:
    """A whole page; `here` is the path of the part it belongs to, empty for one that leads nowhere yet.

    `may_leave` shows the way to sign out.
    """
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} · wiredesk" if title else "wiredesk"),
        tag("link", rel="icon", type="image/svg+xml", href=ASSETS["icon.svg"].path),
        tag("link", rel="stylesheet", href=ASSETS["console.css"].path),
        tag("script", src=ASSETS["console.js"].path, defer=True) if is_live else NOTHING,
    )
    body = tag("body", tag("a", "Skip to content", href="#main", class_="skip"), _banner(here, may_leave), main)
    return f"<!doctype html>\n{tag('html', head, body, lang='en').html}\n"


def main(*content: Markup, class_: str | None = None) -> Markup:
    """The landmark that the skip link leads to."""
    return tag("main", *content, id="main", tabindex="-1", class_=class_)


def message(title: str, detail: str, *, may_leave: bool = False, again: str = "") -> str:
    """A page that says only this, such as an error; with a link to `again`, or to the news."""
    onward = tag("a", "Try again", href=again) if again else tag("a", "To the news", href="/")
    words = main(tag("h1", title), tag("p", detail), tag("p", onward), class_="narrow")
    return document(title, words, here=ELSEWHERE, may_leave=may_leave)


def _banner(here: str, may_leave: bool) -> Markup:
    links = [
        tag("a", name, href=path, aria_current="page" if path == here else None)
        for path, name in (("/", "News"), ("/feeds", "Feeds"))
    ]
    leave = tag("form", tag("button", "Sign out"), method="post", action="/sign-out", class_="leave")
    return tag(
        "header",
        tag("a", "wiredesk", href="/", class_="brand"),
        tag("nav", links, aria_label="Console") if here else NOTHING,
        leave if may_leave else NOTHING,
        class_="banner",
    )


def together(*parts: Markup) -> Markup:
    """Parts with a blank between, so that they are words apart without style too."""
    return joined([joined(part, " ") for part in parts if part is not NOTHING])
