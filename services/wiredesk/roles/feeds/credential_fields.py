"""The fields of a feed's table that say where its secrets are.

user_env = "NEWS_USER"             # or user_file
password_env = "NEWS_PASSWORD"     # or password_file
header_env = { "X-Api-Key" = "NEWS_KEY" }    # or header_file
query_env = { key = "NEWS_KEY" }             # or query_file
credentials_for_pages = true       # the pages of its origin are shown them too
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from wiredesk import urls
from wiredesk.database.feeds import FeedCredentials
from wiredesk.toml_file import Fault

KINDS = ("env", "file")
ONE = ("user", "password")
MANY = ("header", "query")
FOR_PAGES = "credentials_for_pages"
FIELDS = (*(f"{what}_{kind}" for what in (*ONE, *MANY) for kind in KINDS), FOR_PAGES)

HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
OURS = frozenset(["connection", "content-length", "host", "te", "transfer-encoding", "upgrade"])
"""Headers that say how a request is sent, not who sends it."""


def read(table: Mapping[str, object], *, url: str, folder: Path) -> FeedCredentials:
    """What the table says, and the login in `url`; files are looked for in `folder`. Raises `Fault`."""
    places: dict[str, str] = {}
    for what, field, place in _places(table, folder):
        if what in places:
            raise Fault(f"{what} is given twice, by {field} as well", field=field)
        places[what] = place
    login = urls.login_of(url)
    if login and "user" in places:
        raise Fault("a user stands in the url, and by user_env or user_file: keep one", field="url")
    if "password" in places and "user" not in places:
        raise Fault("a password without user_env or user_file", field="password_env")
    if "header authorization" in map(str.lower, places) and (login or "user" in places):
        raise Fault("a user, and a header Authorization: keep one", field="header_env")
    for_pages = table.get(FOR_PAGES, False)
    if not isinstance(for_pages, bool):
        raise Fault(f"{FOR_PAGES} = {for_pages!r}: not true or false", field=FOR_PAGES)
    return FeedCredentials(places=tuple(sorted(places.items())), login=login, to_pages=for_pages)


def _places(table: Mapping[str, object], folder: Path) -> Iterator[tuple[str, str, str]]:
    """What each secret is, the field that says so, and where it is."""
    for kind in KINDS:
        for what in ONE:
            field = f"{what}_{kind}"
            if field in table:
                yield what, field, _place(kind, table[field], field, folder)
        for what in MANY:
            field = f"{what}_{kind}"
            named = table.get(field, {})
            if not isinstance(named, Mapping):
                raise Fault(f'{field} is no table, such as {{ "NAME" = "WHERE" }}', field=field)
            for name, value in named.items():
                if what == "header" and (not HEADER.fullmatch(name) or name.lower() in OURS):
                    raise Fault(f"{field}: {name!r} is no header that may be set", field=field)
                yield f"{what} {name}", field, _place(kind, value, field, folder)


def _place(kind: str, value: object, field: str, folder: Path) -> str:
    if not isinstance(value, str) or not value.strip():
        expected = "the name of an environment variable" if kind == "env" else "a file"
        raise Fault(f"{field}: expected {expected}", field=field)
    return f"env:{value}" if kind == "env" else f"file:{(folder / value).absolute()}"
