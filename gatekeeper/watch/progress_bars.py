"""The live display on a terminal, a row for each suite, below the lines of the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, TextIO, cast

from gatekeeper.console import Console
from gatekeeper.core.progress import GateProgress
from gatekeeper.core.reports.live import live_rows
from gatekeeper.core.wording.styled import Line, Mark
from gatekeeper.log_writer import QueuedStream

if TYPE_CHECKING:
    from rich.console import Console as Terminal
    from rich.text import Text

_STYLES = {Mark.GOOD: "green", Mark.BAD: "bold red", Mark.ODD: "bold yellow", Mark.ASIDE: "dim"}
_IN_ASCII = str.maketrans("━─▶✓✗…", "=->vx.")


def live(
    console: Console, stream: TextIO, progress: Callable[[], GateProgress]
) -> AbstractContextManager[None] | None:
    """Return a context in which the progress is displayed; `None` if `rich` is missing."""
    try:
        from rich.console import Console as Terminal
        from rich.live import Live
        from rich.text import Text
    except ImportError:
        return None
    file = cast("TextIO", QueuedStream(stream))
    terminal = Terminal(file=file, highlight=False, markup=False, emoji=False)
    display = Live(
        get_renderable=lambda: _rendered(progress(), terminal),
        console=terminal,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        vertical_overflow="crop",
    )

    @contextmanager
    def displayed() -> Iterator[None]:
        def print_above(line: str) -> None:
            terminal.print(Text.from_ansi(line), soft_wrap=True)

        with display, console.displayed(print_above):
            yield

    return displayed()


def _rendered(progress: GateProgress, terminal: Terminal) -> Text:
    from rich.text import Text

    width, height = terminal.size
    # In the last column, some terminals wrap; in the last row, all of them scroll.
    rows = live_rows(progress, width - 1, height - 1)
    signs = {} if terminal.encoding.startswith("utf") else _IN_ASCII
    return Text("\n", no_wrap=True, overflow="crop").join(_styled(row, signs) for row in rows)


def _styled(row: Line, signs: Mapping[int, int]) -> Text:
    from rich.text import Text

    spans = ((text.translate(signs), _STYLES.get(mark, "")) for text, mark in row)
    return Text.assemble(*spans)
