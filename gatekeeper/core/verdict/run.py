"""The verdict on a result: passed only when everything says so and nothing speaks against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from gatekeeper.core.answer.shape import Execution, Result, Step, StepDetails, number
from gatekeeper.core.answer.states import State, state_of
from gatekeeper.core.model import Case, Reason, Steps, Verdict
from gatekeeper.core.outcomes import Check, Outcome, worst_for_run
from gatekeeper.core.text import as_text, one_line, some_steps
from gatekeeper.core.verdict.counters import amount, malformed_counters, other_counters
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.core.verdict.step import TEXT_MISMATCH, judge_step
from gatekeeper.core.verdict.target import Asked, identity, in_progress, missing_ids

_PLAIN_POLICY = Policy()
_ANYTHING = Asked()
_COMPLETE = 100.0
_GOOD = (State.PASSED, State.COMPLETED)


def judge(result: Result, policy: Policy = _PLAIN_POLICY, asked: Asked = _ANYTHING) -> Verdict:
    """Judge a result, with all reasons for whatever is not passed.

    A failed step or assertion makes it `failed`; anything missing, unknown or contradictory makes
    it `error`, unless `policy.accept` turns that cross-check into a warning.
    """
    execution = result.result or Execution()
    steps = execution.execution_results
    cases, said = _judged(steps or (), policy)
    malformed = list(malformed_counters(result, execution))
    counts = _count(cases) if steps is not None else _counts_told(result, execution)
    counters = (
        _verdict_by_counters(result, execution)
        if steps is None
        else _counters(result, execution, said)
    )
    told = [
        *identity(result, asked),
        *_platform_errors(result, execution),
        *malformed,
        *_states(result, execution, cases, counts),
        *(() if malformed else counters),
        *_fewer_than_announced(counts, asked),
    ]
    reasons, warnings = policy.split_accepted(told)
    outcome = _outcome(reasons, cases)
    if outcome is Outcome.PASSED and not counts.passed:
        outcome = Outcome.ERROR
        reasons = (Reason(outcome, "no step of the run has passed", firm=True),)
    warnings = (*warnings, *missing_ids(result))
    if steps is None and not in_progress(result):
        text = "the answer has no step details: the verdict rests on its states and counters"
        warnings = (*warnings, Reason(Outcome.PASSED, text))
    return Verdict(outcome, reasons, warnings, cases, counts)


def _judged(steps: Iterable[Step], policy: Policy) -> tuple[tuple[Case, ...], Counter[State]]:
    """Judge all steps, and count what they say of themselves."""
    cases: list[Case] = []
    said = Counter[State]()
    for index, step in enumerate(steps, 1):
        cases.append(judge_step(index, step, policy))
        said[state_of(step.status)] += 1
    return tuple(cases), said


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


def _counts_told(result: Result, execution: Execution) -> Steps:
    """The steps as the platform counts them, for an answer without step details."""
    planned = max(0, int(number(result.total_test_steps_count) or 0))
    details = execution.step_details
    if details is None:
        return Steps(planned)
    passed, failed, total = (
        max(0, int(number(told) or 0)) for told in (details.passed, details.failed, details.total)
    )
    # Who accepts that the counters disagree gets no more passed steps than there are.
    total = max(total or planned, passed + failed)
    return Steps(total, passed, failed, skipped=max(0, total - passed - failed))


def _fewer_than_announced(counts: Steps, asked: Asked) -> Iterator[Reason]:
    if asked.announced is not None and counts.total < asked.announced:
        text = f"{asked.announced} steps were announced while the run went on, {counts.total} came"
        yield Reason(Outcome.ERROR, text, Check.COUNTERS)
    if counts.failed < asked.failed_before:
        before = some_steps(asked.failed_before, max(asked.failed_before, counts.total))
        text = f"{before} had failed while the run went on; at its end, {counts.failed} have"
        yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)


def _platform_errors(result: Result, execution: Execution) -> Iterator[Reason]:
    for field, value in (("errors", result.errors), ("errorDetails", execution.error_details)):
        empty = value in (None, "", [], {}) or (isinstance(value, str) and not value.strip())
        if not empty:
            text = f"the platform reports {field}: {one_line(as_text(value), 500)}"
            yield Reason(Outcome.ERROR, text, firm=True)


def _states(
    result: Result, execution: Execution, cases: tuple[Case, ...], counts: Steps
) -> Iterator[Reason]:
    """Judge what the run and its result say of themselves, and whether that fits the steps."""
    done = number(result.percentage_completed)
    if in_progress(result):
        progress = "" if done is None else f" ({done:g} % done)"
        yield Reason(Outcome.ERROR, f"the run has not finished{progress}", firm=True)
    elif done is not None and done < _COMPLETE and state_of(result.status) is not State.FAILED:
        sides = (("the run", result.status), ("its result", execution.status))
        good = (f"{what} says {word}" for what, word in sides if state_of(word) in _GOOD)
        text = f"{next(good, 'the run has ended')}, though only {done:g} % are done"
        yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)
    if result.result is None:
        yield Reason(Outcome.ERROR, "the answer has no result", Check.MISSING_STATUS)
    failed = sum(map(_failed_on_the_platform, cases)) if cases else counts.failed
    for what, word in (("the run", result.status), ("its result", execution.status)):
        state = state_of(word)
        if state is State.PASSED and failed:
            text = f"{what} says passed, though {some_steps(failed, counts.total)} failed"
            yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)
        elif state is State.FAILED and not failed:
            yield _failed_without_a_step(what, result)
        elif state is State.MISSING and (what == "the run" or result.result):
            yield Reason(Outcome.ERROR, f"{what} has no status", Check.MISSING_STATUS)
        elif state is State.UNKNOWN:
            text = f"{what} says {one_line(as_text(word))!r}, which is no known state"
            yield Reason(Outcome.ERROR, text, Check.UNKNOWN_STATE)
        elif state in (State.ENDED, State.NOT_EXECUTED):
            yield Reason(Outcome.ERROR, f"{what} ended as {word!r}", firm=True)


def _failed_on_the_platform(case: Case) -> bool:
    return any(
        reason.outcome is Outcome.FAILED and reason is not TEXT_MISMATCH for reason in case.reasons
    )


def _failed_without_a_step(what: str, result: Result) -> Reason:
    """Judge a state of failed that no step bears out: it is one only where no step could."""
    execution = result.result
    details = execution.step_details if execution else None
    silent = execution and execution.execution_results is None
    # Where all are counted as passed, the missing count of those that failed is 0.
    total = result.total_test_steps_count if details is None else details.total
    denied = details and details.passed and details.passed >= (total or 0)
    if silent and (details is None or details.failed is None) and not denied:
        return Reason(Outcome.FAILED, f"{what} says failed, without telling which step", firm=True)
    text = f"{what} says failed, though no step of it did"
    return Reason(Outcome.ERROR, text, Check.CONTRADICTION, firm=True)


def _counters(result: Result, execution: Execution, said: Counter[State]) -> Iterator[Reason]:
    """Hold the platform's counters against the step results, by what these say."""
    steps = said.total()
    if not steps:
        yield Reason(Outcome.ERROR, "the run is empty: it has no step", firm=True)
    told = [("totalTestStepsCount", result.total_test_steps_count, steps)]
    if details := execution.step_details:
        told += [
            ("stepDetails.total", details.total, steps),
            ("stepDetails.passed", details.passed, said[State.PASSED]),
            ("stepDetails.failed", details.failed, said[State.FAILED]),
        ]
    off = [f"{name} is {amount(value)}" for name, value, fact in told if value not in (None, fact)]
    if off:
        text = (
            f"{', '.join(off)}; but there are {steps} step results, of which "
            f"{said[State.PASSED]} say passed and {said[State.FAILED]} say failed"
        )
        # A failed step that is not among the results is a failed step all the same.
        hidden = bool(details and (number(details.failed) or 0) > said[State.FAILED])
        yield Reason(Outcome.ERROR, text, Check.COUNTERS, firm=hidden)
    yield from other_counters(details, said)


