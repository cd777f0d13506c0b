"""The words that the platform uses for the state of a run, a step or an assertion."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any


class State(Enum):
    """What such a word means to a gate."""

    IN_PROGRESS = "in progress"
    PASSED = "passed"
    FAILED = "failed"
    COMPLETED = "completed"
    ENDED = "ended otherwise"
    NOT_EXECUTED = "not executed"
    UNKNOWN = "unknown"
    MISSING = "missing"


# Documented: `inprogress`, `IN_PROGRESS`, `passed`, `failed`, `aborted`, `paused`, and runs and
# steps "not executed". The sibling batch API adds `accepted`, `running`, `completed`; the others
# are the usual words for the same things.
_WORDS = {
    State.IN_PROGRESS: (
        "accepted created executing initiated initializing inprogress new pending processing "
        "queued running scheduled started submitted waiting"
    ),
    State.PASSED: "passed",
    State.FAILED: "fail failed failure",
    State.COMPLETED: "complete completed",
    State.ENDED: (
        "abort aborted cancelled canceled crashed error errored expired interrupted killed paused "
        "stopped terminated timedout timeout"
    ),
    State.NOT_EXECUTED: "notexecuted notrun notstarted skipped unexecuted",
}
_STATE_OF = {word: state for state, words in _WORDS.items() for word in words.split()}
_PAUSED = "paused"
# As a run's own state, these end it whatever its result says: nothing continues it by itself.
_HALTED = (_PAUSED, "notexecuted")
_COMPLETE = 100.0
_NOISE = re.compile(r"[\s_-]+")


def state_of(word: Any) -> State:
    """Classify a word, ignoring case, `_`, `-` and spaces; anything but text is unknown."""
    if word is None or word == "":
        return State.MISSING
    if not isinstance(word, str):
        return State.UNKNOWN
    return _STATE_OF.get(word) or _STATE_OF.get(normalized(word), State.UNKNOWN)


def normalized(word: str) -> str:
    """Return a word in lower case, without `_`, `-` and spaces."""
    return _NOISE.sub("", word).lower()


def has_ended(states: tuple[Any, Any], percentage: float | None) -> bool:
    """Whether a run with these states (its own, its result's) has ended.

    It has not while either is in progress, unless it is paused or was not executed. An unknown or
    missing state ends it only at 100 percent.
    """
    own, of_result = (normalized(word) if isinstance(word, str) else "" for word in states)
    if own in _HALTED or of_result == _PAUSED:
        return True
    known = [state_of(word) for word in states]
    if State.IN_PROGRESS in known:
        return False
    if State.UNKNOWN in known or known[0] is State.MISSING:
        return percentage is not None and percentage >= _COMPLETE
    return True
