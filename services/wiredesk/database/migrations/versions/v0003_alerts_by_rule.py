"""Alerts by rule, for the feed of a rule."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_index("alerts_rule", "alerts", ["rule", "alerted_at"])
