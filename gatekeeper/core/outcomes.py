"""How things end, and the cross-checks that speak up on the way."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """How a step, a run or a gate ended; the worst comes first, a plain failure before all else."""

    FAILED = "failed"
    ERROR = "error"
    TIMEOUT = "timeout"
    SKIPPED = "skipped"
    TOLERATED = "tolerated"  # it failed, and the team's policy lets it pass
    PASSED = "passed"

    @property
    def rank(self) -> int:
        """Its place among all outcomes, from 0 for the worst."""
        return tuple(type(self)).index(self)


class Check(StrEnum):
    """The cross-checks of a result, by the names under which `--accept` takes them."""

    COUNTERS = "counters"
    MISSING_STATUS = "missing-status"
    UNKNOWN_STATE = "unknown-state"
    NOT_EVALUATED = "not-evaluated"
    CONTRADICTION = "contradiction"
    NOT_EXECUTED = "not-executed"
    VERSION = "version"
