"""Live progress bars on a terminal, one for each watched run, below the lines of the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, TextIO, cast

from gatekeeper.console import Console
from gatekeeper.core.model import RunProgress
from gatekeeper.core.text import one_line, seconds
from gatekeeper.log_writer import QueuedStream

if TYPE_CHECKING:
    from rich.table import Table

_BAR_WIDTH = 32


def live(
    console: Console, stream: TextIO, in_progress: Callable[[], Sequence[RunProgress]]
) -> AbstractContextManager[None] | None:
    """Return a context in which the runs are displayed; `None` if `rich` is missing."""
    try:
        from rich.console import Console as Terminal
        from rich.live import Live
        from rich.text import Text
    except ImportError:
        return None
    file = cast("TextIO", QueuedStream(stream))
    terminal = Terminal(file=file, highlight=False, markup=False, emoji=False)
    bars = Live(
        get_renderable=lambda: _bars(in_progress()),
        console=terminal,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )

    @contextmanager
    def displayed() -> Iterator[None]:
        def print_above(line: str) -> None:
            terminal.print(Text.from_ansi(line), soft_wrap=True)

        with bars, console.displayed(print_above):
            yield

    return displayed()


def _bars(runs: Sequence[RunProgress]) -> Table:
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    for run in runs:
        unknown = run.percentage is None
        table.add_row(
            one_line(run.test_suite, 40),
            ProgressBar(completed=run.percentage or 0.0, width=_BAR_WIDTH, pulse=unknown),
            "…" if unknown else f"{run.percentage:3.0f} %",
            f"{seconds(run.elapsed)} elapsed",
            f"times out in {seconds(run.remaining)}",
            f"{run.requests_left} requests left",
        )
    return table
