"""Failures of requests to the web."""

from __future__ import annotations

import ssl
from collections.abc import Collection, Sequence
from typing import Literal

import aiohttp

from wiredesk.errors import WiredeskError
from wiredesk.redaction import shown

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


def failure_of(
    error: Exception, *, url: str, host: str, refused: Sequence[FetchFailed] = (), secrets: Sequence[str] = ()
) -> FetchFailed:
    """The client's `error` as ours; `refused` says why addresses were not dialled, `secrets` may not be told."""
    if refused and isinstance(error, aiohttp.ClientConnectorError):
        return refused[0]
    reason, words = _reason_of(error), _words(error) or type(error).__name__
    for secret in secrets:  # a server may say again what it was sent
        words = words.replace(secret, "…")
    return FetchFailed(f"{shown(url)}: {reason}: {words[:300]}", reason=reason, host=host)


def not_allowed(url: str, *, host: str, address: str) -> FetchFailed:
    """The refusal of an address, with what an operator does about it."""
    return FetchFailed(
        f"{url}: not allowed: {address} is no public address; WIREDESK_OUTBOUND_ALLOW or --allow takes its CIDR",
        reason="not_allowed",
        host=host,
    )


def port_not_allowed(url: str, *, host: str, port: int, ports: Collection[int]) -> FetchFailed:
    """The refusal of a port, with what an operator does about it."""
    known = ", ".join(map(str, sorted(ports)))
    return FetchFailed(
        f"{url}: not allowed: port {port} is none of {known}; WIREDESK_OUTBOUND_PORTS takes it",
        reason="not_allowed",
        host=host,
    )


def _words(error: Exception) -> str:
    match error:
        # aiohttp names its TLS setting in each of these, "ssl:default", also where the address is http.
        case aiohttp.ClientConnectorDNSError():
            return f"no address of {error.host}: {error.os_error.strerror or error.os_error}"
        case aiohttp.ClientConnectorError():
            return f"no connection to {error.host}:{error.port}: {error.os_error.strerror or error.os_error}"
        case aiohttp.ClientHttpProxyError():
            return f"the proxy answered {error.status} {error.message}"
        case aiohttp.ClientResponseError():  # its own text has the URL as it went out
            return f"{error.status} {error.message}" if error.status else error.message
        case aiohttp.InvalidURL():
            return error.description or "not a URL"
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
