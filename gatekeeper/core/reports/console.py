"""What the job log says: one line when something changed, and all reasons at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gatekeeper.core.model import Case, Gate, Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.text import one_line, seconds
from gatekeeper.core.wording import (
    OUTCOMES,
    counted,
    explained,
    reasons_of,
    said,
    step_of,
    verdict_line,
    whereabouts,
)

_TEXT_LIMIT = 2_000
_MARKS = {
    Outcome.PASSED: "✓",
    Outcome.FAILED: "✗",
    Outcome.ERROR: "!",
    Outcome.SKIPPED: "-",
    Outcome.TIMEOUT: "!",
}


def started(test_suite: str, test_run_id: str, host: str, *, attached: bool) -> str:
    """Say that a run is being watched."""
    how = "attached to" if attached else "started"
    return f"▶ {one_line(test_suite)}: {how} run {one_line(test_run_id)} on {one_line(host)}"


def progress(test_suite: str, percentage: float | None, elapsed: float, remaining: float) -> str:
    """Say how far a run is, and how much of the gate's time is spent and left (seconds)."""
    far = "progress unknown" if percentage is None else f"{percentage:3.0f} %"
    times = f"{seconds(elapsed)} elapsed, {seconds(remaining)} left"
    return f"  {one_line(test_suite)}: {far}, {times}"


def runs(gate: Gate) -> Iterator[str]:
    """Tell each run's end, with every step that did not pass and why."""
    for run in gate.runs:
        yield ""
        yield from _run(run)


def ending(gate: Gate, reports: Iterable[str]) -> Iterator[str]:
    """Tell where the reports lie, and the verdict."""
    yield ""
    yield f"reports: {', '.join(reports) or 'none'}"
    yield f"{verdict_line(gate)} (exit code {gate.exit_code.value})"


def _run(run: Run) -> Iterator[str]:
    verdict = run.verdict
    for case in verdict.cases:
        if case.outcome is not Outcome.PASSED or case.warnings:
            yield from _case(run, case)
    took = "" if run.duration is None else f", {seconds(run.duration)}"
    suite = one_line(run.test_suite)
    yield f"{_MARKS[verdict.outcome]} {suite}: {counted(verdict.steps)}{took}"
    if run.test_run_id:
        yield f"  run id: {one_line(run.test_run_id)}"
    for reason in reasons_of(verdict):
        yield from _indented("  " if reason.startswith("next: ") else "  why: ", reason)
    for warning in verdict.warnings:
        yield f"  warning: {one_line(str(warning), _TEXT_LIMIT)}"
    if run.results_url:
        yield f"  results file: {run.results_url}"


def _case(run: Run, case: Case) -> Iterator[str]:
    step = step_of(run, case)
    words = OUTCOMES[case.outcome]
    yield f"{_MARKS[case.outcome]} step {case.index} {words}, user said: {said(step)}"
    if case.outcome is Outcome.SKIPPED:
        return
    for reason in case.reasons:
        yield from (f"    {line}" for line in explained(reason, _TEXT_LIMIT))
    for warning in case.warnings:
        yield f"    warning: {one_line(str(warning), _TEXT_LIMIT)}"
    if case.reasons and step is not None:
        yield from (f"    {line}" for line in whereabouts(step))


def _indented(label: str, text: str) -> Iterator[str]:
    first, *rest = text.split("\n")
    yield f"{label}{first}"
    yield from (f"{'':{len(label)}}{line}" for line in rest)
