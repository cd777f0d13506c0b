"""What a team may decide about a verdict: which cross-checks only warn, how strict texts are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gatekeeper.core.model import Reason
from gatekeeper.core.outcomes import Check, Outcome


@dataclass(frozen=True, slots=True)
class Policy:
    """The cross-checks to warn of only (`accept`), and whether a text mismatch fails its step."""

    accept: frozenset[Check] = frozenset()
    strict_text: bool = False

    def part(self, told: Iterable[Reason]) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
        """Part what counts from what was accepted, which is left as a warning."""
        reasons: list[Reason] = []
        warnings: list[Reason] = []
        for reason in told:
            accepted = reason.check in self.accept and not reason.firm
            (warnings if accepted else reasons).append(reason)
        return tuple(reasons), tuple(warnings)


def worst(reasons: Iterable[Reason]) -> Outcome:
    """Return the worst outcome that any of the reasons asks for; passed where there is none."""
    outcomes = (reason.outcome for reason in reasons)
    return min(outcomes, key=lambda outcome: outcome.rank, default=Outcome.PASSED)
