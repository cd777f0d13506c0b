"""What an assertion of a kind yet unknown says of itself, whatever its shape is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from gatekeeper.core.answer.states import State, normalized, state_of

_STATUS = frozenset(("status", "state", "result", "outcome", "verdict"))
_PASSED = frozenset(
    ("passed", "pass", "success", "succeeded", "successful", "ok", "matched", "match")
)
_FAILED = frozenset(("failed", "fail", "failure", "failedcount", "failurecount"))
# Under these names stands what went wrong, in any words.
_ERRORS = frozenset(("failures", "errors", "error"))
_ENABLED = frozenset(("enabled",))
# What was expected, what it was compared with, and what it is called: no verdict stands in these.
_TEXTS = frozenset(
    (
        *("text", "texts", "value", "values", "expected", "expectedvalue", "expectedvalues"),
        *("actual", "actualvalue", "actualoutput", "input", "message"),
        *("name", "key", "variable", "path", "contextkey"),
    )
)
_BAD = (State.FAILED, State.ENDED, State.IN_PROGRESS, State.NOT_EXECUTED)
_YES_WORDS = ("true", "yes")
_NO_WORDS = ("false", "no", "unsuccessful")
_NOTHING_WORDS = ("", "none", "null", "n/a", *_NO_WORDS)


def is_enabled(assertion: dict[str, Any]) -> bool:
    """Whether an object counts: `enabled` or `isEnabled`, in any case, is not false in it."""
    return not any(value is False and _kind(key) is _ENABLED for key, value in assertion.items())


def bad_signs(assertion: Any) -> Iterator[tuple[State, Any, Any]]:
    """Yield what in an assertion says that it did not pass: the state, its word, and whose it is.

    The state is that of the word, or failed where `passed` is denied, `failed` is affirmed, or a
    bare word says so under any name but that of a text. What is disabled says nothing.
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
    for key, value in held.items():
        kind = _kind(key)
        if (kind is _FAILED or kind is _ERRORS) and _affirms(value, anything=kind is _ERRORS):
            yield State.FAILED, {key: value}, held
        if isinstance(value, dict):
            left.append(value)
        elif isinstance(value, list):
            bare = kind is not _TEXTS
            left += [value] if bare else [item for item in value if isinstance(item, dict | list)]
        elif kind is _TEXTS:
            continue
        elif kind is _STATUS:
            state = State.FAILED if _denies(value) else state_of(value)
            if state in _BAD:
                yield state, value, held
        elif kind is _PASSED and _denies(value):
            yield State.FAILED, {key: value}, held
        elif state_of(value) is State.FAILED and kind is not _ERRORS:
            yield State.FAILED, value, held


def _denies(value: Any) -> bool:
    """Whether a value says no: a falsehood, a word for one, or 0."""
    return _plain(value) in (0, *_NO_WORDS)


def _affirms(value: Any, *, anything: bool) -> bool:
    """Whether something failed: by a truth, a word for one, a count, or a list of what did.

    Where `anything` counts, so does any text or object but one that says that there is nothing.
    """
    if isinstance(value, list):
        return bool(value)
    if isinstance(value, dict):
        return anything and bool(value)
    plain = _plain(value)
    if isinstance(plain, str):
        return plain not in _NOTHING_WORDS if anything else plain in _YES_WORDS
    return plain is not None and (plain != 0 if anything else plain > 0)


def _plain(value: Any) -> float | str | None:
    """Return a truth or a number, also one in a text, as a number; other text as plain words."""
    if isinstance(value, str):
        text = value.strip().lower()
        try:
            return float(text)
        except ValueError:
            return text
    return value if isinstance(value, int | float) else None


@lru_cache(maxsize=512)
def _kind(key: str) -> frozenset[str] | None:
    """Return which of these kinds of names a name is of, in any spelling."""
    plain = normalized(key).removeprefix("is").removeprefix("has")
    kinds = (_STATUS, _PASSED, _FAILED, _ERRORS, _ENABLED, _TEXTS)
    return next((kind for kind in kinds if plain in kind), None)
