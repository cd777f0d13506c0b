"""The chart of a suite's earlier runs: bars of pass rates and a line of durations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.result_file.trends import Trend, TrendPoint
from gatekeeper.core.text import seconds
from gatekeeper.core.wording.verdicts import MARKS, OUTCOMES

# In pixels.
_PITCH = 10
_WIDTH = 7
_HEIGHT = 40
# Keeps a run visible that passed no step or has an unknown pass rate.
_LOWEST = 3
# Runs that a chart has room for at least: two runs are two bars at the end of its axis.
_LEAST_ROOM = 12
_MOST_MARKS = 10


class Column(Record):
    """An earlier run: its outcome, its bar, and both in words."""

    outcome: Outcome
    x: int
    y: int
    height: int
    label: str


class Chart(Record):
    """The earlier runs of a suite, from left to right, the latest at the right end.

    `durations` are the points of a line, empty for fewer than two known ones; `longest` is the
    duration at its top, `marks` are the latest outcomes. The labels describe bars and line for screen readers.
    """

    width: int
    height: int
    column_width: int
    count: int
    columns: tuple[Column, ...]
    label: str
    durations: tuple[tuple[float, float], ...]
    durations_label: str
    longest: str
    marks: str
    summary: str


def chart(trend: Trend) -> Chart | None:
    """Draw a trend; `None` without earlier runs."""
    runs = trend.runs
    if not runs:
        return None
    first = max(0, _LEAST_ROOM - len(runs))
    durations = [past.duration for past in runs if past.duration is not None]
    return Chart(
        width=_PITCH * max(_LEAST_ROOM, len(runs)),
        height=_HEIGHT,
        column_width=_WIDTH,
        count=len(runs),
        columns=tuple(_column(at, past) for at, past in enumerate(runs, first)),
        label=f"Outcomes of earlier runs: {_outcomes(runs)}",
        durations=tuple(_line(runs, first)),
        durations_label=_durations_label(durations),
        longest=seconds(max(durations, default=0)),
        marks="".join(MARKS[past.outcome] for past in runs[-_MOST_MARKS:]),
        summary=str(trend),
    )


def _column(at: int, past: TrendPoint) -> Column:
    rate = past.pass_rate or 0.0
    height = max(_LOWEST, round(rate * _HEIGHT))
    steps = "" if past.pass_rate is None else f", {int(rate * 100)} % of the steps passed"
    label = f"{OUTCOMES[past.outcome]}{steps}"
    x = at * _PITCH + (_PITCH - _WIDTH) // 2
    return Column(past.outcome, x, _HEIGHT - height, height, label)


def _outcomes(runs: Sequence[TrendPoint]) -> str:
    counts = Counter(past.outcome for past in runs)
    return ", ".join(
        f"{counts[outcome]} {OUTCOMES[outcome]}" for outcome in Outcome if counts[outcome]
    )


def _line(runs: Sequence[TrendPoint], first: int) -> Iterator[tuple[float, float]]:
    """Yield the points of the durations, from 0 at the bottom to the longest at the top."""
    known = [(at, past.duration) for at, past in enumerate(runs, first) if past.duration]
    if len(known) <= 1:
        return
    longest = max(duration for _, duration in known)
    room = _HEIGHT - 2 * _LOWEST
    for at, duration in known:
        yield at * _PITCH + _PITCH / 2, round(_HEIGHT - _LOWEST - room * duration / longest, 1)


def _durations_label(durations: Sequence[float]) -> str:
    if not durations:
        return ""
    between = f"{seconds(min(durations))} to {seconds(max(durations))}"
    return f"Durations of earlier runs: {between}, most recently {seconds(durations[-1])}"
