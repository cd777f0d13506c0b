"""The verdict on one step's assertions: flow, text and context, expected and actual."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, zip_longest
from typing import Any

from gatekeeper.core.answer.shape import Response, Step
from gatekeeper.core.answer.states import State, state_of
from gatekeeper.core.model import Reason
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.text import one_line, quoted
from gatekeeper.core.verdict.assertion_states import (
    has_odd_status,
    items_of,
    state_by_items,
    states_of,
    status_of,
)
from gatekeeper.core.verdict.comparing import FLOW, TEXT, Sides, mismatch
from gatekeeper.core.verdict.unknown_kinds import bad_signs, is_enabled

CONTEXT = "context"
_KINDS = {"flowLevel": FLOW, "text": TEXT, "context": CONTEXT}
_TYPES = (("enabled", bool, "true or false"), ("status", str, "text"), ("contains", list, "list"))
_MAX_ITEMS = 50
# The status of nearly every assertion of a good run; other spellings take a closer look.
_PASSED = "passed"
_NO_ASSERTIONS: dict[str, Any] = {}


def judge_assertions(step: Step, path: str) -> Iterator[Reason]:
    """Yield what the enabled assertions of a step have against it; nothing if all passed.

    `path` is the step's place in the response. The expected side (`outputs`) and the actual one
    (`actualOutput`) repeat each other's assertions: a reason that both give is yielded once.
    """
    pairs = zip_longest(step.outputs or (), step.actual_output or ())
    for index, (expected, actual) in enumerate(pairs):
        reasons: list[Reason] = []
        for side, response in (("outputs", expected), ("actualOutput", actual)):
            for key, assertion in _assertions_of(response).items():
                if key in _KINDS and isinstance(assertion, dict) and _is_settled(assertion):
                    continue
                place = f"{path}.{side}[{index}].assertions.{key}"
                judge = _judge if key in _KINDS else _judge_unknown
                reasons += judge(key, assertion, index + 1, place, (expected, actual))
        yield from dict.fromkeys(reasons)


def passed_without_response(step: Step) -> Iterator[Reason]:
    """Yield a reason if a step that did not fail passed although a response is missing."""
    expected, actual = step.outputs or (), step.actual_output or ()
    advice = "look at the run on the platform"
    if expected and not actual and state_of(step.status) is State.PASSED:
        text = f"the step passed, but the bot sent no response (expected {len(expected)}): {advice}"
        yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)
        return
    for number, response in enumerate(expected[len(actual) :], len(actual) + 1):
        kinds = [
            _KINDS.get(key) or one_line(key, 60)
            for key, assertion in _assertions_of(response).items()
            if _has_passed(key, assertion)
        ]
        if kinds:
            text = f"response {number} is missing, but its {kinds[0]} assertion passed: {advice}"
            yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)


def has_passed_assertion(step: Step) -> bool:
    """Whether any enabled assertion of a step, on either side, passed."""
    return any(
        _has_passed(key, assertion)
        for response in (*(step.outputs or ()), *(step.actual_output or ()))
        for key, assertion in _assertions_of(response).items()
    )


def _has_passed(key: str, assertion: Any) -> bool:
    """Whether an assertion is enabled and passed, by its own account."""
    if not isinstance(assertion, dict) or not _counts(key, assertion):
        return False
    state = state_of(status_of(assertion))
    if state is State.MISSING and isinstance(items := assertion.get("contains"), list):
        state = state_by_items(_KINDS.get(key, key), items)
    return state is State.PASSED


def _counts(key: str, assertion: dict[str, Any]) -> bool:
    return assertion.get("enabled") is not False if key in _KINDS else is_enabled(assertion)


def _is_settled(assertion: dict[str, Any]) -> bool:
    """Whether nothing is left to look into: it is disabled, or it and all its items passed."""
    if assertion.get("enabled") is not True or assertion.get("status") != _PASSED:
        return assertion.get("enabled") is False
    items = assertion.get("contains")
    # With three keys, it has no other ones than these three.
    if not isinstance(items, list) or len(assertion) != len(_TYPES):
        return False
    return all(
        isinstance(item, dict) and item.get("status") == _PASSED and not has_odd_status(tuple(item))
        for item in items
    )


def _assertions_of(response: Response | None) -> dict[str, Any]:
    if response is None or response.assertions is None:
        return _NO_ASSERTIONS
    return response.assertions


def _judge_unknown(
    key: str, assertion: Any, response: int, place: str, sides: Sides
) -> Iterator[Reason]:
    """Judge an assertion of an unknown kind: by its shape if that is known, else by its words.

    What is not an object, or is an object without a status, may not be an assertion at all.
    """
    kind = one_line(key, 60)
    subject = f"the {kind} assertion of response {response}"
    failed = (owner for state, _, owner in bad_signs(assertion) if state is State.FAILED)
    if failing := list(islice(failed, _MAX_ITEMS)):
        is_whole = isinstance(assertion, dict) and failing[0] is assertion
        items = _failing(items_of(assertion)) if is_whole else failing
        compared = mismatch(kind, response, items, sides)
        yield Reason(Outcome.FAILED, f"{subject} failed", mismatch=compared)
        return
    reasons: list[Reason] = []
    if isinstance(assertion, dict) and is_enabled(assertion) and _has_known_shape(assertion):
        reasons += _judge(key, assertion, response, place, sides)
    yield from reasons or _bad_sign(assertion, subject)


def _judge(key: str, assertion: Any, response: int, place: str, sides: Sides) -> Iterator[Reason]:
    """Judge one assertion; `key` is the platform's name of its kind, `sides` its responses."""
    if not isinstance(assertion, dict):
        if assertion is not None:
            yield _malformed(place, "an object", assertion)
        return
    if assertion.get("enabled") is False:
        return
    malformed = list(_mistyped(assertion, place))
    yield from malformed or _judge_well_formed(key, assertion, response, sides)


