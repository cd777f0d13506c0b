"""What a team decides about verdicts: accepted cross-checks, strict texts, tolerated failures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from gatekeeper.core.model import Reason
from gatekeeper.core.outcomes import Check
from gatekeeper.core.record import Record
from gatekeeper.core.verdict.baseline import Baseline


class KnownFailure(Record):
    """A known failure of the steps that match a pattern, up to and including a day."""

    step: str
    reason: str
    until: date


class Policy(Record):
    """What is required of a suite.

    Cross-checks in `accept` only warn; `strict_text` fails a step on a text mismatch.
    `min_pass_rate` is in percent; a suite that is not `blocking` never fails the gate. What also
    failed in the `baseline` is not a new failure.
    """

    accept: frozenset[Check] = frozenset()
    strict_text: bool = False
    min_pass_rate: float | None = None
    blocking: bool = True
    known_failures: tuple[KnownFailure, ...] = ()
    baseline: Baseline | None = None

    @property
    def has_tolerance(self) -> bool:
        """Whether `tolerate` has anything to apply."""
        return (
            not self.blocking
            or bool(self.known_failures)
            or self.min_pass_rate is not None
            or self.baseline is not None
        )

    def split_accepted(
        self, reasons: Iterable[Reason]
    ) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
        """Return the reasons that count, and those that are accepted and become warnings."""
        counting: list[Reason] = []
        warnings: list[Reason] = []
        for reason in reasons:
            accepted = reason.check in self.accept and not reason.firm
            (warnings if accepted else counting).append(reason)
        return tuple(counting), tuple(warnings)
