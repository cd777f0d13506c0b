"""How suites and their steps ended lately, by the `result.json` files of earlier gates."""

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

# As many gates as are looked at, and as many runs as are told of in words.
MOST_GATES = 30
_LATELY = 10
_LONGEST = 1e9  # seconds; what a file tells beyond is no duration
_NOT_JUDGED = (Outcome.PASSED, Outcome.SKIPPED)


class Past(Record):
    """How an earlier run ended: `pass_rate` is from 0 to 1, `duration` in seconds, where told."""

    outcome: Outcome
    pass_rate: float | None
    duration: float | None


class Trend(Record):
    """The earlier runs of a suite, the last one last, and of its steps lately, by their ids.

    `seen` is in how many of the last runs a step was, and `failed` in how many of these it failed.
    """

    runs: tuple[Past, ...] = ()
    seen: Mapping[str, int] = msgspec.field(default_factory=dict)
    failed: Mapping[str, int] = msgspec.field(default_factory=dict)

    def __str__(self) -> str:
        """Say in a line how the last runs ended; nothing where there was none."""
        lately = self.runs[-_LATELY:]
        if not lately:
            return ""
        from statistics import fmean, median

        rates = [past.pass_rate for past in lately if past.pass_rate is not None]
        durations = [past.duration for past in lately if past.duration is not None]
        told = [f"{_last(len(lately))}: {''.join(MARKS[past.outcome] for past in lately)}"]
        if rates:
            told.append(f"pass rate {_percent(fmean(rates))} on average")
        if durations:
            told.append(f"usually {seconds(median(durations))}")
        return ", ".join(told)


_NO_TREND = Trend()


class Trends(Record):
    """The trends of suites, each of them by its name and its language."""

    suites: Mapping[tuple[str, str | None], Trend] = msgspec.field(default_factory=dict)

    def of(self, run: Run) -> Trend:
        """Return the trend of a run's suite; an empty one where nothing is known of it."""
        return self.suites.get((run.test_suite, run.language), _NO_TREND)

    def of_step(self, run: Run, case: Case) -> str:
        """Say how often a step that did not pass failed lately; nothing where that is not known."""
        trend = self.of(run)
        if case.outcome in _NOT_JUDGED or not trend.seen:
            return ""
        step = run.id_of(case)
        if not (seen := trend.seen.get(step, 0)):
            return ""
        failed = trend.failed.get(step, 0)
        if seen == 1:
            return f"{'failed' if failed else 'did not fail'} in the {_last(1)}"
        return f"failed in {failed or 'none'} of the {_last(seen)}"


NO_TRENDS = Trends()


def trends_of(history: Iterable[PastGate]) -> Trends:
    """Tell the trends by earlier gates; the last ones count, in whichever order they come."""
    runs = defaultdict[tuple[str, str | None], list[PastRun]](list)
    for gate in latest(history):
        for run in gate.runs:
            runs[run.test_suite, run.language].append(run)
    return Trends({suite: _trend(told) for suite, told in runs.items()})


def latest(history: Iterable[PastGate]) -> list[PastGate]:
    """Return the latest gates that are looked at, the last one last."""
    return sorted(history, key=lambda gate: gate.begun)[-MOST_GATES:]


def _trend(runs: list[PastRun]) -> Trend:
    seen, failed = Counter[str](), Counter[str]()
    for run in runs[-_LATELY:]:
        seen.update(run.seen)
        failed.update(run.failed)
    return Trend(tuple(map(_past, runs)), seen, failed)


def _past(run: PastRun) -> Past:
    steps = run.steps
    # Who wrote the file may have counted anything.
    rate = min(1.0, max(0.0, steps.passed / steps.total)) if steps.total > 0 else None
    duration = run.duration if run.duration and 0 < run.duration < _LONGEST else None
    return Past(run.verdict, rate, duration)


def _last(count: int) -> str:
    return "last run" if count == 1 else f"last {count} runs"


def _percent(rate: float) -> str:
    """Say a rate; what is not all is never rounded up to it."""
    return f"{int(rate * 100) if rate < 1 else 100} %"
