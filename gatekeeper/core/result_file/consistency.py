"""Checks whether a `result.json` is one that a gate could have written.

Each problem is a sentence about the file or the run; a gate writes a file without any.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from gatekeeper.core.outcomes import Check, Outcome, worst, worst_for_run
from gatekeeper.core.result_file.read import gate_of
from gatekeeper.core.result_file.schema import SavedCase, SavedGate, SavedRun
from gatekeeper.core.text import one_line

_COUNTED = (
    Outcome.PASSED,
    Outcome.FAILED,
    Outcome.ERROR,
    Outcome.SKIPPED,
    Outcome.TOLERATED,
)


def gate_inconsistencies(saved: SavedGate) -> Iterator[str]:
    """Yield what in a saved gate contradicts the rest of it."""
    gate = gate_of(saved)
    if (saved.verdict, saved.exit_code) != (gate.outcome, gate.exit_code):
        yield (
            f"its verdict does not match its runs: the file has {saved.verdict} with exit code "
            f"{saved.exit_code}, the runs make {gate.outcome} with {gate.exit_code.value}"
        )
    if gate.misconfigured and gate.outcome is not Outcome.ERROR:
        yield f"its exit code reports wrong settings, but its runs make {gate.outcome}"
    for run in saved.runs:
        name = one_line(run.test_suite)
        yield from (
            f"its run of {name} is inconsistent: {problem}" for problem in run_inconsistencies(run)
        )


def duplicate_run_ids(saved: SavedGate) -> Iterator[str]:
    """Yield the run ids that several runs share, unless each of them is marked as having one."""
    runs = [run for run in saved.runs if run.test_run_id]
    counts = Counter(run.test_run_id for run in runs)
    unmarked = [run.test_run_id for run in runs if not _is_marked(run)]
    yield from (run_id for run_id in counts if run_id and counts[run_id] > 1 and run_id in unmarked)


def _is_marked(run: SavedRun) -> bool:
    return any(reason.check is Check.CONTRADICTION for reason in run.failures)


def run_inconsistencies(run: SavedRun) -> Iterator[str]:
    """Yield what in a saved run, its other attempts included, contradicts the rest of it."""
    yield from _attempts(run)
    for attempt in (run, *run.earlier):
        yield from _counts(attempt)
        yield from _cases(attempt.cases)
        yield from _green(attempt) if attempt.verdict.is_green else _red(attempt)


def _attempts(run: SavedRun) -> Iterator[str]:
    numbers = sorted(attempt.attempt for attempt in (run, *run.earlier))
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"its attempts are numbered {', '.join(map(str, numbers))}"
    if any(attempt.earlier for attempt in run.earlier):
        yield "one of its attempts has attempts of its own"
    green = run.verdict.is_green
    if run.flaky is not (green and bool(run.earlier)):
        yield "its flaky flag does not match its attempts"
    if green and any(attempt.verdict is not Outcome.FAILED for attempt in run.earlier):
        yield f"its verdict is {run.verdict}, but an earlier attempt did not fail"


def _counts(run: SavedRun) -> Iterator[str]:
    steps = run.steps
    counts = {outcome: getattr(steps, outcome) for outcome in _COUNTED}
    if min(steps.total, *counts.values()) < 0:
        yield "one of its step counts is negative"
    ended = Counter(case.outcome for case in run.cases)
    actual = {outcome: ended[outcome] for outcome in counts}
    if run.cases and (steps.total, counts) != (len(run.cases), actual):
        yield f"its counts do not match its {len(run.cases)} steps"
    elif run.verdict.is_green and sum(counts.values()) != steps.total:
        yield f"it counts {steps.total} steps, but {sum(counts.values())} outcomes"


def _cases(cases: tuple[SavedCase, ...]) -> Iterator[str]:
    for field, values in (
        ("name", [case.name for case in cases]),
        ("id", [case.id for case in cases if case.id is not None]),
    ):
        if len(set(values)) < len(values):
            yield f"several steps have the same {field}"
    if 0 < sum(case.id is None for case in cases) < len(cases):
        yield "only some of its steps have an id"
    wrong = [case.index for case in cases if not _explains_its_outcome(case)]
    if wrong:
        yield f"the reasons of step {wrong[0]} do not match its outcome{_more(wrong)}"


def _explains_its_outcome(case: SavedCase) -> bool:
    """Whether the reasons of a step lead to its outcome, which cannot be a timeout."""
    reasons = {reason.outcome for reason in case.failures}
    if len(case.failures) != len(case.reasons):
        return False
    if case.outcome is Outcome.PASSED:
        return not reasons
    if case.outcome is Outcome.SKIPPED:
        # A skipped step that is accepted has no reason.
        return reasons <= {Outcome.SKIPPED}
    if case.outcome is Outcome.TOLERATED:
        return Outcome.TOLERATED in reasons <= {Outcome.TOLERATED, Outcome.FAILED}
    return worst(reasons) is case.outcome is not Outcome.TIMEOUT


def _red(run: SavedRun) -> Iterator[str]:
    """Yield a problem if the reasons of a red run do not lead to its verdict."""
    cases = [case for case in run.cases if case.outcome is not Outcome.TOLERATED]
    reasons = [*run.failures, *(reason for case in cases for reason in case.failures)]
    if worst_for_run(reason.outcome for reason in reasons) is not run.verdict:
        yield f"its verdict is {run.verdict}, but its reasons imply another"


def _green(run: SavedRun) -> Iterator[str]:
    """Yield what a run that passed or is tolerated cannot have."""
    steps = run.steps
    but = f"its verdict is {run.verdict}, but"
    if not steps.total:
        yield f"{but} it has no steps"
    if run.verdict is Outcome.PASSED and not steps.passed:
        yield f"{but} none of its steps passed"
    if run.verdict is Outcome.PASSED and steps.tolerated:
        yield f"{but} some of its steps are tolerated"
    if run.verdict is Outcome.TOLERATED and not (steps.tolerated or _notes_a_failure(run)):
        yield f"{but} nothing in it failed"
    if steps.failed or steps.error:
        yield f"{but} some of its steps failed or could not be judged"
    if run.failures or (run.verdict is Outcome.PASSED and run.reasons):
        yield f"{but} it has reasons against that"
    if run.next_step:
        yield f"{but} it has a next step"
    # A green run lists its steps, or warns that the response had none.
    if not run.cases and not run.remarks:
        yield f"{but} it lists no steps, and no warning says why"
    red = [case.index for case in run.cases if not _is_green(case)]
    if red:
        yield f"{but} step {red[0]} is not{_more(red)}"


def _notes_a_failure(run: SavedRun) -> bool:
    return any(remark.outcome is Outcome.TOLERATED for remark in run.remarks)


def _is_green(case: SavedCase) -> bool:
    # A skipped step without a reason was accepted, so it is green.
    skipped = case.outcome is Outcome.SKIPPED and not case.failures
    return case.outcome.is_green or skipped


def _more(steps: Sequence[int]) -> str:
    more = len(steps) - 1
    return f" (and {more} more)" if more else ""
