"""From bytes to text: byte order mark, UTF-8, what is declared, then what is likely. Nothing here raises.

One broken byte becomes U+FFFD where it stands; it never gives another charset to all the rest.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence

from wiredesk.text.encodings import decode, encoding_of

MIN_GOOD_FOR_A_BAD = 2
"""Text in another charset holds hardly a sequence that is valid UTF-8; UTF-8 with cut or foreign pieces holds mostly such."""

MAX_BAD_SHARE = 0.05
"""Bytes that the declared charset does not know, of those beyond ASCII, up to which the declaration is believed."""

MIN_DETECTED_BYTES = 12
"""Of fewer bytes beyond ASCII a detector makes anything: then it is windows-1252, the web's default."""

DEFAULT = "windows-1252"

_NOT_ASCII = frozenset({"iso-2022-jp", "utf-16le", "utf-16be"})
"""Encodings in which bytes of ASCII stand for something else."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
    (b"{\x00", "utf-16-le"),
    (b"\x00{", "utf-16-be"),
)
_XML_LABEL = re.compile(rb"""^\s*<\?xml[^<>]{0,200}?encoding\s*=\s*["']\s*([\w.:-]{1,40})\s*["']""")
_HTML_LABEL = re.compile(rb"""<meta[^>]{1,300}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{2,40})""", re.IGNORECASE)
_HEADER_LABEL = re.compile(r""";\s*charset\s*=\s*["']?\s*([^\s"';,]{1,40})""", re.IGNORECASE)
_HTML_LABEL_BYTES = 16 * 1024
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")
_BEFORE, _BEHIND = 20, 100
"""Bytes around one beyond ASCII that a detector is shown: the word it stands in, and the next."""

_DETECTED_BYTES = 32 * 1024
_DETECTABLE = {
    "cp1251": "windows-1251",
    "koi8_r": "koi8-r",
    "cp1252": "windows-1252",
    "cp1250": "windows-1250",
    "iso8859_2": "iso-8859-2",
    "cp1253": "windows-1253",
    "cp1254": "windows-1254",
    "cp1255": "windows-1255",
    "cp1256": "windows-1256",
    "cp1257": "windows-1257",
    "cp874": "windows-874",
    "gb18030": "gb18030",
    "big5": "big5",
    "cp949": "euc-kr",
    "cp932": "shift_jis",
    "euc_jp": "euc-jp",
}
"""Python's codecs among which the detector chooses, and the standard's names of them."""


def decoded(body: bytes, *, labels: Sequence[str | None] = ()) -> str:
    """`body` as text; `labels` are the charsets that its header and declaration name, the one to be believed first first.

    UTF-8 goes before what is declared: hardly any other text is valid UTF-8 by accident, and servers and templates lie.
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body.decode(encoding, "replace").removeprefix("\ufeff")
    named = _encodings(body, labels)
    if named and named[0] in _NOT_ASCII:
        return decode(body, named[0], errors="replace")
    text = body.decode("utf-8", "replace")
    return text if body.isascii() or _is_utf8(body, text) else _as_named(body, named)


def xml_label(body: bytes) -> str | None:
    """The charset that an XML declaration names, if there is one."""
    match = _XML_LABEL.search(body, 0, 1024)
    return _readable(match[1].decode("ascii", "replace")) if match else None


def html_label(body: bytes) -> str | None:
    """The charset that the first `meta` element with one names."""
    match = _HTML_LABEL.search(body, 0, _HTML_LABEL_BYTES)
    return _readable(match[1].decode("ascii")) if match else None


def header_label(content_type: str) -> str | None:
    """The charset parameter of a Content-Type, if there is one."""
    match = _HEADER_LABEL.search(content_type)
    return match[1] if match else None


def _readable(label: str) -> str | None:
    # A declaration that could be read byte by byte is not in UTF-16, whatever it says (WHATWG HTML, prescan).
    return None if label.lower().startswith(("utf-16", "ucs-2", "utf-32", "ucs-4")) else label


def _encodings(body: bytes, labels: Sequence[str | None]) -> list[str]:
    """The encodings of `labels` in which `body` can be at all, each once."""
    named = [name for label in labels if label and (name := encoding_of(label))]
    has_nul, has_escape = b"\x00" in body[:1024], b"\x1b" in body
    possible = {"utf-16le": has_nul, "utf-16be": has_nul, "iso-2022-jp": has_escape and body.isascii()}
    return [name for name in dict.fromkeys(named) if possible.get(name, True)]


def _is_utf8(body: bytes, text: str) -> bool:
    """Whether `text`, which is `body` read as UTF-8, has far more good characters beyond ASCII than replaced ones."""
    bad = text.count("\ufffd") - body.count(b"\xef\xbf\xbd")
    if bad == 0:
        return True
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    return good > MIN_GOOD_FOR_A_BAD * bad


def _as_named(body: bytes, named: Sequence[str]) -> str:
    """What the first of `named` reads whole, or almost; else what is likely."""
    texts = []
    for name in (each for each in named if each != "utf-8"):
        try:
            return decode(body, name)
        except UnicodeDecodeError:
            texts.append(decode(body, name, errors="replace"))
    beyond = sum(map(len, _BEYOND_ASCII.findall(body)))
    almost = [text for text in texts if text.count("\ufffd") <= max(1, MAX_BAD_SHARE * beyond)]
    return almost[0] if almost else decode(body, _detected(body), errors="replace")


def _detected(body: bytes) -> str:
    sample = b" ".join(_pieces(body))
    if sum(map(len, _BEYOND_ASCII.findall(sample))) < MIN_DETECTED_BYTES:
        return DEFAULT
    # Not at import: most texts are UTF-8, and the detector's tables take a while.
    from charset_normalizer import from_bytes

    guess = from_bytes(sample, cp_isolation=list(_DETECTABLE)).best()
    return _DETECTABLE.get(guess.encoding, DEFAULT) if guess else DEFAULT


def _pieces(body: bytes) -> Iterator[bytes]:
    """What stands around bytes beyond ASCII, up to a bound: mark-up says nothing of a charset."""
    end = length = 0
    for match in _BEYOND_ASCII.finditer(body):
        if match.end() <= end:
            continue
        start, end = max(end, match.start() - _BEFORE), min(match.end(), match.start() + _DETECTED_BYTES) + _BEHIND
        yield body[start:end]
        length += end - start
        if length > _DETECTED_BYTES:
            return
