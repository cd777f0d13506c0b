"""What an assertion and its items say of themselves, and what the items come to."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from gatekeeper.core.answer.states import State, normalized, state_of
from gatekeeper.core.verdict.comparing import TEXT


@lru_cache(maxsize=512)
def has_odd_status(names: tuple[str, ...]) -> bool:
    """Whether an object with these names has a status under another spelling."""
    return any(normalized(name) == "status" and name != "status" for name in names)


def status_of(held: dict[str, Any]) -> Any:
    """Return what an object has as its status, in any spelling; of several, the worst."""
    if "status" in held and not has_odd_status(tuple(held)):
        return held["status"]
    words = [word for name, word in held.items() if normalized(name) == "status"]
    # What failed comes first, and what passed, which is good only if all the others did, last.
    return min(words, key=_badness, default=None)


def _badness(word: Any) -> int:
    state = state_of(word)
    return 0 if state is State.FAILED else 2 if state is State.PASSED else 1


def items_of(assertion: dict[str, Any]) -> list[Any]:
    """Return an assertion's items; none where it has something else in their place."""
    items = assertion.get("contains")
    return items if isinstance(items, list) else []


def states_of(items: Iterable[Any]) -> list[State]:
    """Return the state of each item; `MISSING` for what is no object."""
    return [
        state_of(status_of(item)) if isinstance(item, dict) else State.MISSING for item in items
    ]


def decide(kind: str, items: list[Any]) -> State:
    """Decide an assertion without a status by its items; `MISSING` where they tell nothing."""
    states = states_of(items)
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
