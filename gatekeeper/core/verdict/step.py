"""The verdict on one step: by its own state and by its assertions, which have to agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatekeeper.core.answer.shape import Step
from gatekeeper.core.answer.states import State, state_of
from gatekeeper.core.model import Case, Reason
from gatekeeper.core.outcomes import Check, Outcome, worst
from gatekeeper.core.text import as_text, one_line
from gatekeeper.core.verdict.assertions import (
    has_passed_assertion,
    judge_assertions,
    passed_without_response,
)
from gatekeeper.core.verdict.policy import Policy

_MOST_REASONS = 100
# The platform passed the step all the same: that it fails is our own doing.
TEXT_MISMATCH = Reason(Outcome.FAILED, "the platform notes a text mismatch, though the step passed")


def judge_step(index: int, step: Step, policy: Policy) -> Case:
    """Judge one step; `index` counts from 1."""
    state = state_of(step.status)
    told = list(judge_assertions(step, f"result.executionResults[{index - 1}]"))
    failing = "an assertion" if _has_failed(told) else ""
    if responses := list(dict.fromkeys(_by_responses(step))):
        failing = failing or ("a response" if _has_failed(responses) else "")
        told += responses
    if state is State.NOT_EXECUTED:
        # What was not executed was not evaluated either; saying so for each assertion adds nothing.
        told = [reason for reason in told if reason.check is not Check.NOT_EVALUATED]
    if not failing and state is not State.FAILED:
        told += passed_without_response(step)
    told += _by_state(step, state, failing=failing)
    mismatch = state is State.PASSED and _has_text_mismatch(step)
    if not told and not mismatch:
        return Case(index, Outcome.PASSED)

    reasons, warnings = policy.split_accepted(_bounded(told))
    if mismatch:
        if policy.strict_text:
            reasons = (*reasons, TEXT_MISMATCH)
        else:
            warnings = (*warnings, TEXT_MISMATCH)
    outcome = worst(reason.outcome for reason in reasons)
    if outcome is Outcome.PASSED and state is State.NOT_EXECUTED:
        outcome = Outcome.SKIPPED
    return Case(index, outcome, reasons, warnings)


def _has_failed(told: list[Reason]) -> bool:
    return any(reason.outcome is Outcome.FAILED for reason in told)


def _by_responses(step: Step) -> Iterator[Reason]:
    """Tell what speaks against a step in its responses' own states, which few of them have."""
    for responses in (step.outputs or (), step.actual_output or ()):
        for number, response in enumerate(responses, 1):
            if response.status is not None:
                yield from _by_state_of_response(response.status, f"response {number}")


def _by_state_of_response(word: Any, what: str) -> Iterator[Reason]:
    state = state_of(word)
    about = repr(one_line(as_text(word), 100))
    if state is State.FAILED:
        yield Reason(Outcome.FAILED, f"{what} says {about}")
    elif state is State.UNKNOWN:
        text = f"{what} says {about}, which is no known state"
        yield Reason(Outcome.ERROR, text, Check.UNKNOWN_STATE)
    elif state in (State.IN_PROGRESS, State.NOT_EXECUTED):
        text = f"{what} was not evaluated: it says {about}"
        yield Reason(Outcome.ERROR, text, Check.NOT_EVALUATED)
    elif state not in (State.PASSED, State.MISSING):
        yield Reason(Outcome.ERROR, f"{what} ended as {about}", firm=True)


def _bounded(told: list[Reason]) -> list[Reason]:
    """Keep a hostile answer from drowning the reports: the worst reasons, and how many more."""
    if len(told) <= _MOST_REASONS:
        return told
    kept = sorted(told, key=lambda reason: reason.outcome.rank)[:_MOST_REASONS]
    more = f"and {len(told) - _MOST_REASONS} reasons more"
    return [*kept, Reason(Outcome.ERROR, more, firm=True)]


def _by_state(step: Step, state: State, *, failing: str) -> Iterator[Reason]:
    """Tell what speaks against a step in its own state, given what of it is failing, if any."""
    if state is State.PASSED:
        if failing:
            text = f"the step says passed, but {failing} of it failed"
            yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)
        return
    word = repr(one_line(step.status or ""))
    if state is State.FAILED:
        if not failing:
            text = "the platform says that the step failed; none of its assertions says why"
            yield Reason(Outcome.FAILED, text)
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
        text = f"the step says {word}, which is no known state"
        yield Reason(Outcome.ERROR, text, Check.UNKNOWN_STATE)
    elif state is State.IN_PROGRESS:
        yield Reason(Outcome.ERROR, f"the step still says {word}", Check.CONTRADICTION)
    else:
        yield Reason(Outcome.ERROR, f"the step ended as {word}", firm=True)


def _has_text_mismatch(step: Step) -> bool:
    responses = (*(step.outputs or ()), *(step.actual_output or ()))
    return any(response.text_mismatch not in (None, False) for response in responses)
