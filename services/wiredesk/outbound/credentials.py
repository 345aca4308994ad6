"""What a publisher wants to be shown beside a URL: sent to its origin alone, and never part of what is told."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from wiredesk import urls

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Headers and query parameters for requests to `origin`: scheme, host and port."""

    origin: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def headers_for(self, url: str) -> Mapping[str, str]:
        """The headers, where `url` is of the origin."""
        return self.headers if self._is_for(url) else _NONE

    def added_to(self, url: str) -> str:
        """`url` as it goes out: with the parameters, where it is of the origin."""
        if not self.query or not self._is_for(url):
            return url
        parts = urlsplit(url)
        query = "&".join(filter(None, (parts.query, urlencode(self.query))))
        return urlunsplit(parts._replace(query=query))

    def taken_from(self, url: str) -> str:
        """`url`, which a server may have made out of what it was asked, without the parameters."""
        if not self.query:
            return url
        parts = urlsplit(url)
        kept = [
            pair
            for pair in parts.query.split("&")
            if not set(parse_qsl(pair, keep_blank_values=True)) & set(self.query)
        ]
        return urlunsplit(parts._replace(query="&".join(kept))) if len(kept) <= parts.query.count("&") else url

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be told, the longest first."""
        return told_by(*self.headers.values(), *(value for _, value in self.query))

    def _is_for(self, url: str) -> bool:
        return urls.origin_of(url) == self.origin


def told_by(*values: str) -> tuple[str, ...]:
    """`values` and what of them is the secret, `Basic SECRET`; the longest first, so that none leaves a rest."""
    parts = {*values, *(value.partition(" ")[2] for value in values)}
    return tuple(sorted(filter(None, parts), key=len, reverse=True))


def of_url(url: str) -> Credentials | None:
    """Those of the user and password that stand in `url`; None where none do."""
    login = urls.login_of(url)
    if not login:
        return None
    return Credentials(origin=urls.origin_of(url), headers={"Authorization": basic(login)})


def basic(login: str) -> str:
    """The value of a header `Authorization` for `login`, `user:password` as a URL writes it."""
    user, _, password = login.partition(":")
    return basic_of(unquote(user), unquote(password))


def basic_of(user: str, password: str) -> str:
    """The same of a user and a password as they are (RFC 7617)."""
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"
