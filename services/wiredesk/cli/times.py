"""Instants as people give them."""

from __future__ import annotations

from datetime import datetime, timedelta

import typer

from wiredesk.setting_values import duration
from wiredesk.text.dates import iso8601


def since_when(text: str, *, now: datetime) -> datetime | None:
    """An age such as `24h`, before `now`, or an instant as RFC 3339 has it, UTC where it has no offset.

    None where nothing is given. Raises `BadParameter`.
    """
    if not text.strip():
        return None
    if at := iso8601(text.strip()):
        return at
    try:
        age = duration(text)
        if isinstance(age, timedelta):
            return now - age
    except (ValueError, OverflowError):
        pass
    raise typer.BadParameter(f"{text}: expected an age such as 24h or 7d, or a time such as 2026-11-24T12:00Z")
