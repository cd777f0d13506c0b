"""How suites and their steps ended in recent runs, from the `result.json` of earlier gates."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from gatekeeper.core.model import Case, Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.result_file.history import PastGate, PastRun
from gatekeeper.core.text import seconds
from gatekeeper.core.wording.verdicts import MARKS

MOST_GATES = 30  # that a trend covers
_RECENT = 10  # runs that a sentence covers
_MAX_DURATION = 1e9  # seconds; anything longer is not a valid duration
_WITHOUT_TREND = (Outcome.PASSED, Outcome.SKIPPED)


class TrendPoint(Record):
    """How an earlier run ended; `pass_rate` is from 0 to 1, `duration` in seconds."""

    outcome: Outcome
    pass_rate: float | None
    duration: float | None


class Trend(Record):
    """The earlier runs of a suite, oldest first, and counts of its recent steps by their ids.

    `seen` counts the recent runs that had the step, `failed` those in which it failed.
    """

    runs: tuple[TrendPoint, ...] = ()
    seen: Mapping[str, int] = msgspec.field(default_factory=dict)
    failed: Mapping[str, int] = msgspec.field(default_factory=dict)

    def __str__(self) -> str:
        """A summary of the recent runs in one line; empty without any."""
        recent = self.runs[-_RECENT:]
        if not recent:
            return ""
        from statistics import fmean, median

        rates = [point.pass_rate for point in recent if point.pass_rate is not None]
        durations = [point.duration for point in recent if point.duration is not None]
        marks = "".join(MARKS[point.outcome] for point in recent)
        parts = [f"{_last(len(recent))}: {marks}"]
        if rates:
            parts.append(f"{_percent(fmean(rates))} of steps passed on average")
        if durations:
            parts.append(f"usually {seconds(median(durations))}")
        return ", ".join(parts)


_NO_TREND = Trend()


class Trends(Record):
    """The trends of suites, by the suite's name and language."""

    suites: Mapping[tuple[str, str | None], Trend] = msgspec.field(default_factory=dict)

    def of(self, run: Run) -> Trend:
        """Return the trend of a run's suite; an empty one if the suite has no earlier runs."""
        return self.suites.get((run.test_suite, run.language), _NO_TREND)

    def of_step(self, run: Run, case: Case) -> str:
        """Return how often a step that did not pass failed recently; empty if that is unknown."""
        trend = self.of(run)
        if case.outcome in _WITHOUT_TREND or not trend.seen:
            return ""
        step = run.id_of(case)
        if not (seen := trend.seen.get(step)):
            return ""
        failed = trend.failed.get(step)
        if seen == 1:
            return f"{'failed' if failed else 'did not fail'} in the {_last(1)}"
        return f"failed in {failed or 'none'} of the {_last(seen)}"


NO_TRENDS = Trends()


def trends_of(history: Iterable[PastGate]) -> Trends:
    """Return the trends of the latest gates, whatever order they are given in."""
    runs = defaultdict[tuple[str, str | None], list[PastRun]](list)
    for gate in latest(history):
        for run in gate.runs:
            runs[run.test_suite, run.language].append(run)
    return Trends({suite: _trend(past) for suite, past in runs.items()})


def latest(history: Iterable[PastGate]) -> list[PastGate]:
    """Return the latest gates, as many as a trend covers, oldest first."""
    return sorted(history, key=lambda gate: gate.start_time)[-MOST_GATES:]


def _trend(runs: list[PastRun]) -> Trend:
    seen, failed = Counter[str](), Counter[str]()
    for run in runs[-_RECENT:]:
        seen.update(run.seen)
        failed.update(run.failed)
    return Trend(tuple(map(_point, runs)), seen, failed)


def _point(run: PastRun) -> TrendPoint:
    steps = run.steps
    # A file from elsewhere may have any counts.
    rate = min(1.0, max(0.0, steps.passed / steps.total)) if steps.total > 0 else None
    duration = run.duration if run.duration and 0 < run.duration < _MAX_DURATION else None
    return TrendPoint(run.verdict, rate, duration)


def _last(count: int) -> str:
    return "last run" if count == 1 else f"last {count} runs"


def _percent(rate: float) -> str:
    """Return a rate as a percentage; only a full rate is 100 %, none is rounded up to it."""
    return f"{int(rate * 100) if rate < 1 else 100} %"
