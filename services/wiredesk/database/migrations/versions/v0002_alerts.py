"""Alerts, what was sent of them, endpoints."""

import sqlalchemy as sa
from alembic import op

from wiredesk.database.columns import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    alerts()
    deliveries()
    endpoints()


def alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("story", sa.Text, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("capture", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("alerted_at", Instant, nullable=False),
    )
    op.create_index("alerts_capture", "alerts", ["capture"])
    op.create_index("alerts_item", "alerts", ["item"])
    op.create_index("alerts_at", "alerts", ["alerted_at"])


def deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column(
            "alert_id",
            sa.Text,
            sa.ForeignKey("alerts.id", ondelete="CASCADE", name="deliveries_alert"),
            nullable=False,
        ),
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("status_code", sa.Integer),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("tried_at", Instant),
        sa.Column("next_at", Instant),
    )
    op.create_index("deliveries_alert", "deliveries", ["alert_id"])
    op.create_index("deliveries_status", "deliveries", ["status", "created_at"])
    op.create_index("deliveries_endpoint", "deliveries", ["endpoint", "created_at"])
    op.create_index("deliveries_created", "deliveries", ["created_at"])


def endpoints() -> None:
    op.create_table(
        "endpoints",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("disabled_at", Instant),
        sa.Column("disabled_reason", sa.Text, nullable=False),
        sa.Column("paused_until", Instant),
        sa.Column("silences", sa.Integer, nullable=False),
    )
