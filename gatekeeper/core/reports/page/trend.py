"""How a suite's earlier runs ended, as the page draws it: bars of pass rates, a line of times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.result_file.trends import Trend, TrendPoint
from gatekeeper.core.text import seconds
from gatekeeper.core.wording.failures import OUTCOMES

# In units of the drawing.
_PITCH = 8
_WIDTH = 6
_HEIGHT = 24
# What passed no step, or is not known, is to be seen all the same.
_LOWEST = 3


class Column(Record):
    """A run: how it ended, and its bar."""

    outcome: Outcome
    x: int
    y: int
    height: int


class Chart(Record):
    """The earlier runs of a suite, from left to right; `told` and `times_told` say it in words.

    `times` is the line of their durations, empty where there are not two.
    """

    width: int
    height: int
    column_width: int
    columns: tuple[Column, ...]
    told: str
    times: str
    times_told: str
    summary: str


def chart(trend: Trend) -> Chart | None:
    """Draw a trend; nothing where there is none."""
    if not trend.runs:
        return None
    return Chart(
        width=_PITCH * len(trend.runs),
        height=_HEIGHT,
        column_width=_WIDTH,
        columns=tuple(_column(at, past) for at, past in enumerate(trend.runs)),
        told=f"How earlier runs ended: {_ended(trend.runs)}",
        times=_line(trend.runs),
        times_told=_times_told(trend.runs),
        summary=str(trend),
    )


def _column(at: int, past: TrendPoint) -> Column:
    rate = past.pass_rate or 0.0
    height = max(_LOWEST, round(rate * _HEIGHT))
    return Column(past.outcome, at * _PITCH + (_PITCH - _WIDTH) // 2, _HEIGHT - height, height)


def _ended(runs: Sequence[TrendPoint]) -> str:
    counts = Counter(past.outcome for past in runs)
    return ", ".join(f"{counts[one]} {OUTCOMES[one]}" for one in Outcome if counts[one])


def _line(runs: Sequence[TrendPoint]) -> str:
    """Say the points of the durations, from nothing at the bottom to the longest at the top."""
    known = [(at, past.duration) for at, past in enumerate(runs) if past.duration is not None]
    if len(known) <= 1:
        return ""
    longest = max(duration for _, duration in known)
    room = _HEIGHT - 2
    return " ".join(
        f"{at * _PITCH + _PITCH // 2},{_HEIGHT - 1 - room * duration / longest:.1f}"
        for at, duration in known
    )


def _times_told(runs: Sequence[TrendPoint]) -> str:
    durations = [past.duration for past in runs if past.duration is not None]
    if not durations:
        return ""
    between = f"from {seconds(min(durations))} to {seconds(max(durations))}"
    return f"How long earlier runs took: {between}, the last one {seconds(durations[-1])}"
