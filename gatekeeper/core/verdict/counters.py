"""The platform's own counters: whether they are counts, and whether they agree with the steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gatekeeper.core.answer.shape import Execution, Result, StepDetails, number
from gatekeeper.core.answer.states import State, state_of
from gatekeeper.core.model import Reason, Steps
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.text import one_line
from gatekeeper.core.verdict.target import in_progress

_BAD = (State.FAILED, State.ENDED, State.NOT_EXECUTED)


def malformed_counters(result: Result, execution: Execution) -> Iterator[Reason]:
    """Yield a reason for each declared counter that is not a count."""
    details = execution.step_details or StepDetails()
    for name, value in (
        ("totalTestStepsCount", result.total_test_steps_count),
        ("result.stepDetails.total", details.total),
        ("result.stepDetails.passed", details.passed),
        ("result.stepDetails.failed", details.failed),
    ):
        if value is not None and not (number(value) is not None and value >= 0 and value % 1 == 0):
            text = f"malformed response: {name}: expected a count, found {_amount(value)}"
            yield Reason(Outcome.ERROR, text, firm=True)


def reported_counts(result: Result, execution: Execution) -> Steps:
    """Return the steps as the platform counts them, for a response without step details."""
    planned = _whole(result.total_test_steps_count)
    details = execution.step_details
    if details is None:
        return Steps(planned)
    passed, failed, total = map(_whole, (details.passed, details.failed, details.total))
    # Accepting that the counters disagree does not make more steps pass than there are.
    total = max(total or planned, passed + failed)
    return Steps(total, passed, failed, skipped=max(0, total - passed - failed))


def _whole(value: float | None) -> int:
    return max(0, int(number(value) or 0))


def check_counters(
    result: Result, execution: Execution, reported: Counter[State]
) -> Iterator[Reason]:
    """Compare the platform's counters with the states that the steps report."""
    steps = reported.total()
    if not steps:
        yield Reason(Outcome.ERROR, "the run is empty: it has no steps", firm=True)
    counters = [("totalTestStepsCount", result.total_test_steps_count, steps)]
    if details := execution.step_details:
        counters += [
            ("stepDetails.total", details.total, steps),
            ("stepDetails.passed", details.passed, reported[State.PASSED]),
            ("stepDetails.failed", details.failed, reported[State.FAILED]),
        ]
    wrong = [
        f"{name} is {_amount(value)}"
        for name, value, actual in counters
        if value not in (None, actual)
    ]
    if wrong:
        text = (
            f"{', '.join(wrong)}, but there are {steps} step results, of which "
            f"{reported[State.PASSED]} passed and {reported[State.FAILED]} failed"
        )
        # A failed step that is missing from the results is a failed step all the same.
        hidden = bool(details and (number(details.failed) or 0) > reported[State.FAILED])
        yield Reason(Outcome.ERROR, text, Check.COUNTERS, firm=hidden)
    yield from _other_counters(details, reported)


def verdict_by_counters(result: Result, execution: Execution) -> Iterator[Reason]:
    """Judge a response without step details by its counters."""
    if in_progress(result):
        return
    details = execution.step_details or StepDetails()
    planned = result.total_test_steps_count
    total = planned if details.total is None else details.total
    failed = details.failed or 0
    if failed:
        text = f"the platform counts {_amount(failed)} failed {'step' if failed == 1 else 'steps'}"
        yield Reason(Outcome.FAILED, text)
    if details.passed is None or total is None:
        text = "neither executionResults nor stepDetails say how the steps ended"
        yield Reason(Outcome.ERROR, text, firm=True)
        return
    ended = details.passed + failed
    if not ended:
        text = "the run is empty: it has no steps" if not total else "no step of the run has ended"
        yield Reason(Outcome.ERROR, text, firm=True)
    elif ended < total:
        text = f"{_amount(total - ended)} of {_amount(total)} steps were not executed"
        yield Reason(Outcome.ERROR, text, Check.NOT_EXECUTED)
    if ended > total or planned not in (None, total):
        text = (
            f"the counters disagree: {_amount(details.passed)} passed and "
            f"{_amount(failed)} failed of {_amount(total)} steps"
        )
        if planned is not None:
            text += f", and totalTestStepsCount is {_amount(planned)}"
        yield Reason(Outcome.ERROR, text, Check.COUNTERS)
    unexecuted = max(0, int(total - ended))
    known = Counter({State.FAILED: int(failed), State.NOT_EXECUTED: unexecuted})
    yield from _other_counters(details, known)


def _other_counters(details: StepDetails | None, known: Counter[State]) -> Iterator[Reason]:
    """Check counters like `skipped` or `errored`: none may count more steps than are known."""
    for name, value in ((details and details.others) or {}).items():
        # `errors` counts the same as `error`.
        state = next((state for state in map(state_of, (name, name[:-1])) if state in _BAD), None)
        count = number(value)
        if state is None or count is None or count <= known[state]:
            continue
        text = (
            f"stepDetails.{one_line(name, 60)} is {_amount(value)}, "
            f"but only {known[state]} such steps are known"
        )
        yield Reason(Outcome.ERROR, text, Check.COUNTERS, firm=state is not State.NOT_EXECUTED)


def _amount(value: float | None) -> str:
    """Return a count, which may be out of all proportion, in at most 24 characters."""
    return one_line(str(value), 24)
