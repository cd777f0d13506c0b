"""The judgement of one step's assertions: flow, text and context, expected and actual."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, zip_longest
from typing import Any, TypeAlias

from gatekeeper.core.model import Comparison, Mismatch, Reason
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.result import Assertion, Response, Step
from gatekeeper.core.states import State, state_of
from gatekeeper.core.text import as_path, as_text, one_line

TEXT = "text"
FLOW = "flow"
CONTEXT = "context"
_KINDS = {"flowLevel": FLOW, "text": TEXT, "context": CONTEXT}
# More things that did not match than anybody reads; each could repeat a text of megabytes.
_COMPARED = 50
# The word of nearly every assertion of a good run; other spellings take a closer look.
_PASSED = "passed"
_NO_ASSERTIONS: dict[str, Any] = {}
# The name of a context variable has no documented key; these are the plausible ones.
_NAMES = ("name", "key", "variable", "path", "contextKey")
_VALUES = ("value", "expectedValue", "expected", TEXT)
_ACTUALS = ("actual", "actualValue", "actualOutput")


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
                if isinstance(assertion, Assertion) and _is_settled(assertion):
                    continue
                where = f"{path}.{side}[{index}].assertions.{key}"
                told += _judge(key, assertion, index + 1, where, (expected, actual))
        yield from dict.fromkeys(told)


def _is_settled(assertion: Assertion) -> bool:
    """Whether there is nothing to look into: it is disabled, or it and all its items say passed."""
    if assertion.enabled is not True or assertion.status != _PASSED:
        return assertion.enabled is False
    if not isinstance(assertion.contains, list):
        return assertion.contains is None
    # Not by `all`: this is asked of every assertion, and is a tenth of a large run's judgement.
    for item in assertion.contains:
        if not isinstance(item, dict) or item.get("status") != _PASSED:
            return False
    return True


def _assertions_of(response: Response | None) -> dict[str, Any]:
    if response is None or response.assertions is None:
        return _NO_ASSERTIONS
    return response.assertions


_Sides: TypeAlias = tuple[Response | None, Response | None]


def _judge(key: str, assertion: Any, response: int, where: str, sides: _Sides) -> Iterator[Reason]:
    """Judge one assertion; `key` is its kind in the platform's word, `sides` its responses."""
    if not isinstance(assertion, Assertion):
        if key in _KINDS and assertion is not None:
            yield _malformed(where, "an object", assertion)
        return
    if _is_no_assertion(key, assertion):
        return
    malformed = list(_mistyped(assertion, where))
    if malformed:
        yield from malformed
        return

    kind = _KINDS.get(key) or one_line(key, 60)
    items = assertion.contains or []
    state = state_of(assertion.status)
    decided = _decide(kind, items) if state is State.MISSING else state
    what = f"the {kind} assertion of response {response}"
    if decided is State.FAILED:
        compared = tuple(islice(_compare(kind, items, sides[1]), _COMPARED))
        paths = _paths(sides) if kind == FLOW else ((), ())
        mismatch = Mismatch(kind, response, compared, paths)
        yield Reason(Outcome.FAILED, f"{what} failed", mismatch=mismatch)
    elif decided is State.PASSED:
        if state is State.PASSED:
            yield from _contradictions(kind, items, what)
    elif decided is State.UNKNOWN:
        word = one_line(assertion.status or "a word of it", 100)
        text = f"{what} says {word!r}, which is no known state"
        yield Reason(Outcome.ERROR, text, Check.UNKNOWN_STATE)
    elif decided in (State.MISSING, State.IN_PROGRESS, State.NOT_EXECUTED):
        yield Reason(
            Outcome.ERROR, f"{what} is enabled, but was not evaluated", Check.NOT_EVALUATED
        )
    else:
        word = one_line(assertion.status or "", 100)
        yield Reason(Outcome.ERROR, f"{what} ended as {word!r}", firm=True)


def _is_no_assertion(key: str, assertion: Assertion) -> bool:
    """Whether this is some object yet unknown rather than an assertion of a kind yet unknown."""
    says_nothing = assertion.enabled is None and assertion.status is None and not assertion.contains
    return says_nothing and key not in _KINDS


def _mistyped(assertion: Assertion, where: str) -> Iterator[Reason]:
    if not isinstance(assertion.enabled, bool | None):
        yield _malformed(f"{where}.enabled", "true or false", assertion.enabled)
    if not isinstance(assertion.status, str | None):
        yield _malformed(f"{where}.status", "text", assertion.status)
    if not isinstance(assertion.contains, list | None):
        yield _malformed(f"{where}.contains", "list", assertion.contains)
        return
    for number, item in enumerate(assertion.contains or ()):
        if isinstance(item, dict) and not isinstance(item.get("status"), str | None):
            yield _malformed(f"{where}.contains[{number}].status", "text", item["status"])


