"""The proxy that dials for us, and how it is asked: it is told what was judged here, as far as HTTP lets us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import unquote, urlsplit, urlunsplit

from yarl import URL

from wiredesk import urls
from wiredesk.outbound.address import Address
from wiredesk.outbound.credentials import basic, told_by

Resolve = Literal["here", "proxy"]
"""Where names become addresses; what resolves at the proxy cannot be judged here."""

PROXY_AUTHORIZATION = "Proxy-Authorization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """An http(s) proxy, at `url` without a user; `login` is `user:password` as a URL writes it."""

    url: str
    login: str = field(default="", repr=False)
    resolve: Resolve = "here"

    def request(self, target: str, address: Address | None) -> tuple[URL, Mapping[str, Any]]:
        """What the client is to ask for `target`, whose host is `address`, and with which options.

        A tunnel is asked for by the address, so that the proxy dials what was judged. Plain http goes by name: proxies
        make the header Host out of the address that they are asked for (RFC 9112, section 3.2.2).
        """
        headers = {PROXY_AUTHORIZATION: basic(self.login)} if self.login else {}
        options: dict[str, Any] = {"proxy": self.url}
        if not target.startswith("https:"):
            return URL(target, encoded=True), options | {"headers": headers}
        options["proxy_headers"] = headers
        if address is None:
            return URL(target, encoded=True), options | {"headers": {}}
        parts = urlsplit(target)
        host = f"[{address}]" if address.version == 6 else str(address)
        port = f":{parts.port}" if parts.port else ""
        dialled = urlunsplit(parts._replace(netloc=f"{host}{port}"))
        options |= {"server_hostname": urls.host_of(target), "headers": {"Host": parts.netloc}}
        return URL(dialled, encoded=True), options

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be told, the longest first."""
        return told_by(basic(self.login), *map(unquote, self.login.split(":", 1))) if self.login else ()


def proxy_of(url: str, *, resolve: Resolve = "here") -> Proxy | None:
    """The proxy that a setting names; None where that is empty."""
    if not url:
        return None
    return Proxy(url=urls.without_login(url), login=urls.login_of(url), resolve=resolve)
