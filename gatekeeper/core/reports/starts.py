"""What `start` says at its end: in the log, and in the job's summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gatekeeper.core.reports.markdown import plain
from gatekeeper.core.runs_file import SavedStart
from gatekeeper.core.text import one_line
from gatekeeper.errors import ExitCode

_NAME_LIMIT = 80
_PROBLEM_LIMIT = 300
# GitHub discards a summary of over 1 MiB, which even these fit into if every character is escaped.
_MOST_ROWS = 300


def starts_line(starts: Sequence[SavedStart]) -> str:
    """Return how many runs were started: `2 of 3 runs started`."""
    started = sum(start.test_run_id is not None for start in starts)
    return f"{started} of {len(starts)} run{'s' if len(starts) > 1 else ''} started"


def not_started(name: str, start: SavedStart) -> Iterator[str]:
    """Yield the lines of the log about a suite that was not started."""
    yield f"! {one_line(name)}: not started: {one_line(start.problem, 1000)}"
    yield f"  next: {one_line(start.next_step, 1000)}"


def ending(starts: Sequence[SavedStart], path: str, code: ExitCode) -> Iterator[str]:
    """Yield the last lines of the log: how to judge what was started, how many runs that are."""
    if any(start.test_run_id for start in starts):
        yield f"next: gatekeeper gate --attach {path}"
    yield f"{starts_line(starts)} (exit code {code.value})"


def starts_summary(names: Sequence[str], starts: Sequence[SavedStart]) -> str:
    """Render the suites, by their names in the log, and their runs as Markdown."""
    icon = "▶️" if all(start.test_run_id for start in starts) else "⚠️"
    return "".join(
        (
            f"### {icon} gatekeeper: {plain(starts_line(starts))}\n\n",
            "| Suite | Run |\n|---|---|\n",
            *map(_row, names[:_MOST_ROWS], starts),
            f"\n… and {len(names) - _MOST_ROWS} more.\n" if len(names) > _MOST_ROWS else "",
        )
    )


def _row(name: str, start: SavedStart) -> str:
    run = one_line(start.test_run_id or f"not started: {start.problem}", _PROBLEM_LIMIT)
    return f"| {plain(one_line(name, _NAME_LIMIT) or '(unnamed)')} | {plain(run)} |\n"
