"""The judgement of one step's assertions: flow, text and context, expected and actual."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, zip_longest
from typing import Any

from gatekeeper.core.answer.shape import Response, Step
from gatekeeper.core.answer.states import State, state_of
from gatekeeper.core.model import Reason
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.text import as_text, one_line
from gatekeeper.core.verdict.assertion_states import (
    decide,
    has_odd_status,
    items_of,
    states_of,
    status_of,
)
from gatekeeper.core.verdict.comparing import FLOW, TEXT, Sides, mismatch
from gatekeeper.core.verdict.unknown_kinds import bad_signs, is_enabled

CONTEXT = "context"
_KINDS = {"flowLevel": FLOW, "text": TEXT, "context": CONTEXT}
_TYPES = (("enabled", bool, "true or false"), ("status", str, "text"), ("contains", list, "list"))
_MOST_SHOWN = 50
# The word of nearly every assertion of a good run; other spellings take a closer look.
_PASSED = "passed"
_NO_ASSERTIONS: dict[str, Any] = {}


def judge_assertions(step: Step, path: str) -> Iterator[Reason]:
    """Tell what speaks against a step in its enabled assertions; nothing when all of them passed.

    `path` is where the step stands in the answer. The expected side (`outputs`) and the actual
    one (`actualOutput`) repeat each other's assertions: what both say is told once.
    """
    pairs = zip_longest(step.outputs or (), step.actual_output or ())
    for index, (expected, actual) in enumerate(pairs):
        told: list[Reason] = []
        for side, response in (("outputs", expected), ("actualOutput", actual)):
            for key, assertion in _assertions_of(response).items():
                if key in _KINDS and isinstance(assertion, dict) and _is_settled(assertion):
                    continue
                where = f"{path}.{side}[{index}].assertions.{key}"
                judge = _judge if key in _KINDS else _judge_unknown
                told += judge(key, assertion, index + 1, where, (expected, actual))
        yield from dict.fromkeys(told)


def passed_without_response(step: Step) -> Iterator[Reason]:
    """Tell where a step that does not say failed passed though a response never came."""
    due, came = step.outputs or (), step.actual_output or ()
    look = "look at the run on the platform"
    if due and not came and state_of(step.status) is State.PASSED:
        text = f"the step says passed, but no response came where {len(due)} {{}} expected: {look}"
        text = text.format("was" if len(due) == 1 else "were")
        yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)
        return
    for number, response in enumerate(due[len(came) :], len(came) + 1):
        kinds = [
            _KINDS.get(key) or one_line(key, 60)
            for key, assertion in _assertions_of(response).items()
            if _says_passed(key, assertion)
        ]
        if kinds:
            text = f"response {number} never came, but its {kinds[0]} assertion says passed: {look}"
            yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)


def has_passed_assertion(step: Step) -> bool:
    """Whether any enabled assertion of a step, on either side, says passed."""
    return any(
        _says_passed(key, assertion)
        for response in (*(step.outputs or ()), *(step.actual_output or ()))
        for key, assertion in _assertions_of(response).items()
    )


def _says_passed(key: str, assertion: Any) -> bool:
    """Whether an assertion counts and claims to have passed."""
    if not isinstance(assertion, dict) or not _counts(key, assertion):
        return False
    state = state_of(status_of(assertion))
    if state is State.MISSING and isinstance(items := assertion.get("contains"), list):
        state = decide(_KINDS.get(key, key), items)
    return state is State.PASSED


def _counts(key: str, assertion: dict[str, Any]) -> bool:
    return assertion.get("enabled") is not False if key in _KINDS else is_enabled(assertion)


def _is_settled(assertion: dict[str, Any]) -> bool:
    """Whether there is nothing to look into: it is disabled, or it and all its items say passed."""
    if assertion.get("enabled") is not True or assertion.get("status") != _PASSED:
        return assertion.get("enabled") is False
    items = assertion.get("contains")
    # Of three names there is no other one than these three.
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
    key: str, assertion: Any, response: int, where: str, sides: Sides
) -> Iterator[Reason]:
    """Judge an assertion of a kind yet unknown: by its shape if that is known, else by its words.

    What is no object, or an object that says nothing, may as well be no assertion.
    """
    kind = one_line(key, 60)
    what = f"the {kind} assertion of response {response}"
    failed = (held for state, _, held in bad_signs(assertion) if state is State.FAILED)
    if failing := list(islice(failed, _MOST_SHOWN)):
        whole = isinstance(assertion, dict) and failing[0] is assertion
        items = _failing(items_of(assertion)) if whole else failing
        shown = mismatch(kind, response, items, sides)
        yield Reason(Outcome.FAILED, f"{what} failed", mismatch=shown)
        return
    told: list[Reason] = []
    if isinstance(assertion, dict) and is_enabled(assertion) and _is_shaped(assertion):
        told += _judge(key, assertion, response, where, sides)
    yield from told or _beside(assertion, what)


def _judge(key: str, assertion: Any, response: int, where: str, sides: Sides) -> Iterator[Reason]:
    """Judge one assertion; `key` is its kind in the platform's word, `sides` its responses."""
    if not isinstance(assertion, dict):
        if assertion is not None:
            yield _malformed(where, "an object", assertion)
        return
    if assertion.get("enabled") is False:
        return
    malformed = list(_mistyped(assertion, where))
    if malformed:
        yield from malformed
        return

    kind = _KINDS.get(key) or one_line(key, 60)
    items = items_of(assertion)
    word = status_of(assertion)
    state = state_of(word)
    decided = decide(kind, items) if state is State.MISSING else state
    what = f"the {kind} assertion of response {response}"
    if decided is State.FAILED:
        # Any variation of a text would have done, so all are shown.
        shown = mismatch(kind, response, items if kind == TEXT else _failing(items), sides)
        yield Reason(Outcome.FAILED, f"{what} failed", mismatch=shown)
    elif decided is State.PASSED:
        if state is State.PASSED:
            yield from _contradictions(kind, items, what)
        yield from _beside(assertion | {"contains": None}, what)
    elif decided is State.UNKNOWN:
        about = one_line(as_text(word or "a word of it"), 100)
        text = f"{what} says {about!r}, which is no known state"
        yield Reason(Outcome.ERROR, text, Check.UNKNOWN_STATE)
    elif decided in (State.MISSING, State.IN_PROGRESS, State.NOT_EXECUTED):
        yield Reason(
            Outcome.ERROR, f"{what} is enabled, but was not evaluated", Check.NOT_EVALUATED
        )
    else:
        yield Reason(Outcome.ERROR, f"{what} ended as {one_line(as_text(word), 100)!r}", firm=True)


