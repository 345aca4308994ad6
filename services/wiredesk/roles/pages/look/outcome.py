"""Decides about a page that could not be fetched: retry, take the feed's content, or give up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wiredesk.roles.pages.look.revisits import USUAL, Pace, next_try

PASSING_REASONS = frozenset({"dns", "timeout", "reset", "tls", "refused"})
PASSING_STATUSES = frozenset({404, 408, 425, 429})
"""Statuses that may pass, 404 among them: feeds are often published a moment before their pages."""

HTML_TYPES = ("text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFailure:
    """Why a page could not be fetched: a slug for metrics, a sentence for people, and whether it may pass by itself.

    `traceback` is there where it is a bug of ours.
    """

    reason: str
    error: str
    is_passing: bool
    traceback: str = ""


PART = PageFailure(reason="part", error="the entry is a part of a page and brings its own text", is_passing=False)
"""No failure, but reason enough to take the feed's own content."""


def of_status(status: int, *, url: str) -> PageFailure | None:
    """The failure that an HTTP status means; None for success and 304."""
    if status < 300 or status == 304:
        return None
    return PageFailure(
        reason=f"http {status}",
        error=f"{url} answered {status}",
        is_passing=status >= 500 or status in PASSING_STATUSES,
    )


def of_reason(reason: str, *, error: str) -> PageFailure:
    """The failure that a refusal of the outbound door means."""
    return PageFailure(reason=reason, error=error, is_passing=reason in PASSING_REASONS)


def of_content_type(content_type: str, *, url: str) -> PageFailure | None:
    """The failure that a body of another kind than HTML means."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in HTML_TYPES:
        return None
    return PageFailure(reason="not html", error=f"{url} is {kind}, expected HTML", is_passing=False)


def again_at(failure: PageFailure, *, tries: int, now: datetime, pace: Pace = USUAL) -> datetime | None:
    """When to try again after `tries` failures, this one included; None once it is final."""
    return next_try(tries=tries - 1, now=now, pace=pace) if failure.is_passing else None
