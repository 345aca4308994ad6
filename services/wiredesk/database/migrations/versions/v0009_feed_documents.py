"""What a feed's newest document listed, apart from the state of polling it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("feeds", sa.Column("listed", sa.LargeBinary))
