from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from wiredesk.config import PREFIX, Config
from wiredesk.setting_values import duration

EXAMPLE = Path(__file__).parents[2] / "deploy" / "wiredesk.env.example"
LINE = re.compile(r"^#(WIREDESK_[A-Z_]+)=(.*)$", re.MULTILINE)


def test_every_setting_stands_in_the_example_file_once_and_nothing_else_does() -> None:
    named = [name for name, _ in LINE.findall(EXAMPLE.read_text("utf-8"))]
    assert sorted(named) == sorted(PREFIX + name.upper() for name in Config.model_fields)


def test_the_example_file_gives_the_default_of_every_setting_that_has_a_fixed_one() -> None:
    given = dict(LINE.findall(EXAMPLE.read_text("utf-8")))
    wrong = {}
    for name, field in Config.model_fields.items():
        shown = given[PREFIX + name.upper()]
        if shown and not _is(shown, field.default):
            wrong[name] = (shown, field.default)
    assert not wrong


def _is(shown: str, default: object) -> bool:
    if isinstance(default, timedelta):
        return duration(shown) == default
    return shown.removeprefix("./") == str(default)
