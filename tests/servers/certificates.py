"""Certificates made for a test: an authority, and what it signs."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.servers import CannotStart


class Authority:
    """Signs certificates in its folder; `file` is what clients trust. Raises `CannotStart` without openssl."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder, self._name = folder, name
        subject = ["-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE"]
        _openssl("req", "-x509", *_key(self._key), *subject, "-days", "2", "-out", str(self.file))

    @property
    def file(self) -> Path:
        """Its certificate."""
        return self._folder / f"{self._name}.pem"

    @property
    def _key(self) -> Path:
        return self._folder / f"{self._name}.key"

    def sign(self, name: str, *, addresses: str, days: int = 2) -> Path:
        """A file with a key and a certificate for `addresses`, such as `IP:127.0.0.1`; with `days` below 0 it has run out."""
        key, request, signed, both = (self._folder / f"{name}.{kind}" for kind in ("key", "csr", "crt", "both"))
        extension = self._folder / f"{name}.ext"
        extension.write_text(f"subjectAltName={addresses}\n")
        _openssl("req", *_key(key), "-subj", f"/CN={name}", "-out", str(request))
        ours = ["-CA", str(self.file), "-CAkey", str(self._key), "-CAcreateserial"]
        _openssl(
            "x509",
            "-req",
            "-in",
            str(request),
            *ours,
            "-days",
            str(days),
            "-extfile",
            str(extension),
            "-out",
            str(signed),
        )
        both.write_text(key.read_text() + signed.read_text())
        return both


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """What a matrix of right and wrong certificates needs; each path is of a file with key and certificate.

    `ours` is a client's that `authority` signed, `foreign` one that `stranger` did.
    """

    authority: Authority
    stranger: Authority
    good: Path
    other_name: Path
    expired: Path
    ours: Path
    foreign: Path


def wallet_in(folder: Path) -> Wallet:
    """All made anew. Raises `CannotStart` without openssl."""
    authority, stranger = Authority(folder), Authority(folder, "stranger")
    return Wallet(
        authority=authority,
        stranger=stranger,
        good=authority.sign("good", addresses="IP:127.0.0.1"),
        other_name=authority.sign("other", addresses="DNS:other.example"),
        expired=authority.sign("expired", addresses="IP:127.0.0.1", days=-1),
        ours=authority.sign("ours", addresses="DNS:desk.example"),
        foreign=stranger.sign("foreign", addresses="DNS:desk.example"),
    )


def _key(path: Path) -> list[str]:
    return ["-newkey", "rsa:2048", "-nodes", "-keyout", str(path)]


def _openssl(*arguments: str) -> None:
    program = shutil.which("openssl")
    if program is None:
        raise CannotStart("openssl is not installed: no certificate can be made")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotStart(f"openssl {arguments[0]}: {done.stderr[-500:]}")
