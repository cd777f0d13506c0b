"""How things end, and the cross-checks that speak up on the way."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """How a step, a run or a gate ended."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    TIMEOUT = "timeout"


class Check(StrEnum):
    """The cross-checks of a result, by the names under which `--accept` takes them."""

    COUNTERS = "counters"
    MISSING_STATUS = "missing-status"
    UNKNOWN_STATE = "unknown-state"
    NOT_EVALUATED = "not-evaluated"
    CONTRADICTION = "contradiction"
    NOT_EXECUTED = "not-executed"
