"""Hosts in the one form in which they are compared and dialled: IDNA 2008 after the mapping of UTS 46."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import unquote

import idna

MAX_LABEL_CHARACTERS = 63
"""RFC 1035, section 2.3.4."""


def ascii_host(host: str) -> str:
    """`host` in lower-case ASCII without the root's dot; what is no name of a host is lowered and otherwise left.

    `straße.example` is `xn--strae-oqa.example`, as browsers and aiohttp have it, and never `strasse.example`.
    """
    if host.isascii() and "%" not in host:
        return host.lower().rstrip(".")
    return _ascii(host)


@lru_cache(maxsize=10_000)
def _ascii(host: str) -> str:
    # WHATWG URL: escapes in a host are read; those of an IPv6 zone (fe80::1%25eth0) are none.
    text = unquote(host, errors="surrogateescape") if "%" in host and ":" not in host else host
    try:
        return idna.encode(text.rstrip("."), uts46=True).decode("ascii")
    except UnicodeError:
        return _mapped(text) or host.lower().rstrip(".")


def _mapped(host: str) -> str:
    """Names that IDNA 2008 does not allow and the web has all the same (`i❤.ws`, `bad_ü.example`); empty where it is none."""
    try:
        labels = idna.uts46_remap(host, std3_rules=False, transitional=False).rstrip(".").split(".")
        ascii_labels = [
            label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii") for label in labels
        ]
    except UnicodeError:
        return ""
    is_name = all(0 < len(label) <= MAX_LABEL_CHARACTERS and _is_plain(label) for label in ascii_labels)
    return ".".join(ascii_labels) if is_name else ""


def _is_plain(label: str) -> bool:
    return all(character.isalnum() or character in "-_" for character in label)


def forms(host: str) -> tuple[str, ...]:
    """The forms in which `host` may have been stored or typed: ASCII first, then the letters that it stands for."""
    ascii_name = ascii_host(host)
    try:
        shown = idna.decode(ascii_name) if "xn--" in ascii_name else ascii_name
    except UnicodeError:
        shown = ascii_name
    return tuple(dict.fromkeys((ascii_name, shown, host.casefold())))
