"""How far the suites of a running gate are: what its log and its live display show."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record


class SuiteProgress(Record):
    """How far one suite is at one moment; `outcome` is `None` until it has ended.

    `percentage` is `None` if it is unknown; `elapsed` and `remaining` are in seconds, of the
    timeout of its current attempt. `failed` is how many steps are known to have failed, and
    `ending` how it ended in a few words.
    """

    name: str
    is_waiting: bool = False
    percentage: float | None = None
    elapsed: float = 0.0
    remaining: float = 0.0
    failed: int = 0
    outcome: Outcome | None = None
    ending: str = ""

    @property
    def is_running(self) -> bool:
        """Whether it has begun and not ended."""
        return self.outcome is None and not self.is_waiting


class GateProgress(Record):
    """How far all suites of a gate are, in their order, `elapsed` seconds after its start."""

    suites: Sequence[SuiteProgress]
    elapsed: float

    @property
    def done(self) -> int:
        """How many suites have ended."""
        return sum(suite.outcome is not None for suite in self.suites)

    @property
    def running(self) -> list[SuiteProgress]:
        """The suites that have begun and not ended."""
        return [suite for suite in self.suites if suite.is_running]

    @property
    def counts(self) -> tuple[tuple[int, str], ...]:
        """How many suites are in which state, besides the total of those that have ended."""
        outcomes = [suite.outcome for suite in self.suites if suite.outcome is not None]
        return (
            (len(self.running), "running"),
            (outcomes.count(Outcome.FAILED), "failed"),
            (sum(not outcome.is_verdict for outcome in outcomes), "without a verdict"),
            (sum(suite.is_waiting for suite in self.suites), "waiting"),
        )
