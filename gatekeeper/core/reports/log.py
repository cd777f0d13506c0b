"""What the job log says: one line when something changed, and all reasons at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gatekeeper.core.model import Case, Gate, Run, RunProgress
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.text import one_line, seconds
from gatekeeper.core.wording.failures import (
    MARKS,
    OUTCOMES,
    counted,
    explained,
    reasons_of,
    run_id_of,
    said,
    step_of,
    verdict_line,
    whereabouts,
)
from gatekeeper.core.wording.styled import Line, Mark, Span, line

_TEXT_LIMIT = 1_000
# What fits on a screen, of one step.
_MOST_LINES = 24
_COLOURS = {
    Outcome.PASSED: Mark.GOOD,
    Outcome.FAILED: Mark.BAD,
    Outcome.ERROR: Mark.ODD,
    Outcome.SKIPPED: Mark.ASIDE,
    Outcome.TIMEOUT: Mark.ODD,
    Outcome.TOLERATED: Mark.ODD,
}


def started(test_suite: str, test_run_id: str, host: str, *, attached: bool) -> str:
    """Say that a run is being watched."""
    how = "attached to" if attached else "started"
    return f"▶ {one_line(test_suite)}: {how} run {one_line(test_run_id)} on {one_line(host)}"


def progress(standing: RunProgress) -> str:
    """Say how far a run is, and how much of the gate's time is spent and left."""
    far = "progress unknown" if standing.percentage is None else f"{standing.percentage:3.0f} %"
    times = f"{seconds(standing.elapsed)} elapsed, {seconds(standing.remaining)} left"
    return f"  {one_line(standing.test_suite)}: {far}, {times}"


def runs(gate: Gate, page: str) -> Iterator[Line]:
    """Tell each run's end, with every step that did not pass and why; `page` tells all of it."""
    for run in gate.runs:
        yield line("")
        yield from _run(run, page)


def ending(gate: Gate, reports: Iterable[str]) -> Iterator[Line]:
    """Tell where the reports lie, and the verdict."""
    yield line("")
    yield line(f"reports: {', '.join(reports) or 'none'}")
    amiss = gate.outcome is not Outcome.FAILED and (gate.interrupted_by or gate.unwritten)
    mark = Mark.ODD if amiss else _COLOURS[gate.outcome]
    yield (Span(verdict_line(gate), mark), Span(f" (exit code {gate.exit_code.value})"))


def _run(run: Run, page: str) -> Iterator[Line]:
    verdict = run.verdict
    for case in verdict.cases:
        if case.outcome is not Outcome.PASSED or case.warnings:
            yield from _screenful(_case(run, case), page)
    took = "" if run.duration is None else f", {seconds(run.duration)}"
    headline = f"{one_line(run.name)}: {counted(verdict.steps)}{took}"
    yield (Span(f"{MARKS[verdict.outcome]} {headline}", _COLOURS[verdict.outcome]),)
    if run_id := run_id_of(run):
        yield line(f"  run id: {run_id}")
    for reason in reasons_of(verdict):
        yield from _indented("  " if reason.startswith("next: ") else "  why: ", reason)
    for warning in verdict.warnings:
        yield line(f"  warning: {one_line(str(warning), _TEXT_LIMIT)}")
    if run.results_url:
        yield line(f"  results file: {run.results_url}")


def _screenful(lines: Iterator[Line], page: str) -> Iterator[Line]:
    told = list(lines)
    yield from told[:_MOST_LINES]
    if len(told) > _MOST_LINES:
        left_out = f"    … {len(told) - _MOST_LINES} lines left out; {page} has all of it"
        yield line(left_out, Mark.ASIDE)


def _case(run: Run, case: Case) -> Iterator[Line]:
    step = step_of(run, case)
    head = f"{MARKS[case.outcome]} step {case.index} {OUTCOMES[case.outcome]}"
    yield (Span(head, _COLOURS[case.outcome]), Span(f", user said: {said(step)}"))
    if case.outcome is Outcome.SKIPPED:
        return
    for reason in case.reasons:
        yield from ((Span("    "), *one) for one in explained(reason, _TEXT_LIMIT))
    for warning in case.warnings:
        yield line(f"    warning: {one_line(str(warning), _TEXT_LIMIT)}")
    if case.reasons and step is not None:
        yield from (line(f"    {told}", Mark.ASIDE) for told in whereabouts(step))


def _indented(label: str, text: str) -> Iterator[Line]:
    first, *rest = text.split("\n")
    yield line(f"{label}{first}")
    yield from (line(f"{'':{len(label)}}{one}") for one in rest)
