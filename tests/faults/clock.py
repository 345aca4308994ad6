"""`wiredesk` under a wall clock that a test moves; timers go by the monotonic one, which nobody can move.

    python clock.py run ROLE

The file in the folder $WIREDESK_TEST_CLOCKS that has the process's instance for a name holds the seconds to add.
"""

from __future__ import annotations

import datetime
import importlib
import inspect
import os
import pkgutil
import sys
import time
from pathlib import Path
from typing import Any

FOLDER = "WIREDESK_TEST_CLOCKS"
COMMAND = (sys.executable, str(Path(__file__)))

_true_time = time.time


def move(folder: Path, name: str, seconds: float) -> None:
    """Set the clock of that process so far ahead of the true one."""
    unfinished = folder / f"{name}.new"
    unfinished.write_text(str(seconds), "utf-8")
    unfinished.replace(folder / name)


def _ahead() -> float:
    try:
        return float((Path(os.environ[FOLDER]) / os.environ["WIREDESK_INSTANCE"]).read_text("utf-8"))
    except FileNotFoundError:
        return 0.0


class _Kind(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime.datetime)


class _Moved(datetime.datetime, metaclass=_Kind):
    """Makes true datetimes, but for what time it is."""

    def __new__(cls, *parts: Any, **named: Any) -> Any:
        return datetime.datetime(*parts, **named)  # noqa: DTZ001 - with whatever the caller gives

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        return datetime.datetime.now(tz) + datetime.timedelta(seconds=_ahead())


def main() -> None:
    """Move the clock of all of wiredesk, and of nothing else, then run the command."""
    time.time = lambda: _true_time() + _ahead()
    import wiredesk

    for module in pkgutil.walk_packages(wiredesk.__path__, "wiredesk."):
        if "migrations" not in module.name:
            importlib.import_module(module.name)
    for name, found in list(sys.modules.items()):
        # Only who asks what time it is: where a struct names the type of a field, it must be the true one.
        if name.startswith("wiredesk.") and "datetime.now(" in inspect.getsource(found):
            found.datetime = _Moved  # type: ignore[attr-defined]
    from wiredesk.__main__ import main as wiredesk_main

    wiredesk_main()


if __name__ == "__main__":
    main()
