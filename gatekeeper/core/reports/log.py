"""The job log: what changes while suites run, then why they did not pass, and a list at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from gatekeeper.core.model import Case, Gate, Run, StartedBy
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.progress import GateProgress, SuiteProgress
from gatekeeper.core.text import one_line, seconds
from gatekeeper.core.wording.differences import Differences, differences_of
from gatekeeper.core.wording.failures import explained
from gatekeeper.core.wording.steps import details_of, step_of, user_input
from gatekeeper.core.wording.styled import LEGEND, Line, Mark, Span, is_marked, line
from gatekeeper.core.wording.verdicts import (
    MARKS,
    OUTCOMES,
    attempt_of,
    ending_of,
    own_reasons_of,
    run_id_of,
    start_of,
    verdict_line,
)
from gatekeeper.core.wording.why import why_of

_TEXT_LIMIT = 1_000
# Of one step: what fits on a screen.
_MOST_LINES = 24
# Of the list at the end: with the lines below it, what fits on a small screen.
_MOST_LISTED = 12
_LONGEST_LISTED = 118
_WORD_WIDTH = max(len(outcome.name) for outcome in Outcome)
# Running suites that a line about the progress names.
_MOST_NAMED = 3
COLOURS = {
    Outcome.PASSED: Mark.GOOD,
    Outcome.FAILED: Mark.BAD,
    Outcome.ERROR: Mark.ODD,
    Outcome.SKIPPED: Mark.ASIDE,
    Outcome.TIMEOUT: Mark.ODD,
    Outcome.TOLERATED: Mark.ODD,
}
"""The mark of each outcome, in the log and in the live display."""


def started(
    name: str,
    test_run_id: str,
    host: str,
    *,
    attached: bool,
    started_by: StartedBy | None = None,
) -> str:
    """Return the line that says that a run was started, or is being watched."""
    how = "attached to" if attached else "started"
    since = f", started {one_line(started_by.at)}" if started_by else ""
    return f"▶ {one_line(name)}: {how} run {one_line(test_run_id)} on {one_line(host)}{since}"


def progress(suite: SuiteProgress) -> str:
    """Return the line that says how far a suite is and when it times out."""
    done = "progress unknown" if suite.percentage is None else f"{suite.percentage:3.0f} %"
    times = f"{seconds(suite.elapsed)} elapsed, times out in {seconds(suite.remaining)}"
    return f"  {one_line(suite.name)}: {done}, {times}"


def total(gate: GateProgress) -> str:
    """Return the line that says how far several suites are: `12 of 20 suites done, 8 running`."""
    counts = ", ".join(f"{count} {state}" for count, state in gate.counts if count)
    done = f"{gate.done} of {len(gate.suites)} suites done"
    line = f"{', '.join(filter(None, (done, counts)))}; {seconds(gate.elapsed)} elapsed"
    if gate.done and len(gate.running) <= _MOST_NAMED:
        names = ", ".join(map(_still_running, gate.running))
        return f"  {line}{f' (still running: {names})' if names else ''}"
    return f"  {line}"


def _still_running(suite: SuiteProgress) -> str:
    done = "" if suite.percentage is None else f" {suite.percentage:.0f} %"
    return f"{one_line(suite.name, 40)}{done}"


def ended(run: Run) -> Line:
    """Return the line that says how one of several suites ended, or why it has no verdict."""
    if run.verdict.outcome.is_verdict:
        return _ended(run, ending_of(run))
    return _ended(run, one_line(why_of(run), _LONGEST_LISTED))


def _ended(run: Run, ending: str) -> Line:
    flaky = "flaky" if run.is_flaky else ""
    took = "" if run.duration is None else seconds(run.duration)
    facts = ", ".join(filter(None, (ending, flaky, attempt_of(run), took)))
    name = one_line(run.name)
    return (_labelled(run.verdict.outcome), Span(f" {name}: {facts}" if facts else f" {name}"))


def runs(
    gate: Gate, page: str, differences: Differences | None = None, *, brief: bool = False
) -> Iterator[Line]:
    """Yield why suites did not pass, the worst first; `page` is the file with all details.

    Of several suites, or if `brief`, those that passed without a warning are left out.
    """
    differences = differences or differences_of(gate)
    is_legend_due, was_passed = True, False
    for run in sorted(gate.runs, key=lambda run: run.verdict.outcome.rank):
        if (brief or len(gate.runs) > 1) and not _has_news(run):
            continue
        # Those that passed, with warnings, follow one another.
        if run.verdict.outcome is not Outcome.PASSED or not was_passed:
            yield line("")
        was_passed = run.verdict.outcome is Outcome.PASSED
        for block in _blocks(gate, run, page, differences):
            yield from block
            if is_legend_due and any(map(is_marked, block)):
                is_legend_due = False
                yield (Span("      "), *LEGEND)
    if differences.note:
        yield line("")
        yield line(f"note: {differences.note}")


def ending(gate: Gate, reports: Sequence[str], page: str, changed: str = "") -> Iterator[Line]:
    """Yield a list of the suites that did not pass, where the reports are, and the verdict.

    `page` is the file with all details, `changed` what changed since earlier results.
    """
    if len(gate.runs) > 1:
        yield from _listed(gate, page)
    yield line("")
    if changed:
        yield line(changed)
    if page in reports and gate.outcome is not Outcome.PASSED:
        yield line(f"next: see {page}")
    yield line(f"reports: {', '.join(reports) or 'none'}")
    yield verdict(gate)


def verdict(gate: Gate) -> Line:
    """Return the last line, with the verdict and the exit code."""
    is_incomplete = gate.interrupted_by or gate.unwritten or gate.partial
    is_odd = gate.outcome is not Outcome.FAILED and is_incomplete
    mark = Mark.ODD if is_odd else COLOURS[gate.outcome]
    return (Span(verdict_line(gate), mark), Span(f" (exit code {gate.exit_code.value})"))


def _listed(gate: Gate, page: str) -> Iterator[Line]:
    """Yield a line for each suite that did not pass, the worst first, as many as fit."""
    reds = [run for run in gate.runs if run.verdict.outcome is not Outcome.PASSED]
    reds.sort(key=lambda run: run.verdict.outcome.rank)
    if reds:
        yield line("")
    for run in reds[:_MOST_LISTED]:
        label = _labelled(run.verdict.outcome)
        name = one_line(run.name, _LONGEST_LISTED // 4)
        text = one_line(f"{name}: {why_of(run)}", _LONGEST_LISTED - len(label.text) - 1)
        yield (label, Span(f" {text}"))
    if more := reds[_MOST_LISTED:]:
        yield line(f"… and {len(more)} more: see {page}")


def _labelled(outcome: Outcome) -> Span:
    return Span(f"{MARKS[outcome]} {outcome.name:<{_WORD_WIDTH}}", COLOURS[outcome])


def _has_news(run: Run) -> bool:
    """Whether there is more to say of a run than that it passed."""
    verdict = run.verdict
    has_warning = verdict.warnings or any(case.warnings for case in verdict.cases)
    return verdict.outcome is not Outcome.PASSED or bool(has_warning)


def _blocks(gate: Gate, run: Run, page: str, differences: Differences) -> Iterator[list[Line]]:
    """Yield what there is to say of a run: its name and reasons, each of its steps, the rest."""
    verdict = run.verdict
    yield list(_heading(gate, run))
    for case in verdict.cases:
        if case.outcome is not Outcome.PASSED or case.warnings:
            yield list(_screenful(_case(run, case, differences), page))
    rest = [f"warning: {one_line(str(warning), _TEXT_LIMIT)}" for warning in verdict.warnings]
    if run.results_url:
        rest.append(f"results file: {run.results_url}")
    yield [line(f"  {text}") for text in rest]


def _heading(gate: Gate, run: Run) -> Iterator[Line]:
    """Yield how a run ended, unless the verdict of the gate says it, and its own reasons."""
    if len(gate.runs) > 1:
        yield _ended(run, ending_of(run) if run.is_suite else "")
    else:
        head = f"{MARKS[run.verdict.outcome]} {one_line(run.name)}"
        took = run.duration is not None and not gate.duration
        text = f", {seconds(run.duration or 0.0)}" if took else ""
        yield (Span(head, COLOURS[run.verdict.outcome]), Span(text))
    is_brief = len(gate.runs) > 1 and run.verdict.outcome is Outcome.PASSED
    if not is_brief and (run_id := run_id_of(run)):
        yield line(f"  run id: {run_id}")
        if run.started_by:
            yield line(f"  started: {start_of(run.started_by)}")
    for reason in own_reasons_of(run.verdict):
        yield from _indented("  " if reason.startswith("next: ") else "  why: ", reason)


def _screenful(lines: Iterator[Line], page: str) -> Iterator[Line]:
    yield from islice(lines, _MOST_LINES)
    if more := sum(1 for _ in lines):
        yield line(f"      … {more} more lines: see {page}", Mark.ASIDE)


def _case(run: Run, case: Case, differences: Differences) -> Iterator[Line]:
    step = step_of(run, case)
    head = f"{MARKS[case.outcome]} step {case.index} {OUTCOMES[case.outcome]}"
    said = Span(f", user said: {user_input(step)}")
    yield (Span("  "), Span(head, COLOURS[case.outcome]), said)
    if case.outcome is Outcome.SKIPPED:
        return
    for reason in case.reasons:
        # Beside a comparison, there are up to four lines in a step: the last of it is in sight.
        lines = explained(reason, _TEXT_LIMIT, differences, most_lines=_MOST_LINES - 4)
        yield from ((Span("      "), *spans) for spans in lines)
    for warning in case.warnings:
        yield line(f"      warning: {one_line(str(warning), _TEXT_LIMIT)}")
    if case.reasons and step is not None:
        yield from (line(f"      {detail}", Mark.ASIDE) for detail in details_of(step))


def _indented(label: str, text: str) -> Iterator[Line]:
    first, *rest = text.split("\n")
    yield line(f"{label}{first}")
    yield from (line(f"{'':{len(label)}}{continued}") for continued in rest)
