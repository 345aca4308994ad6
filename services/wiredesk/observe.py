"""Logs, metrics, health and trace identifiers: what an operator sees of a process."""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager

import structlog
from prometheus_client import Counter, Gauge, Histogram
from structlog.typing import FilteringBoundLogger, Processor

from wiredesk.pauses import Pauses

ITEMS = Counter("wiredesk_items_total", "Fates, one per record received.", ["role", "kind", "fate", "reason"])
STAGE_SECONDS = Histogram(
    "wiredesk_stage_seconds",
    "Time of one batch in a stage.",
    ["role"],
    buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60),
)
DEPENDENCY_UP = Gauge("wiredesk_dependency_up", "1 while a dependency answers.", ["role", "dependency"])
POLLS = Counter("wiredesk_polls_total", "Feed polls by outcome.", ["outcome"])
PAGES = Counter("wiredesk_pages_total", "Page fetches by outcome.", ["outcome"])
LAG_RECORDS = Gauge(
    "wiredesk_lag_records", "Records that wait for a role; every replica tells of all partitions.", ["role", "topic"]
)
LAG_SECONDS = Gauge("wiredesk_lag_seconds", "Age of the oldest record that waits for a role.", ["role", "topic"])
EXPIRED = Counter(
    "wiredesk_records_expired_total", "Records that retention removed before a group read them.", ["group", "topic"]
)
FEED_AGE = Gauge(
    "wiredesk_feed_success_age_seconds", "Time since a feed was last read with success, the stalest 500.", ["feed"]
)
DUE_AGE = Gauge(
    "wiredesk_due_oldest_seconds",
    "How late the most overdue row is that nobody works on, also where its host is at its bound.",
    ["kind"],
)
DUE_LEASABLE_AGE = Gauge(
    "wiredesk_due_leasable_seconds",
    "How late the most overdue row is that a free worker could take now; more workers help against this alone.",
    ["kind"],
)


def log(name: str) -> FilteringBoundLogger:
    """A logger; `name` is the module's."""
    logger: FilteringBoundLogger = structlog.get_logger(name)
    return logger


def configure_logs(*, json: bool, level: str) -> None:
    """Log to standard error: one JSON object a line, or coloured columns for people."""
    # Rich tracebacks print every local variable: pages of them, and for seconds.
    columns = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer: Processor = structlog.processors.JSONRenderer() if json else columns
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    if json:
        shared.append(structlog.processors.format_exc_info)
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Libraries log through the standard library: their warnings come out in the same form.
    formatter = structlog.stdlib.ProcessorFormatter(processors=[_only_event, renderer], foreign_pre_chain=shared)
    stream = logging.StreamHandler(sys.stderr)
    stream.setFormatter(formatter)
    logging.basicConfig(handlers=[stream], level=max(number, logging.WARNING), force=True)


def _only_event(logger: object, method: str, event_dict: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return structlog.stdlib.ProcessorFormatter.remove_processors_meta(logger, method, event_dict)


class Health:
    """Which dependencies of a role answer: `/readyz` is red while one does not.

    Whoever finds out reports it under a name of its own, `by`. Work that waits for a dependency is such a reporter
    until it gets through. The default, None, is whoever asks now and then by a shallow question: it can neither
    overrule the work, whose writes may be refused while every question is answered, nor be overruled by it.
    """

    def __init__(self, role: str) -> None:
        self.role = role
        self.pauses = Pauses()
        self._reports: dict[str, dict[Hashable, str]] = {}

    @property
    def down(self) -> Mapping[str, str]:
        """The latest reason, by name, of each dependency that does not answer."""
        return {dependency: list(reports.values())[-1] for dependency, reports in self._reports.items()}

    def reporters(self, dependency: str) -> frozenset[Hashable]:
        """Who says that `dependency` does not answer."""
        return frozenset(self._reports.get(dependency, ()))

    def lost(self, dependency: str, why: str, *, by: Hashable = None) -> None:
        """A call to `dependency` failed."""
        self._reports.setdefault(dependency, {})[by] = why
        DEPENDENCY_UP.labels(self.role, dependency).set(0)

    def found(self, *dependencies: str, by: Hashable = None) -> None:
        """`by` reports that these dependencies answer again; without names, all that it had reported lost."""
        for dependency in dependencies or list(self._reports):
            reports = self._reports.get(dependency, {})
            if reports.pop(by, None) is None:
                continue
            if not reports.keys() - {None}:
                self.pauses.over(dependency)
            if not reports:
                del self._reports[dependency]
                DEPENDENCY_UP.labels(self.role, dependency).set(1)


def new_traceparent() -> str:
    """A W3C trace context that begins a trace."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def child_traceparent(parent: str) -> str:
    """A span of `parent`'s trace, or a new trace where `parent` is not a valid trace context."""
    pieces = parent.split("-")
    valid = len(pieces) == 4 and len(pieces[1]) == 32 and all(c in "0123456789abcdef" for c in pieces[1])
    return f"00-{pieces[1]}-{secrets.token_hex(8)}-01" if valid and int(pieces[1], 16) else new_traceparent()


@contextmanager
def bound(**facts: object) -> Iterator[None]:
    """Within, every log line carries `facts`."""
    with structlog.contextvars.bound_contextvars(**facts):
        yield
