"""How a connection to PostgreSQL is secured: verified off this machine, unless the URL says otherwise.

libpq's own default, `prefer`, gives the password to whoever answers at that address, in clear where he says that he has
no TLS. https://www.postgresql.org/docs/current/libpq-ssl.html
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from wiredesk.errors import Misconfigured
from wiredesk.text.hosts import is_loopback

VERIFIED: Final = "verify-full"
ADVICE: Final = "WIREDESK_DATABASE_CA_FILE names its authority, sslmode in WIREDESK_DATABASE_URL another check"


def mode_of(url: str) -> str:
    """The `sslmode` in force: that of the URL, else `verify-full`; `prefer` on this machine, where nobody listens in."""
    said = _options(url).get("sslmode", "")
    return said or ("prefer" if is_near(url) else VERIFIED)


def is_near(url: str) -> bool:
    """Whether all hosts of the URL are this machine: loopback addresses, `localhost`, or folders of sockets."""
    named = _options(url).get("host") or urlsplit(url).netloc.rpartition("@")[2]
    return all(_is_here(unquote(host)) for host in named.split(","))


def context_of(url: str, *, ca_file: Path | None) -> ssl.SSLContext | None:
    """The context with which the server is verified; None where the mode in force verifies nothing.

    The authority is the URL's `sslrootcert`, else `ca_file`, else one that this system trusts; `sslcert` and `sslkey` are our
    own certificate. Raises `Misconfigured` where a file cannot be used.
    """
    try:
        mode, options = mode_of(url), _options(url)
    except ValueError:  # connecting says what is wrong with it, without a piece of a password
        return None
    if mode not in ("verify-ca", VERIFIED):
        return None
    authority = options.get("sslrootcert") or (str(ca_file) if ca_file else None)
    try:
        context = ssl.create_default_context(cafile=None if authority == "system" else authority)
        if own := options.get("sslcert"):
            context.load_cert_chain(own, options.get("sslkey") or None, options.get("sslpassword") or None)
    except OSError as error:
        name = "WIREDESK_DATABASE_CA_FILE" if ca_file and authority == str(ca_file) else "WIREDESK_DATABASE_URL"
        why = error.strerror or type(error).__name__
        raise Misconfigured(f"{name}: {why}, expected PEM files of the authority and of our own certificate") from error
    context.check_hostname = mode == VERIFIED
    return context


def fault_of(error: OSError) -> str:
    """What `error` says of TLS, and the setting that matters; empty where it says nothing of it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS: {error.verify_message.rstrip('.')}: {ADVICE}"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason or error}: {ADVICE}"
    return f"it has no TLS: {ADVICE}" if "rejected SSL upgrade" in str(error) else ""


def _options(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def _is_here(host: str) -> bool:
    if not host or host.startswith("/"):
        return True
    return is_loopback(host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0])
