"""What an assertion of a kind yet unknown says of itself, whatever its shape is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from gatekeeper.core.answer.states import State, state_of, words_alike

_STATUS = frozenset(("status", "state", "result", "outcome", "verdict"))
_PASSED = frozenset(("passed", "pass", "success", "succeeded", "successful", "ok"))
_FAILED = frozenset(("failed", "fail", "failure"))
_ENABLED = frozenset(("enabled",))
# What was expected, what it was compared with, and what it is called: no verdict stands in these.
_TEXTS = frozenset(
    (
        *("text", "texts", "value", "values", "expected", "expectedvalue", "expectedvalues"),
        *("actual", "actualvalue", "actualoutput", "input", "message"),
        *("name", "key", "variable", "path", "contextkey"),
    )
)
_NO = (State.FAILED, State.ENDED, State.IN_PROGRESS, State.NOT_EXECUTED)


def is_enabled(assertion: dict[str, Any]) -> bool:
    """Whether an object counts: `enabled` or `isEnabled`, in any case, is not false in it."""
    return not any(value is False and _kind(key) is _ENABLED for key, value in assertion.items())


def bad_words(assertion: Any) -> Iterator[tuple[State, Any, Any]]:
    """Yield what in an assertion says that it did not pass: the state, its word, and whose it is.

    The state is that of the word, or failed where `passed` is false, `failed` is true, or a bare
    word in a list says so. What is disabled says nothing.
    """
    left = [assertion]
    while left:
        held = left.pop()
        if isinstance(held, list):
            left += reversed(held)
        elif isinstance(held, dict):
            if is_enabled(held):
                yield from _bad_members(held, left)
        elif isinstance(held, str) and state_of(held) is State.FAILED:
            yield State.FAILED, held, held


def _bad_members(held: dict[str, Any], left: list[Any]) -> Iterator[tuple[State, Any, Any]]:
    """Yield what the members of an object say; what is to be looked into joins what is `left`."""
    has_status = any(_kind(key) in (_STATUS, _PASSED) for key in held)
    for key, value in held.items():
        kind = _kind(key)
        if kind is _TEXTS:
            items = value if isinstance(value, list) else []
            left += [item for item in items if isinstance(item, dict | list)]
        elif isinstance(value, dict | list):
            left.append(value)
        elif kind is _STATUS:
            state = State.FAILED if value is False else state_of(value)
            if state in _NO:
                yield state, value, held
        elif kind is None and not has_status and state_of(value) is State.FAILED:
            yield State.FAILED, value, held
        elif (kind is _PASSED and _denies(value)) or (kind is _FAILED and _affirms(value)):
            yield State.FAILED, {key: value}, held


def _denies(value: Any) -> bool:
    return value is False or (isinstance(value, str) and value.strip().lower() in ("false", "no"))


def _affirms(value: Any) -> bool:
    """Whether something failed: by a truth, a word for one, or a count."""
    if isinstance(value, str):
        return value.strip().lower() in ("true", "yes")
    return isinstance(value, int | float) and value > 0


@lru_cache(maxsize=512)
def _kind(key: str) -> frozenset[str] | None:
    """Return which of these kinds of names a name is of, in any spelling."""
    plain = words_alike(key).removeprefix("is").removeprefix("has")
    kinds = (_STATUS, _PASSED, _FAILED, _ENABLED, _TEXTS)
    return next((kind for kind in kinds if plain in kind), None)
