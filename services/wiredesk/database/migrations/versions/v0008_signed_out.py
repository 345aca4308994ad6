"""Sessions that were signed out."""

import sqlalchemy as sa
from alembic import op

from wiredesk.database.columns import Instant

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "signed_out_sessions",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("ends", Instant, nullable=False),
    )
