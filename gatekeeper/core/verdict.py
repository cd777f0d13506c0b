"""The verdict on a result: passed only when everything says so and nothing speaks against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from gatekeeper.core.model import Case, Reason, Steps, Verdict
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.policy import Policy, worst
from gatekeeper.core.result import Execution, Result, StepDetails, number
from gatekeeper.core.states import State, state_of
from gatekeeper.core.steps import judge_step
from gatekeeper.core.text import as_text, one_line


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, to be held against the answer; `None` where it does not matter."""

    test_run_id: str | None = None
    stream_id: str | None = None
    bot_version: str | None = None


_PLAIN_POLICY = Policy()
_ANYTHING = Asked()


def judge(result: Result, policy: Policy = _PLAIN_POLICY, asked: Asked = _ANYTHING) -> Verdict:
    """Judge a result, with all reasons for whatever is not passed.

    A failed step or assertion makes it `failed`; anything missing, unknown or contradictory makes
    it `error`, unless `policy.accept` turns that cross-check into a warning.
    """
    execution = result.result or Execution()
    steps = execution.execution_results
    cases = tuple(judge_step(index, step, policy) for index, step in enumerate(steps or (), 1))
    counts = _count(cases) if steps is not None else _counts_told(result, execution)
    counters = _verdict_by_counters if steps is None else _counters
    told = [
        *_identity(result, execution, asked),
        *_platform_errors(result, execution),
        *_states(result, execution, cases, counts),
        *counters(result, execution),
    ]
    reasons, warnings = policy.part(told)
    if steps is None and not _in_progress(result):
        text = "the answer has no step details: the verdict rests on its states and counters"
        warnings = (*warnings, Reason(Outcome.PASSED, text))
    return Verdict(_outcome(reasons, cases), reasons, warnings, cases, counts)


def _outcome(reasons: tuple[Reason, ...], cases: tuple[Case, ...]) -> Outcome:
    """The worst of the run's own reasons and its steps'.

    A step that was not executed is skipped; a run with such a step has no verdict.
    """
    told = (*reasons, *(reason for case in cases for reason in case.reasons))
    outcome = worst(told)
    return Outcome.ERROR if outcome is Outcome.SKIPPED else outcome


def _count(cases: tuple[Case, ...]) -> Steps:
    ended = Counter(case.outcome for case in cases)
    return Steps(
        len(cases),
        ended[Outcome.PASSED],
        ended[Outcome.FAILED],
        ended[Outcome.ERROR],
        ended[Outcome.SKIPPED],
    )


def _counts_told(result: Result, execution: Execution) -> Steps:
    """The steps as the platform counts them, for an answer without step details."""
    planned = max(0, int(number(result.total_test_steps_count) or 0))
    details = execution.step_details
    if details is None:
        return Steps(planned)
    passed, failed, total = (
        max(0, int(number(told) or 0)) for told in (details.passed, details.failed, details.total)
    )
    total = total or planned
    return Steps(total, passed, failed, skipped=max(0, total - passed - failed))


def _in_progress(result: Result) -> bool:
    states = (result.status, result.result and result.result.status)
    return State.IN_PROGRESS in map(state_of, states)


def _identity(result: Result, execution: Execution, asked: Asked) -> Iterator[Reason]:
    """Hold the answer against what was asked for: another run's result is no verdict."""
    for what, wanted, found in (
        ("run", asked.test_run_id, result.id),
        ("stream", asked.stream_id, result.stream_id),
    ):
        if wanted is not None and found is not None and found != wanted:
            text = f"asked for {what} {wanted}, but the answer is about {one_line(as_text(found))}"
            yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)
    # "configured" is the result's word for inDevelopment.
    other = {"published": "configured", "inDevelopment": "published"}.get(asked.bot_version or "")
    if other is not None and execution.version == other:
        text = f"asked for version {asked.bot_version}, but the result is of version {other!r}"
        yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)


def _platform_errors(result: Result, execution: Execution) -> Iterator[Reason]:
    for field, value in (("errors", result.errors), ("errorDetails", execution.error_details)):
        if value not in (None, "", [], {}):
            text = f"the platform reports {field}: {one_line(as_text(value), 500)}"
            yield Reason(Outcome.ERROR, text, firm=True)


