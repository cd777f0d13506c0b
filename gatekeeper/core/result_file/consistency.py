"""Why a saved gate, or a run of it, is none that a gate could have written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from gatekeeper.core.outcomes import Check, Outcome
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
_GREEN = (Outcome.PASSED, Outcome.TOLERATED)


def gate_inconsistencies(saved: SavedGate) -> Iterator[str]:
    """Say what of a saved gate contradicts the rest of it, in sentences."""
    gate = gate_of(saved)
    if (saved.verdict, saved.exit_code) != (gate.outcome, gate.exit_code):
        yield (
            f"its verdict does not follow from its runs: it says {saved.verdict} with exit code "
            f"{saved.exit_code}, and they come to {gate.outcome} with {gate.exit_code.value}"
        )
    if gate.misconfigured and gate.outcome is not Outcome.ERROR:
        yield f"it says that its settings were wrong, and that what it ran came to {gate.outcome}"
    for run in saved.runs:
        about = one_line(run.test_suite)
        yield from (f"no gate writes its run of {about}: {why}" for why in run_inconsistencies(run))


def duplicate_run_ids(saved: SavedGate) -> Iterator[str]:
    """Yield the ids that runs share, though not all of these runs say that it is no verdict."""
    runs = [run for run in saved.runs if run.test_run_id]
    times = Counter(run.test_run_id for run in runs)
    bare = [run.test_run_id for run in runs if not _is_marked(run)]
    yield from (run_id for run_id in times if run_id and times[run_id] > 1 and run_id in bare)


def _is_marked(run: SavedRun) -> bool:
    return any(reason.check is Check.CONTRADICTION for reason in run.failures)


def run_inconsistencies(run: SavedRun) -> Iterator[str]:
    """Say what of a saved run contradicts the rest of it, its other attempts included."""
    yield from _attempts(run)
    for attempt in (run, *run.earlier):
        yield from _counts(attempt)
        yield from _cases(attempt.cases)
        yield from _green(attempt) if attempt.verdict in _GREEN else _red(attempt)


def _attempts(run: SavedRun) -> Iterator[str]:
    numbers = sorted(attempt.attempt for attempt in (run, *run.earlier))
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"its attempts are numbered {', '.join(map(str, numbers))}"
    if any(attempt.earlier for attempt in run.earlier):
        yield "an attempt of it has attempts of its own"
    green = run.verdict in _GREEN
    if run.flaky is not (green and bool(run.earlier)):
        yield "whether it is flaky does not follow from its attempts"
    if green and any(attempt.verdict is not Outcome.FAILED for attempt in run.earlier):
        yield f"it is {run.verdict}, and an attempt before it did not fail"


def _counts(run: SavedRun) -> Iterator[str]:
    steps = run.steps
    counts = {outcome: getattr(steps, outcome) for outcome in _COUNTED}
    if min(steps.total, *counts.values()) < 0:
        yield "it has a negative count of steps"
    ended = Counter(case.outcome for case in run.cases)
    if run.cases and (steps.total, counts) != (len(run.cases), {one: ended[one] for one in counts}):
        yield f"its counts are not those of its {len(run.cases)} steps"
    elif run.verdict in _GREEN and sum(counts.values()) != steps.total:
        yield f"it counts {steps.total} steps, and {sum(counts.values())} that ended"


def _cases(cases: tuple[SavedCase, ...]) -> Iterator[str]:
    for what, names in (
        ("name", [case.name for case in cases]),
        ("id", [case.id for case in cases if case.id is not None]),
    ):
        if len(set(names)) < len(names):
            yield f"the {what} of a step is there more than once"
    if 0 < sum(case.id is None for case in cases) < len(cases):
        yield "some of its steps have an id, and others have none"
    wrong = [case.index for case in cases if not _bears_its_outcome(case)]
    if wrong:
        yield f"step {wrong[0]} has reasons that do not come to its outcome{_more(wrong)}"


def _bears_its_outcome(case: SavedCase) -> bool:
    """Whether the reasons of a step are those of its outcome; no step ends by a timeout."""
    reasons = {reason.outcome for reason in case.failures}
    if len(case.failures) != len(case.reasons):
        return False
    if case.outcome is Outcome.PASSED:
        return not reasons
    if case.outcome is Outcome.SKIPPED:
        # Where that is accepted, it has no reason.
        return reasons <= {Outcome.SKIPPED}
    if case.outcome is Outcome.TOLERATED:
        return Outcome.TOLERATED in reasons <= {Outcome.TOLERATED, Outcome.FAILED}
    return _worst(reasons) is case.outcome is not Outcome.TIMEOUT


def _worst(outcomes: Iterable[Outcome]) -> Outcome:
    return min(outcomes, key=lambda outcome: outcome.rank, default=Outcome.PASSED)


def _red(run: SavedRun) -> Iterator[str]:
    """Say whether the reasons of a run come to anything but its verdict."""
    cases = [case for case in run.cases if case.outcome is not Outcome.TOLERATED]
    reasons = [*run.failures, *(reason for case in cases for reason in case.failures)]
    worst = _worst(reason.outcome for reason in reasons)
    # A step that was not executed leaves its run without a verdict.
    if (Outcome.ERROR if worst is Outcome.SKIPPED else worst) is not run.verdict:
        yield f"it is {run.verdict}, and its reasons do not come to that"


def _green(run: SavedRun) -> Iterator[str]:
    """Say what keeps a run from having passed, or from being tolerated."""
    steps = run.steps
    if not steps.total:
        yield f"it is {run.verdict}, and has no step"
    if run.verdict is Outcome.PASSED and not steps.passed:
        yield "it is passed, and no step of it has passed"
    if run.verdict is Outcome.PASSED and steps.tolerated:
        yield "it is passed, and steps of it are tolerated"
    if run.verdict is Outcome.TOLERATED and not (steps.tolerated or _notes_a_failure(run)):
        yield "it is tolerated, and nothing of it failed"
    if steps.failed or steps.error:
        yield f"it is {run.verdict}, and steps of it failed or could not be judged"
    if run.failures or (run.verdict is Outcome.PASSED and run.reasons):
        yield f"it is {run.verdict}, and has reasons why it is not"
    if run.next_step:
        yield f"it is {run.verdict}, and says what to do about that"
    # What is green counts each step, or warns that the answer told of none.
    if not run.cases and not run.remarks:
        yield f"it is {run.verdict}, and neither has steps nor says why"
    odd = [case.index for case in run.cases if not _is_green(case)]
    if odd:
        yield f"it is {run.verdict}, and step {odd[0]} is not{_more(odd)}"


def _notes_a_failure(run: SavedRun) -> bool:
    return any(remark.outcome is Outcome.TOLERATED for remark in run.remarks)


def _is_green(case: SavedCase) -> bool:
    # A step that was not executed is green where that was accepted, which leaves no reason.
    skipped = case.outcome is Outcome.SKIPPED and not case.failures
    return case.outcome in _GREEN or skipped


def _more(found: Iterable[int]) -> str:
    more = len(list(found)) - 1
    return f" (and {more} more)" if more else ""
