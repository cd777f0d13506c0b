"""The verdict on a result: passed only if everything says so and nothing contradicts it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from gatekeeper.core.answer.shape import Execution, Result, Step, number
from gatekeeper.core.answer.states import State, state_of
from gatekeeper.core.model import Case, Reason, Steps, Verdict
from gatekeeper.core.outcomes import Check, Outcome, worst_for_run
from gatekeeper.core.text import as_text, one_line, quoted, some_steps
from gatekeeper.core.verdict.counters import (
    check_counters,
    malformed_counters,
    reported_counts,
    verdict_by_counters,
)
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.core.verdict.step import TEXT_MISMATCH, judge_step
from gatekeeper.core.verdict.target import (
    ANY_TARGET,
    NOT_OBSERVED,
    Observed,
    Target,
    check_target,
    in_progress,
    missing_ids,
)

_PLAIN_POLICY = Policy()
_COMPLETE = 100.0
_LOOK_AT_IT = "look at the run on the platform, which ended it early, and run the suite again"
_GOOD = (State.PASSED, State.COMPLETED)


def judge(
    result: Result,
    policy: Policy = _PLAIN_POLICY,
    target: Target = ANY_TARGET,
    observed: Observed = NOT_OBSERVED,
) -> Verdict:
    """Return the verdict on a result, with all reasons for whatever did not pass.

    A failed step or assertion makes it `failed`; anything missing, unknown or contradictory makes
    it `error`, unless `policy.accept` turns that cross-check into a warning.
    """
    execution = result.result or Execution()
    steps = execution.execution_results
    cases, reported = _judged(steps or (), policy)
    malformed = list(malformed_counters(result, execution))
    counts = _count(cases) if steps is not None else reported_counts(result, execution)
    counters = (
        verdict_by_counters(result, execution)
        if steps is None
        else check_counters(result, execution, reported)
    )
    reasons, warnings = policy.split_accepted(
        chain(
            check_target(result, target),
            _platform_errors(result, execution),
            malformed,
            _states(result, execution, cases, counts),
            () if malformed else counters,
            _fewer_than_observed(counts, observed),
        )
    )
    outcome = _outcome(reasons, cases)
    if outcome is Outcome.PASSED and not counts.passed:
        outcome = Outcome.ERROR
        reasons = (Reason(outcome, "no step of the run passed", firm=True),)
    warnings = (*warnings, *missing_ids(result))
    if steps is None and not in_progress(result):
        text = "the response has no step details: the verdict rests on its statuses and counters"
        warnings = (*warnings, Reason(Outcome.PASSED, text))
    states = {state_of(result.status), state_of(execution.status)}
    next_step = _LOOK_AT_IT if states & {State.ENDED, State.NOT_EXECUTED} else ""
    return Verdict(outcome, reasons, warnings, cases, counts, next_step)


def _judged(steps: Iterable[Step], policy: Policy) -> tuple[tuple[Case, ...], Counter[State]]:
    """Judge all steps, and count the states that they report."""
    cases: list[Case] = []
    reported = Counter[State]()
    for index, step in enumerate(steps, 1):
        cases.append(judge_step(index, step, policy))
        reported[state_of(step.status)] += 1
    return tuple(cases), reported


def _outcome(reasons: tuple[Reason, ...], cases: tuple[Case, ...]) -> Outcome:
    """Return how the run ends by its own reasons and those of its steps."""
    every_reason = chain(reasons, *(case.reasons for case in cases))
    return worst_for_run(reason.outcome for reason in every_reason)


def _count(cases: tuple[Case, ...]) -> Steps:
    ended = Counter(case.outcome for case in cases)
    return Steps(
        len(cases),
        ended[Outcome.PASSED],
        ended[Outcome.FAILED],
        ended[Outcome.ERROR],
        ended[Outcome.SKIPPED],
    )


def _fewer_than_observed(counts: Steps, observed: Observed) -> Iterator[Reason]:
    if counts.total < observed.steps:
        text = (
            f"{observed.steps} steps were reported while the run was in progress, "
            f"but the result has {counts.total}"
        )
        yield Reason(Outcome.ERROR, text, Check.COUNTERS)
    if counts.failed < observed.failed:
        failed = some_steps(observed.failed, max(observed.failed, counts.total))
        text = (
            f"{failed} had failed while the run was in progress, "
            f"but the result has {counts.failed} that failed"
        )
        yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)


def _platform_errors(result: Result, execution: Execution) -> Iterator[Reason]:
    for field, value in (("errors", result.errors), ("errorDetails", execution.error_details)):
        is_empty = value in (None, [], {}) or (isinstance(value, str) and not value.strip())
        if not is_empty:
            text = f"the platform reports {field}: {one_line(as_text(value), 500)}"
            yield Reason(Outcome.ERROR, text, firm=True)


def _states(
    result: Result, execution: Execution, cases: tuple[Case, ...], counts: Steps
) -> Iterator[Reason]:
    """Judge the states of the run and its result, and whether they agree with the steps."""
    sides = (("the run", result.status), ("its result", execution.status))
    yield from _completeness(result, sides)
    if result.result is None:
        yield Reason(Outcome.ERROR, "the response has no result", Check.MISSING_STATUS)
    failed = sum(map(_failed_on_the_platform, cases)) if cases else counts.failed
    for subject, status in sides:
        state = state_of(status)
        if state is State.PASSED and failed:
            contrary = f"{some_steps(failed, counts.total)} failed"
            text = f"{subject} has status {quoted(status)}, but {contrary}"
            yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)
        elif state is State.FAILED and not failed:
            yield _failed_without_a_step(subject, result)
        elif state is State.MISSING and (subject == "the run" or result.result):
            yield Reason(Outcome.ERROR, f"{subject} has no status", Check.MISSING_STATUS)
        elif state is State.UNKNOWN:
            text = f"{subject} has the unknown status {quoted(status)}"
            yield Reason(Outcome.ERROR, text, Check.UNKNOWN_STATE)
        elif state in (State.ENDED, State.NOT_EXECUTED):
            yield Reason(Outcome.ERROR, f"{subject} ended with status {quoted(status)}", firm=True)


def _completeness(result: Result, sides: Iterable[tuple[str, str | None]]) -> Iterator[Reason]:
    """Judge a run that is in progress, or that ended before all of it was done."""
    done = number(result.percentage_completed)
    if in_progress(result):
        progress = "" if done is None else f" ({done:g} % done)"
        yield Reason(Outcome.ERROR, f"the run has not finished{progress}", firm=True)
    elif done is not None and done < _COMPLETE and state_of(result.status) is not State.FAILED:
        good = (
            f"{subject} has status {quoted(status)}"
            for subject, status in sides
            if state_of(status) in _GOOD
        )
        text = f"{next(good, 'the run has ended')}, but only {done:g} % is done"
        yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)


def _failed_on_the_platform(case: Case) -> bool:
    return any(
        reason.outcome is Outcome.FAILED and reason is not TEXT_MISMATCH for reason in case.reasons
    )


def _failed_without_a_step(subject: str, result: Result) -> Reason:
    """Judge a failed state without a failed step: a failure only if the steps cannot be known."""
    execution = result.result
    details = execution.step_details if execution else None
    silent = execution and execution.execution_results is None
    # If all steps are counted as passed, a missing count of failed ones means 0.
    total = result.total_test_steps_count if details is None else details.total
    denied = details and details.passed and details.passed >= (total or 0)
    if silent and (details is None or details.failed is None) and not denied:
        text = f"{subject} failed, but the response does not say which step did"
        return Reason(Outcome.FAILED, text, firm=True)
    text = f"{subject} failed, but none of its steps did"
    return Reason(Outcome.ERROR, text, Check.CONTRADICTION, firm=True)
