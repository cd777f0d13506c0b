"""Bad signs in an assertion of an unknown kind, whatever its shape."""

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
# These hold what went wrong, in any words.
_ERRORS = frozenset(("failures", "errors", "error"))
_ENABLED = frozenset(("enabled",))
# These hold expected and actual texts and names, which say nothing about the verdict.
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
    """Whether an object counts: it has no `enabled` or `isEnabled`, in any case, that is false."""
    return not any(value is False and _kind(key) is _ENABLED for key, value in assertion.items())


def bad_signs(assertion: Any) -> Iterator[tuple[State, Any, Any]]:
    """Yield each sign that an assertion did not pass: the state, the word, the object with it.

    The state is that of the word; it is failed if `passed` is denied, if `failed` is affirmed, or
    if a bare word says so under any key but that of a text. Disabled objects are skipped.
    """
    pending = [assertion]
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            pending += reversed(value)
        elif isinstance(value, dict):
            if is_enabled(value):
                yield from _bad_members(value, pending)
        elif isinstance(value, str) and state_of(value) is State.FAILED:
            yield State.FAILED, value, value


def _bad_members(owner: dict[str, Any], pending: list[Any]) -> Iterator[tuple[State, Any, Any]]:
    """Yield the bad signs among an object's members; objects and lists in it become `pending`."""
    for key, value in owner.items():
        kind = _kind(key)
        if (kind is _FAILED or kind is _ERRORS) and _affirms(value, anything=kind is _ERRORS):
            yield State.FAILED, {key: value}, owner
        if isinstance(value, dict):
            pending.append(value)
        elif isinstance(value, list):
            bare = kind is not _TEXTS
            pending += (
                [value] if bare else [item for item in value if isinstance(item, dict | list)]
            )
        elif kind is _TEXTS:
            continue
        elif kind is _STATUS:
            state = State.FAILED if _denies(value) else state_of(value)
            if state in _BAD:
                yield state, value, owner
        elif kind is _PASSED and _denies(value):
            yield State.FAILED, {key: value}, owner
        elif state_of(value) is State.FAILED and kind is not _ERRORS:
            yield State.FAILED, value, owner


def _denies(value: Any) -> bool:
    """Whether a value means no: false, a word for it, or 0."""
    return _plain(value) in (0, *_NO_WORDS)


def _affirms(value: Any, *, anything: bool) -> bool:
    """Whether a value says that something failed: true, a word for it, a count, or a list.

    With `anything`, so does any other text or object unless it means nothing.
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
    """Return a boolean or a number, also one in a text, as a number; other text in lower case."""
    if isinstance(value, str):
        text = value.strip().lower()
        try:
            return float(text)
        except ValueError:
            return text
    return value if isinstance(value, int | float) else None


@lru_cache(maxsize=512)
def _kind(key: str) -> frozenset[str] | None:
    """Return the group of names that a key belongs to, in any spelling."""
    plain = normalized(key).removeprefix("is").removeprefix("has")
    kinds = (_STATUS, _PASSED, _FAILED, _ERRORS, _ENABLED, _TEXTS)
    return next((kind for kind in kinds if plain in kind), None)
