"""The platform's own counters: whether they are counts, and those under other names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gatekeeper.core.answer.shape import Execution, Result, StepDetails, number
from gatekeeper.core.answer.states import State, state_of
from gatekeeper.core.model import Reason
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.text import one_line

_BAD = (State.FAILED, State.ENDED, State.NOT_EXECUTED)


def malformed_counters(result: Result, execution: Execution) -> Iterator[Reason]:
    """Tell of each declared counter that is no count."""
    for name, value in _told_counters(result, execution).items():
        if value is not None and not (number(value) is not None and value >= 0 and value % 1 == 0):
            text = f"malformed result: {name}: expected a count, found {amount(value)}"
            yield Reason(Outcome.ERROR, text, firm=True)


def _told_counters(result: Result, execution: Execution) -> dict[str, float | None]:
    details = execution.step_details or StepDetails()
    return {
        "totalTestStepsCount": result.total_test_steps_count,
        "result.stepDetails.total": details.total,
        "result.stepDetails.passed": details.passed,
        "result.stepDetails.failed": details.failed,
    }


def other_counters(details: StepDetails | None, known: Counter[State]) -> Iterator[Reason]:
    """Tell of counters like `skipped` or `errored` that count more steps than are known to be."""
    for name, value in ((details and details.others) or {}).items():
        # `errors` counts what `error` does.
        state = next((state for state in map(state_of, (name, name[:-1])) if state in _BAD), None)
        count = number(value)
        if state is None or count is None or count <= known[state]:
            continue
        text = (
            f"stepDetails.{one_line(name, 60)} is {amount(value)}, "
            f"but {known[state]} steps are known to be so"
        )
        yield Reason(Outcome.ERROR, text, Check.COUNTERS, firm=state is not State.NOT_EXECUTED)


def amount(value: float | None) -> str:
    """Return a count in a few characters."""
    return one_line(str(value), 24)
