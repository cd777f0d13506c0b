"""The verdict on one step: by its own state and by its assertions, which have to agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gatekeeper.core.answer.shape import Step
from gatekeeper.core.answer.states import State, state_of
from gatekeeper.core.model import Case, Reason
from gatekeeper.core.outcomes import Check, Outcome, worst
from gatekeeper.core.text import quoted
from gatekeeper.core.verdict.assertions import (
    has_passed_assertion,
    judge_assertions,
    passed_without_response,
)
from gatekeeper.core.verdict.policy import Policy

_MAX_REASONS = 100
# The step passed on the platform: only the policy can make it fail.
TEXT_MISMATCH = Reason(Outcome.FAILED, "the platform notes a text mismatch, but the step passed")


def judge_step(index: int, step: Step, policy: Policy) -> Case:
    """Judge one step; `index` counts from 1."""
    state = state_of(step.status)
    found = list(judge_assertions(step, f"result.executionResults[{index - 1}]"))
    failing = "an assertion" if _has_failed(found) else ""
    if by_responses := list(dict.fromkeys(_by_responses(step))):
        failing = failing or ("a response" if _has_failed(by_responses) else "")
        found += by_responses
    if state is State.NOT_EXECUTED:
        # What was not executed was not evaluated either: no need to repeat it for each assertion.
        found = [reason for reason in found if reason.check is not Check.NOT_EVALUATED]
    if not failing and state is not State.FAILED:
        found += passed_without_response(step)
    found += _by_state(step, state, failing=failing)
    mismatch = state is State.PASSED and _has_text_mismatch(step)
    if not found and not mismatch:
        return Case(index, Outcome.PASSED)

    reasons, warnings = policy.split_accepted(_bounded(found))
    if mismatch:
        if policy.strict_text:
            reasons = (*reasons, TEXT_MISMATCH)
        else:
            warnings = (*warnings, TEXT_MISMATCH)
    outcome = worst(reason.outcome for reason in reasons)
    if outcome is Outcome.PASSED and state is State.NOT_EXECUTED:
        outcome = Outcome.SKIPPED
    return Case(index, outcome, reasons, warnings)


def _has_failed(reasons: Iterable[Reason]) -> bool:
    return any(reason.outcome is Outcome.FAILED for reason in reasons)


def _by_responses(step: Step) -> Iterator[Reason]:
    """Judge the states of a step's responses, which few of them have."""
    for responses in (step.outputs or (), step.actual_output or ()):
        for number, response in enumerate(responses, 1):
            if response.status is not None:
                yield from _by_state_of_response(response.status, f"response {number}")


def _by_state_of_response(status: Any, subject: str) -> Iterator[Reason]:
    state = state_of(status)
    if state is State.FAILED:
        yield Reason(Outcome.FAILED, f"{subject} has status {quoted(status)}")
    elif state is State.UNKNOWN:
        text = f"{subject} has the unknown status {quoted(status)}"
        yield Reason(Outcome.ERROR, text, Check.UNKNOWN_STATE)
    elif state in (State.IN_PROGRESS, State.NOT_EXECUTED):
        text = f"{subject} was not evaluated: its status is {quoted(status)}"
        yield Reason(Outcome.ERROR, text, Check.NOT_EVALUATED)
    elif state not in (State.PASSED, State.MISSING):
        yield Reason(Outcome.ERROR, f"{subject} ended with status {quoted(status)}", firm=True)


def _bounded(reasons: list[Reason]) -> list[Reason]:
    """Keep a hostile response from flooding the reports: the worst reasons, and how many more."""
    if len(reasons) <= _MAX_REASONS:
        return reasons
    kept = sorted(reasons, key=lambda reason: reason.outcome.rank)[:_MAX_REASONS]
    more = f"and {len(reasons) - _MAX_REASONS} more reasons"
    return [*kept, Reason(Outcome.ERROR, more, firm=True)]


def _by_state(step: Step, state: State, *, failing: str) -> Iterator[Reason]:
    """Judge a step's own state; `failing` says what in it failed, if anything did."""
    if state is State.PASSED and not failing:
        return
    if state is State.PASSED:
        text = f"the step has status {quoted(step.status)}, but {failing} in it failed"
        yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)
    elif state is State.FAILED:
        if not failing:
            yield Reason(Outcome.FAILED, "the step failed, but none of its assertions says why")
    elif state is State.NOT_EXECUTED:
        yield Reason(Outcome.SKIPPED, "the step was not executed", Check.NOT_EXECUTED)
    elif state is State.MISSING:
        if failing or has_passed_assertion(step):
            yield Reason(Outcome.ERROR, "the step has no status", Check.MISSING_STATUS)
        else:
            # Nothing in it says that it passed, so there is nothing to accept.
            text = "the step has neither a status nor an assertion that passed"
            yield Reason(Outcome.ERROR, text, firm=True)
    elif state is State.UNKNOWN:
        text = f"the step has the unknown status {quoted(step.status)}"
        yield Reason(Outcome.ERROR, text, Check.UNKNOWN_STATE)
    elif state is State.IN_PROGRESS:
        text = f"the step is still in status {quoted(step.status)}"
        yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)
    else:
        yield Reason(Outcome.ERROR, f"the step ended with status {quoted(step.status)}", firm=True)


def _has_text_mismatch(step: Step) -> bool:
    responses = (*(step.outputs or ()), *(step.actual_output or ()))
    return any(response.text_mismatch not in (None, False) for response in responses)
