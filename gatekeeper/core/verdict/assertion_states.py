"""The state of an assertion: its own, those of its items, and what the items add up to."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from gatekeeper.core.answer.states import State, normalized, state_of
from gatekeeper.core.verdict.comparing import TEXT


@lru_cache(maxsize=512)
def has_odd_status(keys: tuple[str, ...]) -> bool:
    """Whether an object with these keys has a status under another spelling."""
    return any(normalized(key) == "status" and key != "status" for key in keys)


def status_of(member: dict[str, Any]) -> Any:
    """Return the status of an assertion or item, in any spelling; the worst if it has several."""
    if "status" in member and not has_odd_status(tuple(member)):
        return member["status"]
    statuses = [value for key, value in member.items() if normalized(key) == "status"]
    # A failed one comes first, and a passed one, which is good only if all are, last.
    return min(statuses, key=_badness, default=None)


def _badness(status: Any) -> int:
    state = state_of(status)
    return 0 if state is State.FAILED else 2 if state is State.PASSED else 1


def items_of(assertion: dict[str, Any]) -> list[Any]:
    """Return the items of an assertion; an empty list if `contains` is anything but a list."""
    items = assertion.get("contains")
    return items if isinstance(items, list) else []


def states_of(items: Iterable[Any]) -> list[State]:
    """Return the state of each item; `MISSING` for one that is not an object."""
    return [
        state_of(status_of(item)) if isinstance(item, dict) else State.MISSING for item in items
    ]


def state_by_items(kind: str, items: list[Any]) -> State:
    """Return the state of an assertion that has none itself; `MISSING` if the items do not say."""
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
