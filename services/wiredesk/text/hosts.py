"""Hosts in the one form in which they are compared and dialled: IDNA 2008 after the mapping of UTS 46."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import unquote

import idna

MAX_LABEL_CHARACTERS = 63
"""RFC 1035, section 2.3.4."""

MOST_DIGITS = 20
"""Of a number in an IPv4 address: the largest has 11, octal."""

_HEXADECIMAL = re.compile(r"0x[0-9a-f]{0,16}")


@lru_cache(maxsize=10_000)  # a request asks a dozen times for the host of one URL
def ascii_host(host: str) -> str:
    """`host` in lower-case ASCII without the root's dot; what is no name of a host is lowered and otherwise left.

    `straße.example` is `xn--strae-oqa.example`, as browsers and aiohttp have it, and never `strasse.example`. An
    IPv4 address in another notation, `0x7f.1` or `2130706433`, is in the usual one: what is judged is what is dialled.
    """
    name = host.lower().rstrip(".") if host.isascii() and "%" not in host else _ascii(host)
    return _dotted(name) if is_number(name) else name


def is_loopback(host: str) -> bool:
    """Whether `host`, a literal address without brackets or the name `localhost`, is this machine."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.lower() == "localhost"
    mapped = address.ipv4_mapped if address.version == 6 else None
    return (mapped or address).is_loopback


def is_number(host: str) -> bool:
    """Whether `host` ends like an IPv4 address, so that it is one or nothing (WHATWG URL, "ends in a number")."""
    last = host.rpartition(".")[2]
    return last.isascii() and (last.isdigit() or _HEXADECIMAL.fullmatch(last) is not None)


def _dotted(host: str) -> str:
    """Four decimal numbers, of up to four numbers whose last fills the rest; as it was where it is no address."""
    try:
        *first, last = (_number(label) for label in host.split("."))
    except ValueError:
        return host
    if len(first) > 3 or any(number > 255 for number in first) or last >= 256 ** (4 - len(first)):
        return host
    rest = last.to_bytes(4 - len(first), "big")
    return ".".join(str(number) for number in (*first, *rest))


def _number(label: str) -> int:
    if _HEXADECIMAL.fullmatch(label):
        return int(label[2:] or "0", 16)
    if not (label.isascii() and label.isdigit()) or len(label) > MOST_DIGITS:
        raise ValueError(label)
    return int(label, 8 if len(label) > 1 and label[0] == "0" else 10)


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
