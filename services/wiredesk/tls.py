"""How connections to servers are verified, and what a failed one says: the one reader of certificates and of TLS errors."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wiredesk.errors import Misconfigured

_ALERTS_ABOUT_US = ("ALERT_CERTIFICATE", "CERTIFICATE_REQUIRED", "ALERT_UNKNOWN_CA", "ALERT_BAD_CERTIFICATE")
"""In OpenSSL's names of what a server answers to the certificate that we showed, or did not. RFC 8446, section 6.2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """PEM files: the authority of a server, and our own certificate with its key where it asks for one.

    The key may stand in the file of the certificate. `name` is what the names of their settings begin with.
    """

    name: str
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None

    @property
    def settings(self) -> str:
        """The names of the settings that are given, for complaints."""
        given = {"CA_FILE": self.ca_file, "CERT_FILE": self.cert_file, "KEY_FILE": self.key_file}
        return ", ".join(f"{self.name}_{name}" for name, path in given.items() if path)

    def context(self) -> ssl.SSLContext:
        """Verifies certificate and name of the server. Raises `Misconfigured` where a file cannot be used."""
        if self.key_file and not self.cert_file:
            raise Misconfigured(f"{self.name}_KEY_FILE is set without {self.name}_CERT_FILE: expected both")
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:
            why = f"{error.strerror or type(error).__name__}, expected a PEM file of the authority"
            raise Misconfigured(f"{self.name}_CA_FILE={self.ca_file}: {why}") from error
        if self.cert_file:
            try:
                # Without a word of its own OpenSSL would ask the terminal for the passphrase, and wait.
                context.load_cert_chain(self.cert_file, self.key_file, password=lambda: "")
            except OSError as error:
                why = error.strerror or getattr(error, "reason", "") or type(error).__name__
                raise Misconfigured(
                    f"{self.name}_CERT_FILE={self.cert_file}, {self.name}_KEY_FILE={self.key_file or ''}: {why}, expected "
                    "PEM files of our own certificate and of its key, without a passphrase"
                ) from error
        return context


def fault_of(error: BaseException, *, name: str) -> str:
    """What `error`, or what it came of, says of TLS, and the setting that matters; empty where it says nothing of it.

    `name` is what the names of the settings begin with, such as `WIREDESK_STATE`.
    """
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = cause.verify_message.rstrip(".")
            return f"TLS: {why}: expected a certificate of this host by the authority that {name}_CA_FILE names"
        if isinstance(cause, ssl.SSLError):
            reason = cause.reason or str(cause)
            if any(alert in reason for alert in _ALERTS_ABOUT_US):
                return (
                    f"TLS: it refuses our certificate ({reason}): expected {name}_CERT_FILE and {name}_KEY_FILE by an "
                    "authority that it trusts"
                )
            return f"TLS: {reason}: expected a port that speaks TLS, as {name}_URL says"
    return ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
