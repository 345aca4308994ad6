"""The balance at the end, for people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from rich.console import Console
from rich.table import Table
from rich.text import Text

from wiredesk.demo.balance import Balance

MOST_DIFFERENCES = 40


def tell(balance: Balance, console: Console) -> None:
    """The ledger against the result as a table, how fast it went, and each difference by name."""
    table = Table("", "ledger", "result", "", title="the balance", title_justify="left", box=None, pad_edge=False)
    table.columns[1].justify = table.columns[2].justify = "right"
    for account in balance.accounts:
        sign = Text("differs", "bold red") if account.differences else Text("=", "green")
        table.add_row(account.name, str(len(account.expected)), str(len(account.found)), sign)
    console.print()
    console.print(table)
    console.print()
    for line in _speeds(balance):
        console.print(line)
    for difference in balance.differences[:MOST_DIFFERENCES]:
        console.print(Text(f"differs: {difference}", "red"), soft_wrap=True)
    if not balance.differences:
        console.print(Text("It balances: every item exactly once.", "bold green"))


def _speeds(balance: Balance) -> Iterator[str]:
    for latency in balance.latencies:
        half, most = latency.percentile(0.5), latency.percentile(0.95)
        if half is not None and most is not None:
            yield f"{latency.name}: p50 {_shown(half)}, p95 {_shown(most)} ({len(latency.times)} measured)"
    answers = ", ".join(f"{times} x {status}" for status, times in sorted(balance.answers.items()))
    yield f"the sites answered: {answers}"


def _shown(time: timedelta) -> str:
    seconds = time.total_seconds()
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
