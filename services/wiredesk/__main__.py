"""`wiredesk` and `python -m wiredesk`: every error on purpose is one line and exit status 1."""

from __future__ import annotations

import sys

from wiredesk.cli.commands import commands
from wiredesk.errors import WiredeskError


def main() -> None:
    """Run the command line."""
    try:
        commands(prog_name="wiredesk")
    except WiredeskError as error:
        sys.stderr.write(f"wiredesk: {' '.join(str(error).split())}\n")
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read us has seen enough; the interpreter must not complain when it flushes at the end.
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