def _verdict_by_counters(result: Result, execution: Execution) -> Iterator[Reason]:
    """Judge an answer without step details by its counters."""
    if in_progress(result):
        return
    details = execution.step_details or StepDetails()
    planned = result.total_test_steps_count
    total = planned if details.total is None else details.total
    failed = details.failed or 0
    if failed:
        yield Reason(Outcome.FAILED, f"the platform counts failed steps: {amount(failed)}")
    if details.passed is None or total is None:
        text = "neither executionResults nor stepDetails tell how the steps ended"
        yield Reason(Outcome.ERROR, text, firm=True)
        return
    ended = details.passed + failed
    if not ended:
        text = "the run is empty: it has no step" if not total else "no step of the run has ended"
        yield Reason(Outcome.ERROR, text, firm=True)
    elif ended < total:
        text = f"{amount(total - ended)} of {amount(total)} steps were not executed"
        yield Reason(Outcome.ERROR, text, Check.NOT_EXECUTED)
    if ended > total or planned not in (None, total):
        text = f"{amount(details.passed)} passed and {amount(failed)} failed of {amount(total)}"
        if planned is not None:
            text += f" steps, and totalTestStepsCount is {amount(planned)}"
        yield Reason(Outcome.ERROR, text, Check.COUNTERS)
    unexecuted = max(0, int(total - ended))
    known = Counter({State.FAILED: int(failed), State.NOT_EXECUTED: unexecuted})
    yield from other_counters(details, known)
