"""Texts, links and instants of a document in the forms that leave it."""

from __future__ import annotations

import html
import re
from datetime import datetime

from wiredesk import urls
from wiredesk.text import dates
from wiredesk.text.invisible import visible, without_controls

MAX_TITLE_CHARACTERS = 1_000
MAX_SUMMARY_CHARACTERS = 50_000
MAX_CONTENT_CHARACTERS = 250_000
MAX_NAME_CHARACTERS = 200
MAX_GUID_CHARACTERS = 2_048

_LINE_BREAKS = re.compile(r"\s*[\t\r\n]\s*")
# A bare "<" in a headline is no tag: "if a < b", "<3".
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.*?-->", re.DOTALL)
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{1,8}){0,3}")


def clean(value: object, *, limit: int) -> str:
    """`value` if it is text, without NUL, other controls and lone surrogates, stripped and cut; else empty."""
    if not isinstance(value, str):
        return ""
    return without_controls(value[: 2 * limit]).strip()[:limit]


def plain(value: object, *, limit: int = MAX_TITLE_CHARACTERS) -> str:
    """Text of a headline or name: tags out, references read, white space folded, nothing unseen.

    References are read twice, as many publishers escape what is escaped already.
    """
    text = html.unescape(html.unescape(clean(value, limit=4 * limit)))
    return " ".join(visible(clean(_TAG.sub("", text), limit=4 * limit)).split())[:limit].strip()


def link(base: str, value: object) -> str | None:
    """`value` as an absolute http(s) URL, else None."""
    text = clean(value, limit=2 * urls.MAX_URL_CHARACTERS)
    # As browsers do (WHATWG URL): line breaks and tabs inside go, spaces are escaped.
    text = _LINE_BREAKS.sub("", text).replace(" ", "%20")
    return urls.join(base, text) if text else None


def language(value: object) -> str | None:
    """A BCP 47 tag such as `de` or `en-GB`, else None; `de_DE` is mended."""
    text = clean(value, limit=40).replace("_", "-")
    return text if _LANGUAGE.fullmatch(text) else None


def instant(text: object) -> datetime | None:
    """An aware UTC instant at which something may have been published, else None."""
    return dates.published(clean(text, limit=2 * dates.MAX_CHARACTERS))


def whole_number(value: object) -> int | None:
    """A count, else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 <= value < 1_000_000_000 else None
    text = clean(value, limit=20)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
