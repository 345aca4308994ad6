"""What is seen while it runs: panels on a terminal, a line for each happening elsewhere."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.layout import Layout
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from wiredesk.demo.press import Press
from wiredesk.demo.watch import Happening, Watch

REDRAWS_A_SECOND = 8
STYLES = {
    "new": "bold green", "revision": "bold yellow", "copy": "dim", "comment": "cyan", "alert": "bold red",
    "dead": "bold magenta",
}  # fmt: skip
RATE_SECONDS = 5.0
WIDE = 120
"""Columns from which on the sources have room beside the items."""


class Screen(Protocol):
    """Where the demo is seen."""

    def tell(self, happening: Happening) -> None:
        """Something came."""
        ...

    def note(self, text: str) -> None:
        """Something to be said of the whole."""
        ...

    def draw(self, watch: Watch) -> None:
        """Show how things stand; called several times a second."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    at: float
    what: str
    site: str
    regions: str
    text: str


class Lines:
    """Plain lines, for logs and pipes."""

    def __init__(self, console: Console, press: Press) -> None:
        self._console, self._press = console, press

    def tell(self, happening: Happening) -> None:
        """A line."""
        line = _line(happening, self._press)
        text = f"{line.at:5.1f} s  {line.what:<8}  {line.site:<20}  {line.regions:<14}  {line.text}"
        self._console.print(Text(text), soft_wrap=True)

    def note(self, text: str) -> None:
        """A line."""
        self._console.print(Text(text), soft_wrap=True)

    def draw(self, watch: Watch) -> None:
        """Lines stand for themselves."""


class Panels:
    """Sources, items, alerts and rates, drawn anew as they change."""

    def __init__(self, live: Live, press: Press, *, title: str) -> None:
        self._live, self._press, self._title, self._note = live, press, title, ""
        self._items: deque[_Line] = deque(maxlen=60)
        self._alerts: deque[_Line] = deque(maxlen=6)
        self._of_site: dict[str, Counter[str]] = {}
        self._total = Counter[str]()
        self._moments: deque[float] = deque(maxlen=500)

    def tell(self, happening: Happening) -> None:
        """Remembered for the next drawing."""
        line = _line(happening, self._press)
        (self._alerts if happening.what == "alert" else self._items).append(line)
        self._total[happening.what] += 1
        self._of_site.setdefault(line.site, Counter())[happening.what] += 1
        self._moments.append(line.at)

    def note(self, text: str) -> None:
        """Stands in the frame until the next."""
        self._note = text

    def draw(self, watch: Watch) -> None:
        """All panels."""
        height = self._live.console.height
        layout = Layout()
        layout.split_column(
            Layout(self._head(watch), size=3), Layout(name="middle"), Layout(self._alerts_panel(), size=8)
        )
        items = Layout(self._items_panel(max(3, height - 13)), ratio=5)
        is_wide = self._live.console.width >= WIDE
        layout["middle"].split_row(*([Layout(self._sources(watch), ratio=2), items] if is_wide else [items]))
        self._live.update(layout)

    def _head(self, watch: Watch) -> RenderableType:
        now = self._press.clock.seconds
        rate = sum(now - moment <= RATE_SECONDS for moment in self._moments) / RATE_SECONDS
        answers = sum(self._press.served.answers.values())
        text = Text.assemble(
            (f"{now:4.0f} s  ", "bold"), f"{answers} answers served, {rate:.1f} items/s   ",
            *((f"{self._total[what]} {what}   ", style) for what, style in STYLES.items() if self._total[what]),
        )  # fmt: skip
        return Panel(text, title=self._title, subtitle=self._note)

    def _sources(self, watch: Watch) -> RenderableType:
        table = Table(box=None, expand=True, header_style="dim", pad_edge=False)
        table.add_column("", no_wrap=True, ratio=1)
        for name in ("new", "rev", "copy", "said"):
            table.add_column(name, justify="right", width=4)
        for site in self._press.folder.newsroom.site:
            came = self._of_site.get(site.title, Counter())
            numbers = [str(came[what] or "") for what in ("new", "revision", "copy", "comment")]
            table.add_row(Text(site.title, style="red" if self._is_failing(site.name, watch) else ""), *numbers)
        return Panel(table, title="sources (failing: red)")

    def _is_failing(self, site: str, watch: Watch) -> bool:
        return any(
            feed.state != "ok" and self._press.address_of(feed.url).startswith(f"{site}/") for feed in watch.feeds
        )

    def _items_panel(self, rows: int) -> RenderableType:
        return Panel(_table(list(self._items)[-rows:]), title="items as they come")

    def _alerts_panel(self) -> RenderableType:
        return Panel(Group(_table(list(self._alerts))), title="alerts", border_style="red")


def _table(lines: Sequence[_Line]) -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    for width in (6, 8, 18, 12):
        table.add_column(width=width, no_wrap=True)
    table.add_column(no_wrap=True, ratio=1)
    for line in lines:
        style = STYLES.get(line.what, "")
        table.add_row(
            f"{line.at:4.1f} s", Text(line.what, style), Text(line.site), Text(line.regions, "bold"), Text(line.text)
        )
    return table


def _line(happening: Happening, press: Press) -> _Line:
    site = press.address_of(happening.url).partition("/")[0]
    title = next((one.title for one in press.folder.newsroom.site if one.name == site), "")
    detail = f"{happening.detail}: " if happening.detail else ""
    return _Line(
        at=press.clock.seconds, what=happening.what, site=title, regions=" ".join(happening.regions[:2]),
        text=_printable(detail + " ".join(happening.text.split())[:160]),
    )  # fmt: skip


def _printable(text: str) -> str:
    """`text` without what would steer a terminal: fetched text must not."""
    return "".join(character for character in text if character.isprintable())


@contextmanager
def on(console: Console, press: Press) -> Iterator[Screen]:
    """Panels where `console` is a terminal of some size, else lines."""
    if not console.is_terminal or console.height < 24 or console.width < 80:
        yield Lines(console, press)
        return
    with Live(console=console, refresh_per_second=REDRAWS_A_SECOND, transient=True) as live:
        yield Panels(live, press, title=press.folder.newsroom.title)
