"""The chart of a suite's earlier runs: bars of pass rates and a line of durations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.result_file.trends import Trend, TrendPoint
from gatekeeper.core.text import seconds
from gatekeeper.core.wording.verdicts import OUTCOMES

# In units of the drawing.
_PITCH = 8
_WIDTH = 6
_HEIGHT = 24
# Keeps a run visible that passed no step or has an unknown pass rate.
_LOWEST = 3


class Column(Record):
    """An earlier run: its outcome and its bar."""

    outcome: Outcome
    x: int
    y: int
    height: int


class Chart(Record):
    """The earlier runs of a suite, from left to right.

    `durations` are the points of a line, empty for fewer than two runs. The labels describe bars
    and line for screen readers.
    """

    width: int
    height: int
    column_width: int
    columns: tuple[Column, ...]
    label: str
    durations: str
    durations_label: str
    summary: str


def chart(trend: Trend) -> Chart | None:
    """Draw a trend; `None` without earlier runs."""
    if not trend.runs:
        return None
    return Chart(
        width=_PITCH * len(trend.runs),
        height=_HEIGHT,
        column_width=_WIDTH,
        columns=tuple(_column(at, past) for at, past in enumerate(trend.runs)),
        label=f"Outcomes of earlier runs: {_outcomes(trend.runs)}",
        durations=_line(trend.runs),
        durations_label=_durations_label(trend.runs),
        summary=str(trend),
    )


def _column(at: int, past: TrendPoint) -> Column:
    rate = past.pass_rate or 0.0
    height = max(_LOWEST, round(rate * _HEIGHT))
    return Column(past.outcome, at * _PITCH + (_PITCH - _WIDTH) // 2, _HEIGHT - height, height)


def _outcomes(runs: Sequence[TrendPoint]) -> str:
    counts = Counter(past.outcome for past in runs)
    return ", ".join(
        f"{counts[outcome]} {OUTCOMES[outcome]}" for outcome in Outcome if counts[outcome]
    )


def _line(runs: Sequence[TrendPoint]) -> str:
    """Return the points of the durations, from 0 at the bottom to the longest at the top."""
    known = [(at, past.duration) for at, past in enumerate(runs) if past.duration is not None]
    if len(known) <= 1:
        return ""
    longest = max(duration for _, duration in known)
    room = _HEIGHT - 2
    return " ".join(
        f"{at * _PITCH + _PITCH // 2},{_HEIGHT - 1 - room * duration / longest:.1f}"
        for at, duration in known
    )


def _durations_label(runs: Sequence[TrendPoint]) -> str:
    durations = [past.duration for past in runs if past.duration is not None]
    if not durations:
        return ""
    between = f"{seconds(min(durations))} to {seconds(max(durations))}"
    return f"Durations of earlier runs: {between}, most recently {seconds(durations[-1])}"
