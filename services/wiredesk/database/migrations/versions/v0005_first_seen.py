"""When items and copies were first seen stays known; feeds remember how often a revision came back."""

import sqlalchemy as sa
from alembic import op

from wiredesk.database.columns import Instant

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("feed_entries", sa.Column("returns", sa.Integer, nullable=False, server_default="0"))
    op.add_column("items", sa.Column("first_seen", Instant))
    op.execute("UPDATE items SET first_seen = collected")
    op.add_column("sightings", sa.Column("first_seen", Instant))
    op.execute("UPDATE sightings SET first_seen = seen_at")
