"""Links: inward ones with their parameters, outward ones only where they are http or https."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from wiredesk import urls
from wiredesk.roles.web.pages.markup import Content, Markup, joined, tag


def item_path(item_id: str) -> str:
    """Where the page of an item is."""
    return f"/items/{quote(item_id, safe='')}"


def news_path(**filters: str) -> str:
    """Where the list is, narrowed to what is given."""
    parameters = {name: value for name, value in filters.items() if value}
    return f"/?{urlencode(parameters, errors='replace')}" if parameters else "/"


def outward(url: str, *content: Content, class_: str | None = None) -> Markup:
    """A link to a page of somebody else, or its words alone where a browser should not follow it."""
    if not urls.is_http(url):
        return joined(*content)
    return tag("a", *content, href=url, rel="noopener noreferrer nofollow", class_=class_)


def region(code: str, name: str) -> Markup:
    """A region, which leads to its news."""
    return tag(
        "a", name or code, href=news_path(region=code), class_="chip", title=f"News about {name or code} ({code})"
    )
