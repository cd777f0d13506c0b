"""The live display: a row for each suite, the worst first, as many as a terminal has room for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from unicodedata import category, east_asian_width

from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.progress import GateProgress, SuiteProgress
from gatekeeper.core.reports.log import COLOURS
from gatekeeper.core.text import one_line, seconds
from gatekeeper.core.wording.styled import Line, Mark, Span, line
from gatekeeper.core.wording.verdicts import MARKS, OUTCOMES

_RUNNING, _WAITING = "▶", " "
_DONE, _TO_DO = "━", "─"
_PERCENTAGE_WIDTH = 5  # "100 %"
_TIME_WIDTH = 12  # "59 min 59 s", and a blank
_WIDE = 100
_NARROW_BAR, _WIDE_BAR = 12, 30
_TIMEOUT_WIDTH = 26  # "times out in 59 min 59 s"
_NO_WIDTH = ("Mn", "Me", "Cf")


def live_rows(gate: GateProgress, width: int, height: int) -> list[Line]:
    """Return the rows of the display: at most `height`, each at most `width` cells wide.

    Failed suites come first, then those without a verdict, those that run, and those that passed
    or wait. What does not fit is counted; with several suites, a total follows.
    """
    suites = sorted(gate.suites, key=_rank)
    if len(suites) == 1:
        return [_row(suites[0], width)]
    room = max(0, height - 1)
    if len(suites) > room:
        room = max(0, room - 1)
    rows = [_row(suite, width) for suite in suites[:room]]
    if height > 1 and (hidden := suites[room:]):
        rows.append(line(_cut(f"  … {len(hidden)} more: {_states(hidden)}", width), Mark.ASIDE))
    return [*rows, line(_cut(_total(gate, width), width))]


def _rank(suite: SuiteProgress) -> int:
    if suite.outcome in (Outcome.FAILED, Outcome.ERROR, Outcome.TIMEOUT):
        return suite.outcome.rank
    if suite.is_running:
        return len(Outcome) + (not suite.failed)
    return len(Outcome) + 2 + (suite.outcome.rank if suite.outcome else len(Outcome))


def _row(suite: SuiteProgress, width: int) -> Line:
    """Return the row of a suite: its mark and name, how far it is or how it ended, its time."""
    bar = _WIDE_BAR if width >= _WIDE else _NARROW_BAR
    state_width = bar + 1 + _PERCENTAGE_WIDTH
    timeout_width = _TIMEOUT_WIDTH if width >= _WIDE else 0
    name_width = max(1, width - 2 - 1 - state_width - _TIME_WIDTH - timeout_width)
    name = _padded(one_line(suite.name, 100), name_width)
    if suite.is_waiting:
        return line(_cut(f"{_WAITING} {name} waiting", width), Mark.ASIDE)
    time = f"{seconds(suite.elapsed):>{_TIME_WIDTH}}"
    if suite.outcome is not None:
        mark = Mark.NONE if suite.outcome.is_green else COLOURS[suite.outcome]
        state = _padded(suite.ending, state_width)
        start = _cut(f"{MARKS[suite.outcome]} {name} {state}", width)
        return (Span(start, mark), Span(_cut(time, width - _cells(start))))
    mark, sign = (Mark.BAD, MARKS[Outcome.FAILED]) if suite.failed else (Mark.NONE, _RUNNING)
    done = round(bar * min(100.0, max(0.0, suite.percentage or 0.0)) / 100)
    share = "…" if suite.percentage is None else f"{suite.percentage:.0f} %"
    start = _cut(f"{sign} {name} {_DONE * done}", width)
    rest = f"{_TO_DO * (bar - done)} {share:>{_PERCENTAGE_WIDTH}}{time}"
    if timeout_width:
        rest += f"  times out in {seconds(suite.remaining)}"
    return (Span(start, mark), Span(_cut(rest, width - _cells(start))))


def _states(suites: Sequence[SuiteProgress]) -> str:
    states = Counter(map(_state, suites))
    return ", ".join(f"{count} {state}" for state, count in states.items())


def _state(suite: SuiteProgress) -> str:
    if suite.outcome is not None:
        return OUTCOMES[suite.outcome] if suite.outcome.is_verdict else "without a verdict"
    return "waiting" if suite.is_waiting else "running"


def _total(gate: GateProgress, width: int) -> str:
    """Return the total, without its last counts where they do not fit."""
    done, time = f"{gate.done} of {len(gate.suites)} suites done", f"; {seconds(gate.elapsed)}"
    counts = [f"{count} {state}" for count, state in gate.counts if count]
    while counts and _cells(", ".join((done, *counts)) + time) > width:
        counts.pop()
    return ", ".join((done, *counts)) + time


def _padded(text: str, width: int) -> str:
    cut = _cut(text, width)
    return cut + " " * (width - _cells(cut))


def _cut(text: str, width: int) -> str:
    """Return as much of a text as fits into so many cells of a terminal."""
    if _cells(text) <= width:
        return text
    return "".join(_fitting(text, width - 1)) + "…" if width > 0 else ""


def _fitting(text: str, width: int) -> Iterator[str]:
    for character in text:
        width -= _cells(character)
        if width < 0:
            return
        yield character


def _cells(text: str) -> int:
    """Return how many cells of a terminal a text takes: two for each wide character."""
    if text.isascii():
        return len(text)
    return sum(
        0 if category(character) in _NO_WIDTH else 2 if east_asian_width(character) in "WF" else 1
        for character in text
    )