def _judge_well_formed(
    key: str, assertion: dict[str, Any], response: int, sides: Sides
) -> Iterator[Reason]:
    kind = _KINDS.get(key) or one_line(key, 60)
    items = items_of(assertion)
    status = status_of(assertion)
    own_state = state_of(status)
    state = state_by_items(kind, items) if own_state is State.MISSING else own_state
    subject = f"the {kind} assertion of response {response}"
    if state is State.FAILED:
        # Any variation of a text would have passed, so all are shown.
        compared = mismatch(kind, response, items if kind == TEXT else _failing(items), sides)
        yield Reason(Outcome.FAILED, f"{subject} failed", mismatch=compared)
    elif state is State.PASSED:
        if own_state is State.PASSED:
            yield from _contradictions(kind, items, subject)
        yield from _bad_sign(assertion | {"contains": None}, subject)
    elif state is State.UNKNOWN:
        text = f"{subject} has the unknown status {quoted(status)}"
        if own_state is State.MISSING:
            text = f"an item of {subject} has an unknown status"
        yield Reason(Outcome.ERROR, text, Check.UNKNOWN_STATE)
    elif state in (State.MISSING, State.IN_PROGRESS, State.NOT_EXECUTED):
        text = f"{subject} is enabled, but was not evaluated"
        yield Reason(Outcome.ERROR, text, Check.NOT_EVALUATED)
    else:
        yield Reason(Outcome.ERROR, f"{subject} ended with status {quoted(status)}", firm=True)


def _has_known_shape(assertion: dict[str, Any]) -> bool:
    """Whether an object of an unknown kind has what an assertion of a known one has."""
    is_stated = assertion.get("enabled") is not None or status_of(assertion) is not None
    return is_stated or bool(assertion.get("contains"))


def _failing(items: list[Any]) -> list[Any]:
    """Return the items that failed; all of them if none did."""
    states = zip(items, states_of(items), strict=True)
    return [item for item, state in states if state is State.FAILED] or items


def _bad_sign(assertion: Any, subject: str) -> Iterator[Reason]:
    """Yield the first bad sign in an assertion that is otherwise all right."""
    for state, word, _ in islice(bad_signs(assertion), 1):
        if state is State.ENDED:
            yield Reason(Outcome.ERROR, f"{subject} ended with status {quoted(word)}", firm=True)
        elif state is State.FAILED:
            text = f"{subject} passed, but it also contains {quoted(word)}"
            yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)
        else:
            text = f"{subject} is enabled, but was not evaluated: it contains {quoted(word)}"
            yield Reason(Outcome.ERROR, text, Check.NOT_EVALUATED)


def _mistyped(assertion: dict[str, Any], place: str) -> Iterator[Reason]:
    for name, kind, expected in _TYPES:
        if not isinstance(value := assertion.get(name), kind | None):
            yield _malformed(f"{place}.{name}", expected, value)
    for number, item in enumerate(items_of(assertion)):
        if isinstance(item, dict) and not isinstance(item.get("status"), str | None):
            yield _malformed(f"{place}.contains[{number}].status", "text", item["status"])


_TYPE_NAMES = {bool: "true or false", int: "number", float: "number", str: "text", list: "list"}


def _malformed(place: str, expected: str, value: Any) -> Reason:
    actual = _TYPE_NAMES.get(type(value), "object")
    text = f"malformed response: {place}: expected {expected}, found {actual}"
    return Reason(Outcome.ERROR, text, firm=True)


def _contradictions(kind: str, items: list[Any], subject: str) -> Iterator[Reason]:
    """Yield a reason if an assertion that passed is contradicted by its own items.

    One matching variation of a text is enough, so only all of them together contradict.
    """
    states = [state for state in states_of(items) if state is not State.MISSING]
    if kind == TEXT and State.PASSED in states:
        return
    if State.FAILED in states:
        failed = "every variation of it" if kind == TEXT else "one of its items"
        text = f"{subject} passed, but {failed} failed"
        yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)
    elif any(state is not State.PASSED for state in states):
        text = f"{subject} passed, but one of its items has an unknown status"
        yield Reason(Outcome.ERROR, text, Check.UNKNOWN_STATE)
