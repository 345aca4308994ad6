"""What is seen while it runs: panels on a terminal, a line for each happening elsewhere."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from rich.console import Console, RenderableType
from rich.layout import Layout
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from wiredesk.demo.press import Press
from wiredesk.demo.watch import Happening, Watch

STYLES = {
    "new": "bold green",
    "revision": "bold yellow",
    "copy": "dim",
    "comment": "cyan",
    "alert": "bold red",
    "dead": "bold magenta",
}
RATE_SECONDS = 5.0
WIDE, TALL = 120, 30
"""Columns from which on the sources have room beside the items, and lines from which on all alerts have."""

MOST_ALERTS = 6


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
    """Plain lines, for logs and pipes; `gone` is told once nobody takes them any more."""

    def __init__(self, console: Console, press: Press, gone: Callable[[OSError], None]) -> None:
        self._console, self._press, self._gone = console, press, gone
        self._is_read = True

    def tell(self, happening: Happening) -> None:
        """A line."""
        line = _line(happening, self._press)
        self.note(f"{line.at:5.1f} s  {line.what:<8}  {line.site:<20}  {line.regions:<14}  {line.text}")

    def note(self, text: str) -> None:
        """A line."""
        if not self._is_read:
            return
        try:
            self._console.print(Text(text), soft_wrap=True)
        except OSError as error:  # the reader of the pipe has seen enough, or its disk is full
            self._is_read = False
            self._gone(error)

    def draw(self, watch: Watch) -> None:
        """Lines stand for themselves."""


class Panels:
    """Sources, items, alerts and rates, drawn anew as they change."""

    def __init__(self, live: Live, press: Press, *, title: str) -> None:
        self._live, self._press, self._title, self._note = live, press, title, ""
        self._items: deque[_Line] = deque(maxlen=60)
        self._alerts: deque[_Line] = deque(maxlen=MOST_ALERTS)
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
        alerts = MOST_ALERTS if height >= TALL else MOST_ALERTS - 2
        layout = Layout()
        layout.split_column(
            Layout(self._head(watch), size=3),
            Layout(name="middle"),
            Layout(self._alerts_panel(alerts), size=alerts + 2),
        )
        rows = list(self._items)[-max(3, height - alerts - 7) :]
        items = Layout(Panel(_items(rows, is_wide=self._is_wide), title="items as they come"))
        layout["middle"].split_row(*([Layout(self._sources(watch), size=50), items] if self._is_wide else [items]))
        self._live.update(layout, refresh=True)

    @property
    def _is_wide(self) -> bool:
        return self._live.console.width >= WIDE

    def _head(self, watch: Watch) -> RenderableType:
        now = self._press.clock.seconds
        rate = sum(now - moment <= RATE_SECONDS for moment in self._moments) / RATE_SECONDS
        answers = sum(self._press.served.answers.values())
        text = Text.assemble(
            (f"{now:4.0f} s  ", "bold"),
            f"{answers} answers served, " if self._is_wide else "",
            f"{rate:.1f} items/s  ",
            *((f"{self._total[what]} {what}  ", style) for what, style in STYLES.items() if self._total[what]),
        )
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

    def _alerts_panel(self, rows: int) -> RenderableType:
        lines = [
            (f"{line.at:4.1f} s", Text(line.site), Text(line.text, STYLES["alert"]))
            for line in list(self._alerts)[-rows:]
        ]
        return Panel(_grid(lines, widths=(6, 18 if self._is_wide else 14)), title="alerts", border_style="red")


def _items(lines: Sequence[_Line], *, is_wide: bool) -> Table:
    rows = [
        (
            f"{line.at:4.1f} s",
            Text(line.what, STYLES.get(line.what, "")),
            Text(line.site),
            Text(line.regions, "bold"),
            Text(line.text),
        )
        for line in lines
    ]
    return _grid(rows, widths=(6, 8, 18, 12) if is_wide else (6, 8, 14, 9))


def _grid(rows: Sequence[Sequence[str | Text]], *, widths: Sequence[int]) -> Table:
    """Rows of one line each; the last column has what `widths` leave."""
    table = Table.grid(padding=(0, 1), expand=True)
    for width in widths:
        table.add_column(width=width, no_wrap=True)
    table.add_column(no_wrap=True, ratio=1)
    for row in rows:
        table.add_row(*row)
    return table


def _line(happening: Happening, press: Press) -> _Line:
    site = press.address_of(happening.url).partition("/")[0]
    title = next((one.title for one in press.folder.newsroom.site if one.name == site), "")
    detail = f"{happening.detail}: " if happening.detail else ""
    return _Line(
        at=press.clock.seconds,
        what=happening.what,
        site=title,
        regions=" ".join(happening.regions[:2]),
        text=_printable(detail + " ".join(happening.text.split())[:160]),
    )


def _printable(text: str) -> str:
    """`text` without what would steer a terminal: fetched text must not."""
    return "".join(character for character in text if character.isprintable())


@contextmanager
def on(console: Console, press: Press, gone: Callable[[OSError], None]) -> Iterator[Screen]:
    """Panels where `console` is a terminal that can be drawn on and of some size, else lines.

    Where lines can no longer be written `gone` is told why, once.
    """
    if not console.is_terminal or console.is_dumb_terminal or console.height < 24 or console.width < 80:
        yield Lines(console, press, gone)
        return
    # A screen of its own: what was on the terminal is there again afterwards, with the balance under it.
    with Live(console=console, auto_refresh=False, screen=True) as live:
        yield Panels(live, press, title=press.folder.newsroom.title)
