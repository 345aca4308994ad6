"""What a feed wants to be shown, fetched from where it is."""

from __future__ import annotations

from collections.abc import Mapping

from wiredesk import urls
from wiredesk.database.feeds import NO_CREDENTIALS, FeedCredentials
from wiredesk.errors import Misconfigured
from wiredesk.outbound.credentials import Credentials, basic, basic_of
from wiredesk.secret_place import text_at


def fetched(credentials: FeedCredentials, *, feed: str, environ: Mapping[str, str]) -> Credentials | None:
    """What to send to the origin of `feed`; None where it wants nothing. Reads files.

    Raises `Misconfigured`, which names the variable or file, where a secret is missing or cannot be sent.
    """
    if credentials == NO_CREDENTIALS:
        return None
    texts = {what: _sendable(text_at(place, environ=environ), place) for what, place in credentials.places}
    headers = {what.partition(" ")[2]: text for what, text in texts.items() if what.startswith("header ")}
    if credentials.login:
        headers["Authorization"] = basic(credentials.login)
    elif "user" in texts:
        headers["Authorization"] = basic_of(texts["user"], texts.get("password", ""))
    query = tuple((what.partition(" ")[2], text) for what, text in texts.items() if what.startswith("query "))
    return Credentials(origin=urls.origin_of(feed), headers=headers, query=query)


def _sendable(text: str, place: str) -> str:
    """`text` without the line's end of a file. Raises `Misconfigured` where no header could carry it."""
    text = text.strip()
    if not text or not text.isprintable():
        raise Misconfigured(f"{place.replace(':', ' ', 1)}: expected one line of printable text")
    return text
