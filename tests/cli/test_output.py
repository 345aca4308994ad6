from __future__ import annotations

import io
import sys

import pytest

from wiredesk.cli.output import json_line, printable


class Narrow(io.RawIOBase):
    """Takes five bytes at a time, as a pipe that is nearly full may."""

    def __init__(self) -> None:
        self.written = b""

    def write(self, some: object) -> int:
        taken = bytes(some)[:5]  # type: ignore[call-overload]
        self.written += taken
        return len(taken)


def test_a_line_is_written_whole_however_little_the_file_takes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = Narrow()

    class Out:
        buffer = narrow

    monkeypatch.setattr(sys, "stdout", Out())
    json_line({"text": "x" * 20})

    assert narrow.written == b'{"text":"' + b"x" * 20 + b'"}\n'


def test_what_steers_a_terminal_or_is_half_a_character_is_not_printed() -> None:
    assert printable("a\x1b[2J\ud83d\x9b\tb\n") == "a[2J\tb\n"
