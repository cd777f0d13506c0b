"""The job log: a line when something changes, and all reasons at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from gatekeeper.core.model import Case, Gate, Run, RunProgress
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.text import one_line, seconds
from gatekeeper.core.wording.differences import Differences, differences_of
from gatekeeper.core.wording.failures import explained
from gatekeeper.core.wording.steps import details_of, step_of, user_input
from gatekeeper.core.wording.styled import Line, Mark, Span, line
from gatekeeper.core.wording.verdicts import (
    MARKS,
    OUTCOMES,
    counted,
    reasons_of,
    run_id_of,
    verdict_line,
)

_TEXT_LIMIT = 1_000
# Of one step: what fits on a screen.
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
    """Return the line that says that a run is being watched."""
    how = "attached to" if attached else "started"
    return f"▶ {one_line(test_suite)}: {how} run {one_line(test_run_id)} on {one_line(host)}"


def progress(run: RunProgress) -> str:
    """Return the line that says how far a run is and when it times out."""
    done = "progress unknown" if run.percentage is None else f"{run.percentage:3.0f} %"
    times = f"{seconds(run.elapsed)} elapsed, times out in {seconds(run.remaining)}"
    return f"  {one_line(run.test_suite)}: {done}, {times}"


def runs(gate: Gate, page: str, differences: Differences | None = None) -> Iterator[Line]:
    """Yield each run's verdict and why steps did not pass; `page` is the file with all details."""
    differences = differences or differences_of(gate)
    for run in gate.runs:
        yield line("")
        yield from _run(run, page, differences)
    if differences.note:
        yield line("")
        yield line(f"note: {differences.note}")


def ending(gate: Gate, reports: Iterable[str]) -> Iterator[Line]:
    """Yield where the reports are, and the verdict."""
    yield line("")
    yield line(f"reports: {', '.join(reports) or 'none'}")
    is_odd = gate.outcome is not Outcome.FAILED and (gate.interrupted_by or gate.unwritten)
    mark = Mark.ODD if is_odd else _COLOURS[gate.outcome]
    yield (Span(verdict_line(gate), mark), Span(f" (exit code {gate.exit_code.value})"))


def _run(run: Run, page: str, differences: Differences) -> Iterator[Line]:
    verdict = run.verdict
    for case in verdict.cases:
        if case.outcome is not Outcome.PASSED or case.warnings:
            yield from _screenful(_case(run, case, differences), page)
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
    yield from islice(lines, _MOST_LINES)
    if more := sum(1 for _ in lines):
        yield line(f"    … {more} more lines: see {page}", Mark.ASIDE)


def _case(run: Run, case: Case, differences: Differences) -> Iterator[Line]:
    step = step_of(run, case)
    head = f"{MARKS[case.outcome]} step {case.index} {OUTCOMES[case.outcome]}"
    yield (Span(head, _COLOURS[case.outcome]), Span(f", user said: {user_input(step)}"))
    if case.outcome is Outcome.SKIPPED:
        return
    for reason in case.reasons:
        # Beside a comparison, there are up to four lines in a step: the last of it is in sight.
        lines = explained(reason, _TEXT_LIMIT, differences, most_lines=_MOST_LINES - 4)
        yield from ((Span("    "), *spans) for spans in lines)
    for warning in case.warnings:
        yield line(f"    warning: {one_line(str(warning), _TEXT_LIMIT)}")
    if case.reasons and step is not None:
        yield from (line(f"    {detail}", Mark.ASIDE) for detail in details_of(step))


def _indented(label: str, text: str) -> Iterator[Line]:
    first, *rest = text.split("\n")
    yield line(f"{label}{first}")
    yield from (line(f"{'':{len(label)}}{continued}") for continued in rest)