def _states(
    result: Result, execution: Execution, cases: tuple[Case, ...], counts: Steps
) -> Iterator[Reason]:
    """Judge what the run and its result say of themselves, and whether that fits the steps."""
    if _in_progress(result):
        done = number(result.percentage_completed)
        progress = "" if done is None else f" ({done:g} % done)"
        yield Reason(Outcome.ERROR, f"the run has not finished{progress}", firm=True)
    if result.result is None:
        yield Reason(Outcome.ERROR, "the answer has no result", Check.MISSING_STATUS)
    for what, word in (("the run", result.status), ("its result", execution.status)):
        state = state_of(word)
        if state is State.PASSED and counts.failed:
            text = f"{what} says passed, though {_some(counts.failed, counts.total)} failed"
            yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)
        elif state is State.FAILED and not counts.failed:
            yield _failed_without_a_step(what, cases, counts)
        elif state is State.MISSING and (what == "the run" or result.result):
            yield Reason(Outcome.ERROR, f"{what} has no status", Check.MISSING_STATUS)
        elif state is State.UNKNOWN:
            text = f"{what} says {one_line(as_text(word))!r}, which is no known state"
            yield Reason(Outcome.ERROR, text, Check.UNKNOWN_STATE)
        elif state in (State.ENDED, State.NOT_EXECUTED):
            yield Reason(Outcome.ERROR, f"{what} ended as {word!r}", firm=True)


def _failed_without_a_step(what: str, cases: tuple[Case, ...], counts: Steps) -> Reason:
    if cases or counts.passed:
        text = f"{what} says failed, though none of its steps did"
        return Reason(Outcome.ERROR, text, Check.CONTRADICTION, firm=True)
    return Reason(Outcome.FAILED, f"{what} says failed, without telling which step", firm=True)


def _counters(result: Result, execution: Execution) -> Iterator[Reason]:
    """Hold the platform's counters against the step results."""
    steps = execution.execution_results or []
    if not steps:
        yield Reason(Outcome.ERROR, "the run is empty: it has no step", firm=True)
    said = Counter(state_of(step.status) for step in steps)
    told = [("totalTestStepsCount", result.total_test_steps_count, len(steps))]
    if details := execution.step_details:
        told += [
            ("stepDetails.total", details.total, len(steps)),
            ("stepDetails.passed", details.passed, said[State.PASSED]),
            ("stepDetails.failed", details.failed, said[State.FAILED]),
        ]
    off = [f"{name} is {_amount(value)}" for name, value, fact in told if value not in (None, fact)]
    if off:
        text = (
            f"{', '.join(off)}; but there are {len(steps)} step results, of which "
            f"{said[State.PASSED]} say passed and {said[State.FAILED]} say failed"
        )
        # A failed step that is not among the results is a failed step all the same.
        hidden = bool(details and (number(details.failed) or 0) > said[State.FAILED])
        yield Reason(Outcome.ERROR, text, Check.COUNTERS, firm=hidden)


def _verdict_by_counters(result: Result, execution: Execution) -> Iterator[Reason]:
    """Judge an answer without step details by its counters."""
    if _in_progress(result):
        return
    details = execution.step_details or StepDetails()
    planned = result.total_test_steps_count
    total = planned if details.total is None else details.total
    failed = details.failed or 0
    if failed:
        yield Reason(Outcome.FAILED, f"the platform counts failed steps: {_amount(failed)}")
    if details.passed is None or total is None:
        text = "neither executionResults nor stepDetails tell how the steps ended"
        yield Reason(Outcome.ERROR, text, firm=True)
        return
    if not total > 0:
        yield Reason(Outcome.ERROR, "the run is empty: it has no step", firm=True)
    if details.passed + failed != total or planned not in (None, total):
        text = f"{_amount(details.passed)} passed and {_amount(failed)} failed of {_amount(total)}"
        if planned is not None:
            text += f" steps, and totalTestStepsCount is {_amount(planned)}"
        yield Reason(Outcome.ERROR, text, Check.COUNTERS)


def _some(count: int, total: int) -> str:
    return f"{count} of {total} step{'s' if total != 1 else ''}"


def _amount(value: float | None) -> str:
    return one_line(str(value), 24)
