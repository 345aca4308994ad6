"""Regions, languages and full text are read along the public sequence, newest first."""

import sqlalchemy as sa
from alembic import op

from wiredesk.database.columns import big_number

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    languages()
    regions()
    if op.get_bind().dialect.name == "sqlite":
        full_text()


def languages() -> None:
    op.add_column("items", sa.Column("primary_language", sa.Text, nullable=False, server_default=""))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("UPDATE items SET primary_language = split_part(language, '-', 1)")
    else:
        op.execute("UPDATE items SET primary_language = substr(language, 1, instr(language || '-', '-') - 1)")
    op.create_index("items_language", "items", ["primary_language", "seq"])
    op.create_index("items_stored", "items", ["stored_at", "seq"])


def regions() -> None:
    op.add_column("item_regions", sa.Column("seq", big_number(), nullable=False, server_default="0"))
    op.add_column("item_regions", sa.Column("language", sa.Text, nullable=False, server_default=""))
    op.execute(
        "UPDATE item_regions SET seq = items.seq, language = items.language FROM items WHERE items.id = item_regions.item_id"
    )
    op.drop_index("item_regions_code", "item_regions")
    op.create_index("item_regions_seq", "item_regions", ["code", "seq", "language"])


def full_text() -> None:
    """Number the rows by their seq, and index them by that."""
    for name in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER item_words_{name}")
    # By way of negative numbers: a number may still be another row's. A row without a seq gets one that none reaches.
    op.execute(
        "UPDATE item_events SET number ="
        " -coalesce((SELECT seq FROM items WHERE items.id = item_events.id), number + 1099511627776)"
    )
    op.execute("UPDATE item_events SET number = -number")
    op.execute("INSERT INTO item_words(item_words) VALUES ('rebuild')")
    forget = "INSERT INTO item_words(item_words, rowid, words) VALUES ('delete', old.number, old.words)"
    index = "INSERT INTO item_words(rowid, words) VALUES (new.number, new.words)"
    op.execute(f"CREATE TRIGGER item_words_insert AFTER INSERT ON item_events BEGIN {index}; END")
    op.execute(f"CREATE TRIGGER item_words_delete AFTER DELETE ON item_events BEGIN {forget}; END")
    op.execute(
        "CREATE TRIGGER item_words_update AFTER UPDATE OF number, words ON item_events "
        f"WHEN old.words IS NOT new.words OR old.number IS NOT new.number BEGIN {forget}; {index}; END"
    )
