"""What a team may decide about a verdict: which cross-checks only warn, how strict texts are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from gatekeeper.core.model import Reason
from gatekeeper.core.outcomes import Check
from gatekeeper.core.record import Record
from gatekeeper.core.verdict.baseline import Baseline


class KnownFailure(Record):
    """A failure that is known: of the steps that fit a pattern, up to a day and on it."""

    step: str
    reason: str
    until: date


class Policy(Record):
    """What is asked of a suite.

    `accept` has the cross-checks to warn of only; `strict_text` fails a step whose text mismatches.
    `min_pass_rate` is in percent; a suite that is not `blocking` never fails the gate. What
    failed in the `baseline` as well is no new failure.
    """

    accept: frozenset[Check] = frozenset()
    strict_text: bool = False
    min_pass_rate: float | None = None
    blocking: bool = True
    known_failures: tuple[KnownFailure, ...] = ()
    baseline: Baseline | None = None

    @property
    def takes_failures_as_they_are(self) -> bool:
        """Whether it makes nothing else of any failure, whatever the step's name."""
        return (
            self.blocking
            and not self.known_failures
            and (self.min_pass_rate is None and self.baseline is None)
        )

    def split_accepted(
        self, told: Iterable[Reason]
    ) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
        """Part what counts from what was accepted, which is left as a warning."""
        reasons: list[Reason] = []
        warnings: list[Reason] = []
        for reason in told:
            accepted = reason.check in self.accept and not reason.firm
            (warnings if accepted else reasons).append(reason)
        return tuple(reasons), tuple(warnings)
