"""Why a saved run is none that a gate could have written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.saved import SavedCase, SavedRun

_COUNTED = (
    Outcome.PASSED,
    Outcome.FAILED,
    Outcome.ERROR,
    Outcome.SKIPPED,
    Outcome.TOLERATED,
)
_GREEN = (Outcome.PASSED, Outcome.TOLERATED)


def impossible(run: SavedRun) -> Iterator[str]:
    """Say what of a saved run contradicts the rest of it, its other attempts included."""
    for attempt in (run, *run.earlier):
        yield from _counts(attempt)
        yield from _cases(attempt.cases)
        if attempt.verdict in _GREEN:
            yield from _green(attempt)


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
    if case.outcome is Outcome.PASSED:
        return not reasons and not case.reasons
    if case.outcome is Outcome.SKIPPED:
        # Where that is accepted, it has no reason.
        return reasons <= {Outcome.SKIPPED}
    if case.outcome is Outcome.TOLERATED:
        return Outcome.TOLERATED in reasons <= {Outcome.TOLERATED, Outcome.FAILED}
    worst = min(reasons, key=lambda outcome: outcome.rank, default=Outcome.PASSED)
    return worst is case.outcome is not Outcome.TIMEOUT


def _green(run: SavedRun) -> Iterator[str]:
    """Say what keeps a run from having passed, or from being tolerated."""
    steps = run.steps
    if not steps.total:
        yield f"it is {run.verdict}, and has no step"
    if run.verdict is Outcome.PASSED and not steps.passed:
        yield "it is passed, and no step of it has passed"
    if run.verdict is Outcome.PASSED and steps.tolerated:
        yield "it is passed, and steps of it are tolerated"
    if steps.failed or steps.error:
        yield f"it is {run.verdict}, and steps of it failed or could not be judged"
    if run.failures or (run.verdict is Outcome.PASSED and run.reasons):
        yield f"it is {run.verdict}, and has reasons why it is not"
    # What is green counts each step, or warns that the answer told of none.
    if not run.cases and not run.remarks:
        yield f"it is {run.verdict}, and neither has steps nor says why"
    odd = [case.index for case in run.cases if not _is_green(case)]
    if odd:
        yield f"it is {run.verdict}, and step {odd[0]} is not{_more(odd)}"


def _is_green(case: SavedCase) -> bool:
    # A step that was not executed is green where that was accepted, which leaves no reason.
    skipped = case.outcome is Outcome.SKIPPED and not case.failures and not case.reasons
    return case.outcome in _GREEN or skipped


def _more(found: Iterable[int]) -> str:
    more = len(list(found)) - 1
    return f" (and {more} more)" if more else ""
