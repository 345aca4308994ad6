"""The web's encodings (WHATWG Encoding): their labels, and decoders where Python's differ from the standard's."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from functools import cache

import webencodings

MULTIBYTE: Mapping[str, Sequence[str]] = {
    "utf-8": ["utf-8"],
    "utf-16le": ["utf-16-le"],
    "utf-16be": ["utf-16-be"],
    # gb18030 holds gbk, which holds gb2312; cp949 holds euc-kr; cp932 holds Shift JIS with the rows of NEC and IBM.
    "gbk": ["gb18030"],
    "gb18030": ["gb18030"],
    "euc-kr": ["cp949"],
    "shift_jis": ["cp932"],
    "big5": ["big5hkscs", "cp950"],
    # The standard's table holds NEC's row 13 (①, ㈱), which Python has in the later standard's codec alone.
    "euc-jp": ["euc_jp", "euc_jis_2004"],
    "iso-2022-jp": ["iso2022_jp_ext", "iso2022_jp_2004"],
}
"""Python's codecs for each encoding whose characters may take several bytes: the first that reads all of a text decides."""

_SINGLE_BYTE: Mapping[str, str] = {
    "iso-8859-8-i": "iso8859-8",
    "x-mac-cyrillic": "mac-cyrillic",
    "macintosh": "mac-roman",
    "windows-874": "cp874",
}
_CORRECTED: Mapping[tuple[str, int], str] = {
    ("koi8-u", 0xAE): "\u045e",
    ("koi8-u", 0xBE): "\u040e",
    ("windows-1255", 0xCA): "\u05ba",
}
"""Bytes that Python's codecs read otherwise than the standard's tables: https://encoding.spec.whatwg.org/#indexes"""

_REPLACED: Mapping[str, Mapping[str, str]] = {
    "big5": {"\u2022": "\u2027"},
    "gbk": {"\ue7c7": "\u1e3f"},
    "gb18030": {"\ue7c7": "\u1e3f"},
}
"""The same for characters of several bytes."""

_UNDEFINED = "\ufffe"
"""What a table for `charmap_decode` holds where a byte stands for nothing."""

_C1 = range(0x80, 0xA0)


def encoding_of(label: str) -> str | None:
    """The standard's name of the encoding that `label` names (`latin1` is windows-1252); None where it names none we read.

    The labels of what the standard replaces whole (`iso-2022-kr`) or keeps for scripts (`x-user-defined`) name none.
    """
    known = webencodings.lookup(label)
    name = known.name if known else ""
    return name if name in MULTIBYTE or (name and _table(name)) else None


def decode(body: bytes, encoding: str, *, errors: str = "strict") -> str:
    """`body` in `encoding`, a name of `encoding_of`. Raises `UnicodeDecodeError` where `errors` is strict and it is not."""
    if encoding not in MULTIBYTE:
        return codecs.charmap_decode(body, errors, _table(encoding))[0]
    text = _decoded(body, encoding, errors)
    for character, right in _REPLACED.get(encoding, {}).items():
        text = text.replace(character, right)
    return text


def _decoded(body: bytes, encoding: str, errors: str) -> str:
    first, *others = MULTIBYTE[encoding]
    for codec in (first, *others):
        try:
            return body.decode(codec)
        except UnicodeDecodeError:
            continue
    if encoding == "gbk":
        text = body.decode(first, _EURO)
        if errors != "strict" or "\ufffd" not in text:
            return text
    return body.decode(first, errors)


def _euro(error: UnicodeError) -> tuple[str, int]:
    """A lone 0x80 in gbk is the euro sign, as Windows writes it."""
    assert isinstance(error, UnicodeDecodeError)
    return ("\u20ac" if error.object[error.start] == 0x80 else "\ufffd"), max(error.end, error.start + 1)


_EURO = "wiredesk.euro"
codecs.register_error(_EURO, _euro)


@cache
def _table(encoding: str) -> str:
    """What each byte stands for; empty where Python has no such encoding.

    Where Python leaves a byte between 0x80 and 0x9F undefined, the standard has the control of that number.
    """
    try:
        codec = codecs.lookup(_SINGLE_BYTE.get(encoding, encoding))
    except LookupError:
        return ""
    return "".join(_CORRECTED.get((encoding, byte)) or _character(codec, byte) for byte in range(256))


def _character(codec: codecs.CodecInfo, byte: int) -> str:
    try:
        return codec.decode(bytes([byte]))[0] or _UNDEFINED
    except UnicodeDecodeError:
        return chr(byte) if byte in _C1 else _UNDEFINED
