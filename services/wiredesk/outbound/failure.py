"""Failures of requests to the web."""

from __future__ import annotations

import ssl
from typing import Literal

import aiohttp

from wiredesk.errors import WiredeskError

Reason = Literal[
    "dns",
    "refused",
    "timeout",
    "tls",
    "reset",
    "too_large",
    "bad_body",
    "redirects",
    "bad_url",
    "not_allowed",
    "robots",
]


class FetchFailed(WiredeskError):
    """The web, not a dependency of ours, failed. `host` is the one that was asked when it did."""

    def __init__(self, message: str, *, reason: Reason, host: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.host = host


def failure_of(error: Exception, *, url: str, host: str, refused: list[str]) -> FetchFailed:
    """The client's `error` as ours; `refused` are the addresses that were not dialled because they may not be."""
    if refused and isinstance(error, aiohttp.ClientConnectorError):
        return not_allowed(url, host=host, address=refused[0])
    reason = _reason_of(error)
    return FetchFailed(f"{url}: {reason}: {_words(error)[:300] or type(error).__name__}", reason=reason, host=host)


def not_allowed(url: str, *, host: str, address: str) -> FetchFailed:
    """The refusal of an address, with what an operator does about it."""
    return FetchFailed(
        f"{url}: not allowed: {address} is no public address; WIREDESK_OUTBOUND_ALLOW or --allow takes its CIDR",
        reason="not_allowed",
        host=host,
    )


def _words(error: Exception) -> str:
    # aiohttp names its TLS setting in each of these, "ssl:default", also where the address is http.
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection to {error.host}:{error.port}: {error.os_error.strerror or error.os_error}"
    return str(error)


def _reason_of(error: Exception) -> Reason:
    match error:
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError() | UnicodeError():
            return "bad_url"
        case aiohttp.ClientConnectorDNSError():
            return "dns"
        case aiohttp.ClientSSLError() | ssl.SSLError() | ssl.CertificateError():
            return "tls"
        case TimeoutError():
            return "timeout"
        case aiohttp.ClientConnectorError() | aiohttp.ClientHttpProxyError():
            return "refused"
        case ValueError():
            return "bad_url"
    return "reset"
