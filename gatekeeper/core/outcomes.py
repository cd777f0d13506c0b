"""How steps, runs and gates end, and the names of the cross-checks."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Outcome(StrEnum):
    """How a step, a run or a gate ended, from worst to best: a plain failure outranks an error."""

    FAILED = "failed"
    ERROR = "error"
    TIMEOUT = "timeout"
    SKIPPED = "skipped"
    TOLERATED = "tolerated"  # it failed, and the team's policy lets it pass
    PASSED = "passed"

    @property
    def rank(self) -> int:
        """Its position among all outcomes, 0 being the worst."""
        return tuple(type(self)).index(self)

    @property
    def is_green(self) -> bool:
        """Whether it lets a gate pass."""
        return self in (Outcome.PASSED, Outcome.TOLERATED)

    @property
    def is_verdict(self) -> bool:
        """Whether a run that ended like this was judged, as opposed to an error or a timeout."""
        return self.is_green or self is Outcome.FAILED


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the worst of some outcomes; passed if there are none."""
    return min(outcomes, key=lambda outcome: outcome.rank, default=Outcome.PASSED)


def worst_for_run(outcomes: Iterable[Outcome]) -> Outcome:
    """Return how a run ends whose reasons, and those of its steps, have these outcomes.

    A step that was not executed is skipped; its run has no verdict, which is an error.
    """
    outcome = worst(outcomes)
    return Outcome.ERROR if outcome is Outcome.SKIPPED else outcome


class Check(StrEnum):
    """The cross-checks of a result, by the names that `--accept` takes."""

    COUNTERS = "counters"
    MISSING_STATUS = "missing-status"
    UNKNOWN_STATE = "unknown-state"
    NOT_EVALUATED = "not-evaluated"
    CONTRADICTION = "contradiction"
    NOT_EXECUTED = "not-executed"
    VERSION = "version"
