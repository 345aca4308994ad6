#!/usr/bin/env bash
# Alembic 1.20.1 with msgspec 0.22.0: a struct defined in a migration script cannot name itself once the script begins
# with `from __future__ import annotations`.
#
# Behaviour: decoding into the struct raises `NameError: name 'Row' is not defined`, though `Row` is the script's own
# class. Alembic runs scripts as modules that are not in `sys.modules`, where postponed annotations are looked up;
# `typing.get_type_hints(Row)` fails there in the same way. The same script imported as a module works.
# Expected: that a migration script is a module like others. Python's documentation of `importlib`, "Importing a source
# file directly", puts the module into `sys.modules` before it is executed. Alembic's tutorial and msgspec's page
# "Structs" name no such limit.
# Seen: the lines below, with Python 3.11.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room"
"$room/bin/pip" install --quiet --disable-pip-version-check alembic==1.20.1 sqlalchemy==2.0.58 msgspec==0.22.0
mkdir -p "$room/history/versions"
cat > "$room/history/env.py" <<'PYTHON'
import sqlalchemy
from alembic import context

with sqlalchemy.create_engine("sqlite://").connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
PYTHON
cat > "$room/history/versions/first.py" <<'PYTHON'
from __future__ import annotations

import msgspec

revision = "first"
down_revision = None


class Row(msgspec.Struct):
    name: str
    parent: Row | None = None


def upgrade() -> None:
    msgspec.json.decode(b'{"name": "a", "parent": {"name": "b"}}', type=Row)
PYTHON
cd "$room/history"
"$room/bin/python" - <<'PYTHON'
import sys
from collections.abc import Callable

from alembic import command
from alembic.config import Config

config = Config()
config.set_main_option("script_location", ".")


def outcome(act: Callable[[], None]) -> str:
    try:
        act()
    except NameError as error:
        return f"NameError: {error}"
    return "decoded"


by_alembic = outcome(lambda: command.upgrade(config, "head"))
sys.path.insert(0, "versions")
import first  # noqa: E402

imported = outcome(first.upgrade)
print(f"run by Alembic: {by_alembic}")
print(f"imported: {imported}")
if (by_alembic, imported) != ("NameError: name 'Row' is not defined", "decoded"):
    sys.exit("changed: this finding is outdated")
PYTHON
