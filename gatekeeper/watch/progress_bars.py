"""On a terminal: a progress bar for each run being watched, below the lines of the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, TextIO

from gatekeeper.console import Console
from gatekeeper.core.model import Standing
from gatekeeper.core.text import one_line, seconds

if TYPE_CHECKING:
    from rich.table import Table

_BAR_WIDTH = 32


def live(
    console: Console, stream: TextIO, standings: Callable[[], Sequence[Standing]]
) -> AbstractContextManager[None] | None:
    """Return a context that shows progress bars while it lasts; `None` if `rich` is missing."""
    try:
        from rich.console import Console as Terminal
        from rich.live import Live
        from rich.text import Text
    except ImportError:
        return None
    terminal = Terminal(file=stream, highlight=False, markup=False, emoji=False)
    bars = Live(
        get_renderable=lambda: _bars(standings()),
        console=terminal,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )

    @contextmanager
    def displayed() -> Iterator[None]:
        def above(line: str) -> None:
            terminal.print(Text.from_ansi(line), soft_wrap=True)

        with bars, console.displayed(above):
            yield

    return displayed()


def _bars(standings: Sequence[Standing]) -> Table:
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    for standing in standings:
        unknown = standing.percentage is None
        table.add_row(
            one_line(standing.test_suite, 40),
            ProgressBar(completed=standing.percentage or 0.0, width=_BAR_WIDTH, pulse=unknown),
            "…" if unknown else f"{standing.percentage:3.0f} %",
            f"{seconds(standing.elapsed)} elapsed",
            f"times out in {seconds(standing.remaining)}",
            f"{standing.requests_left} requests left",
        )
    return table
