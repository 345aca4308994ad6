"""Dates, charsets and hosts of outsiders are read in `text/` alone: two readers disagree sooner or later."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "services" / "wiredesk"
LIBRARIES = frozenset(
    {"dateutil", "dateparser", "email.utils", "htmldate", "idna", "charset_normalizer", "webencodings", "codecs"}
)
DATE_CALLS = frozenset(
    ["strptime", "fromisoformat", "fromisocalendar", "parsedate", "parsedate_tz", "parsedate_to_datetime"]
)
CALLS = DATE_CALLS | {"get_content_charset"}
FIELDS = frozenset({"published_parsed", "updated_parsed", "created_parsed"})
"""feedparser's own reading of dates: wrong for some offsets and zones."""


def readers_in(source: str) -> Iterator[str]:
    """What `source` reads such things with, each as it stands there."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names if is_reader(each.name))
            case ast.ImportFrom(module=str() as module, names=names):
                yield from (f"{module}.{each.name}" for each in names if is_reader(module) or each.name in CALLS)
            case ast.Attribute(attr=name) if name in CALLS:
                yield name
            case ast.Call(func=ast.Attribute(attr="encode" | "decode"), args=[ast.Constant(value="idna"), *_]):
                yield "idna"
            case ast.Constant(value=str() as text) if text in FIELDS:
                yield text


def is_reader(module: str) -> bool:
    return module in LIBRARIES or module.partition(".")[0] in LIBRARIES


def test_nothing_outside_text_reads_what_text_reads() -> None:
    seconds = {
        str(path.relative_to(PACKAGE)): list(readers_in(path.read_text("utf-8")))
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] not in ("text", "demo")
    }

    assert not {name: found for name, found in seconds.items() if found}


@pytest.mark.parametrize(
    "source",
    [
        "from email.utils import parsedate_to_datetime",
        "from dateutil import parser",
        "at = datetime.fromisoformat(value)",
        "raw.get('published_parsed')",
        "host.encode('idna')",
        "import idna",
        "from charset_normalizer import from_bytes",
        "import codecs",
        "message.get_content_charset()",
    ],
)
def test_a_second_reader_is_seen(source: str) -> None:
    assert list(readers_in(source))
