"""How a connection to PostgreSQL is secured: verified off this machine, unless the URL says otherwise.

libpq's own default, `prefer`, gives the password to whoever answers at that address, in clear where he says that he has
no TLS. https://www.postgresql.org/docs/current/libpq-ssl.html
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from wiredesk import tls
from wiredesk.errors import Misconfigured
from wiredesk.text.hosts import is_loopback
from wiredesk.tls import TlsFiles

VERIFIED: Final = "verify-full"
ADVICE: Final = "WIREDESK_DATABASE_CA_FILE names its authority, sslmode in WIREDESK_DATABASE_URL another check"

CUT: Final = (
    "expected WIREDESK_DATABASE_CERT_FILE and WIREDESK_DATABASE_KEY_FILE where it asks for a certificate of ours"
)
"""What to say where the server goes away while it lets us in: in TLS 1.3 it judges our certificate after the handshake."""


def mode_of(url: str) -> str:
    """The `sslmode` in force: that of the URL, else `verify-full`; `prefer` on this machine, where nobody listens in."""
    said = _options(url).get("sslmode", "")
    return said or ("prefer" if is_near(url) else VERIFIED)


def is_near(url: str) -> bool:
    """Whether all hosts of the URL are this machine: loopback addresses, `localhost`, or folders of sockets."""
    named = _options(url).get("host") or urlsplit(url).netloc.rpartition("@")[2]
    return all(_is_here(unquote(host)) for host in named.split(","))


def context_of(url: str, *, files: TlsFiles) -> ssl.SSLContext | None:
    """The context with which the server is verified; None where the mode in force verifies nothing.

    The authority is the URL's `sslrootcert`, else that of `files`, else one that this system trusts; our own certificate is
    the URL's `sslcert` and `sslkey`, else that of `files`. Raises `Misconfigured` where a file cannot be used, and where our
    certificate would be shown to whoever answers.
    """
    try:
        mode, options = mode_of(url), _options(url)
    except ValueError:  # connecting says what is wrong with it, without a piece of a password
        return None
    if mode not in ("verify-ca", VERIFIED):
        if files.cert_file:
            raise Misconfigured(
                f"{files.name}_CERT_FILE is set, but sslmode={mode} is in force: expected verify-full or verify-ca in "
                f"{files.name}_URL, which verify whom it is shown to"
            )
        return None
    context = _of_url(options, files) if {"sslrootcert", "sslcert"} & options.keys() else files.context()
    context.check_hostname = mode == VERIFIED
    return context


def _of_url(options: Mapping[str, str], files: TlsFiles) -> ssl.SSLContext:
    """As libpq has it: a certificate of the URL comes with a key of the URL, or holds it."""
    root = options.get("sslrootcert") or files.ca_file
    own, key = options.get("sslcert") or files.cert_file, options.get("sslkey") or None
    try:
        context = ssl.create_default_context(cafile=None if root == "system" else root)
        if own:
            key = key if "sslcert" in options else str(files.key_file or "") or None
            context.load_cert_chain(own, key, options.get("sslpassword", ""))
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Misconfigured(
            f"WIREDESK_DATABASE_URL: {why}, expected PEM files of the authority and of our own certificate"
        ) from error
    return context


def fault_of(error: OSError) -> str:
    """What `error` says of TLS, and the setting that matters; empty where it says nothing of it."""
    if said := tls.fault_of(error, name="WIREDESK_DATABASE"):
        return f"{said}; sslmode in WIREDESK_DATABASE_URL another check"
    return f"it has no TLS: {ADVICE}" if "rejected SSL upgrade" in str(error) else ""


def _options(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def _is_here(host: str) -> bool:
    if not host or host.startswith("/"):
        return True
    return is_loopback(host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0])