_FOUND = {bool: "true or false", int: "number", float: "number", str: "text", list: "list"}


def _malformed(where: str, expected: str, found: Any) -> Reason:
    kind = "nothing" if found is None else _FOUND.get(type(found), "object")
    text = f"malformed result: {where}: expected {expected}, found {kind}"
    return Reason(Outcome.ERROR, text, firm=True)


def _states(items: Iterable[Any]) -> list[State]:
    return [
        state_of(item.get("status")) if isinstance(item, dict) else State.MISSING for item in items
    ]


def _decide(kind: str, items: list[Any]) -> State:
    """Decide an assertion without a status by its items; `MISSING` where they tell nothing."""
    states = _states(items)
    if not states:
        return State.MISSING
    if kind == TEXT and State.PASSED in states:
        return State.PASSED
    if all(state is State.PASSED for state in states):
        return State.PASSED
    failed = all if kind == TEXT else any
    if failed(state is State.FAILED for state in states):
        return State.FAILED
    return State.UNKNOWN if State.UNKNOWN in states else State.MISSING


def _contradictions(kind: str, items: list[Any], what: str) -> Iterator[Reason]:
    """Tell where an assertion that says passed is contradicted by its own items.

    For text one of several variations is enough, so there only all of them together contradict.
    """
    states = [state for state in _states(items) if state is not State.MISSING]
    if kind == TEXT and State.PASSED in states:
        return
    if State.FAILED in states:
        one = "every variation of it" if kind == TEXT else "one of its items"
        text = f"{what} says passed, but {one} says failed"
        yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)
    elif any(state is not State.PASSED for state in states):
        text = f"{what} says passed, but an item of it is in no known state"
        yield Reason(Outcome.ERROR, text, Check.UNKNOWN_STATE)


def _compare(kind: str, items: list[Any], actual: Response | None) -> Iterator[Comparison]:
    """Set what was expected beside what came, for the items of a failing assertion."""
    if kind == TEXT:
        came = None if actual is None else as_text(actual.text)
        yield Comparison(TEXT, tuple(_value_of(item, (TEXT, *_VALUES)) for item in items), came)
        return
    failing = [
        item for item, state in zip(items, _states(items), strict=True) if state is State.FAILED
    ]
    for item in failing or items:
        if kind == FLOW and isinstance(item, dict):
            for field, value in item.items():
                if field != "status" and field not in _ACTUALS:
                    came = _told(item, _ACTUALS) or _came(actual, field)
                    yield Comparison(field, (as_path(value),), came)
        else:
            name = _told(item, _NAMES) or kind
            yield Comparison(name, (_value_of(item, _VALUES),), _told(item, _ACTUALS))


def _paths(sides: _Sides) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return through which nodes the app was expected to go, and through which it went."""
    expected, actual = map(_path, sides)
    return expected, actual


def _path(response: Response | None) -> tuple[str, ...]:
    if response is None:
        return ()
    told = response.transition_node_names or response.transitions
    nodes = told if isinstance(told, list) else []
    node = response.node_name or response.node_id
    # The transitions end with the node itself where they tell all of the way.
    way = [*nodes[:_COMPARED], *([node] if node and node not in nodes[-1:] else [])]
    return tuple(one_line(as_text(one), 100) for one in way)


_FIELDS = {
    "nodeId": "node_id",
    "nodeName": "node_name",
    "intentId": "intent_id",
    "dialogName": "dialog_name",
    "transitions": "transitions",
    "transitionNodeNames": "transition_node_names",
}


def _came(actual: Response | None, field: str) -> str | None:
    """What the response that came has in a field that a flow item names."""
    value = getattr(actual, _FIELDS[field]) if actual and field in _FIELDS else None
    return None if value is None else as_path(value)


def _told(item: Any, keys: Iterable[str]) -> str | None:
    """Return the first of these keys that the item has, as text."""
    if not isinstance(item, dict):
        return None
    found = next((key for key in keys if item.get(key) is not None), None)
    return None if found is None else as_text(item[found])


def _value_of(item: Any, keys: Iterable[str]) -> str:
    """Return what an item expects; the whole item where no known key tells it."""
    told = _told(item, keys)
    if told is not None:
        return told
    if isinstance(item, dict):
        item = {key: value for key, value in item.items() if key not in ("status", *_NAMES)}
    return as_text(item)