def _is_shaped(assertion: dict[str, Any]) -> bool:
    """Whether an object of a kind yet unknown has what an assertion of a known one has."""
    says = assertion.get("enabled") is not None or status_of(assertion) is not None
    return says or bool(assertion.get("contains"))


def _failing(items: list[Any]) -> list[Any]:
    """Return the items that say failed; all of them where none does."""
    states = zip(items, states_of(items), strict=True)
    return [item for item, state in states if state is State.FAILED] or items


def _beside(assertion: Any, what: str) -> Iterator[Reason]:
    """Tell where an assertion of which nothing else is known to be wrong has a bad word in it."""
    for state, word, _ in islice(bad_signs(assertion), 1):
        about = one_line(as_text(word), 100)
        if state is State.ENDED:
            yield Reason(Outcome.ERROR, f"{what} ended as {about!r}", firm=True)
        elif state is State.FAILED:
            text = f"{what} says passed, but it says {about!r} as well"
            yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)
        else:
            text = f"{what} is enabled, but was not evaluated: it says {about!r}"
            yield Reason(Outcome.ERROR, text, Check.NOT_EVALUATED)


def _mistyped(assertion: dict[str, Any], where: str) -> Iterator[Reason]:
    for name, kind, expected in _TYPES:
        if not isinstance(value := assertion.get(name), kind | None):
            yield _malformed(f"{where}.{name}", expected, value)
    for number, item in enumerate(items_of(assertion)):
        if isinstance(item, dict) and not isinstance(item.get("status"), str | None):
            yield _malformed(f"{where}.contains[{number}].status", "text", item["status"])


_FOUND = {bool: "true or false", int: "number", float: "number", str: "text", list: "list"}


def _malformed(where: str, expected: str, found: Any) -> Reason:
    kind = "nothing" if found is None else _FOUND.get(type(found), "object")
    text = f"malformed result: {where}: expected {expected}, found {kind}"
    return Reason(Outcome.ERROR, text, firm=True)


def _contradictions(kind: str, items: list[Any], what: str) -> Iterator[Reason]:
    """Tell where an assertion that says passed is contradicted by its own items.

    For text one of several variations is enough, so there only all of them together contradict.
    """
    states = [state for state in states_of(items) if state is not State.MISSING]
    if kind == TEXT and State.PASSED in states:
        return
    if State.FAILED in states:
        one = "every variation of it" if kind == TEXT else "one of its items"
        text = f"{what} says passed, but {one} says failed"
        yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)
    elif any(state is not State.PASSED for state in states):
        text = f"{what} says passed, but an item of it is in no known state"
        yield Reason(Outcome.ERROR, text, Check.UNKNOWN_STATE)
