"""`wiredesk` and `python -m wiredesk`: every error on purpose is one line and exit status 1."""

from __future__ import annotations

import errno
import os
import sys

from wiredesk.cli import commands
from wiredesk.errors import WiredeskError


def main() -> None:
    """Run the command line."""
    _open_standard_files()
    try:
        commands.main()
    except WiredeskError as error:
        sys.stderr.write(f"wiredesk: {' '.join(str(error).split())}\n")
        sys.exit(1)
    except BrokenPipeError:
        _drop_output()  # whoever read us has seen enough
        sys.exit(0)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _drop_output()
        sys.stderr.write(f"wiredesk: {error.strerror}\n")
        sys.exit(1)


def _drop_output() -> None:
    """What is still in the buffer cannot be written: the interpreter, trying at the end, would make it status 120."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _open_standard_files() -> None:
    """Whoever started us may have closed one: the next socket would have its number, and be written to in its place."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
            setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115 - for as long as we live


if __name__ == "__main__":
    main()
