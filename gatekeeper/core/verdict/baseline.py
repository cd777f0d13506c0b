"""What failed in an earlier gate, and which runs that applies to."""

from __future__ import annotations

from collections.abc import Iterable

from gatekeeper.core.model import Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.result_file.history import PastGate, past_of
from gatekeeper.core.result_file.schema import SavedGate, SavedRun
from gatekeeper.core.step_ids import ids_saved
from gatekeeper.core.text import one_line, printable
from gatekeeper.core.versions import target_key

_MAX_LISTED = 3


class Failures(Record):
    """The ids of the steps that failed, and of those that failed and were tolerated."""

    failed: frozenset[str] = frozenset()
    tolerated: frozenset[str] = frozenset()

    def has(self, ids: frozenset[str], *, tolerated: bool = True) -> bool:
        """Whether a step with one of these ids failed; if it was `tolerated`, only if asked."""
        return bool(ids & self.failed) or (tolerated and bool(ids & self.tolerated))


NO_FAILURES = Failures()


class BaselineRun(Record):
    """A run of the earlier gate: its suite and target, as far as they are known, and its failures.

    `target` has the stream, the language and the version.
    """

    test_suite: str
    target: tuple[str | None, ...]
    failures: Failures


class Baseline(Record):
    """The runs of an earlier gate; `place` is its file, which may be missing.

    `gate` is what comparisons need of it.
    """

    place: str
    runs: tuple[BaselineRun, ...] = ()
    is_missing: bool = False
    gate: PastGate | None = None

    def failures(self, run: Run) -> tuple[Failures, str]:
        """Return what failed earlier in the same suite, stream, language and version.

        If there was no such run, return no failures, and why. If there were several, a failure in
        any of them counts.
        """
        suite = printable(run.test_suite)
        target = target_key(run.stream_id, run.language, run.bot_version)
        of_suite = [earlier for earlier in self.runs if earlier.test_suite == suite]
        # What is unknown on either side matches nothing.
        matching = [
            earlier.failures
            for earlier in of_suite
            if None not in target and earlier.target == target
        ]
        if matching:
            failed = frozenset[str]().union(*(failures.failed for failures in matching))
            tolerated = frozenset[str]().union(*(failures.tolerated for failures in matching))
            return Failures(failed, tolerated), ""
        ignored = f"the baseline {one_line(self.place)} is ignored:"
        if self.is_missing:
            return NO_FAILURES, f"{ignored} the file is missing"
        if not of_suite:
            return NO_FAILURES, f'{ignored} it has no run of suite "{one_line(suite)}"'
        listed = "; ".join(_in_words(earlier.target) for earlier in of_suite[:_MAX_LISTED])
        text = f"{ignored} it has this suite with {listed}, but this run has {_in_words(target)}"
        return NO_FAILURES, text


def baseline_of(saved: SavedGate, place: str) -> Baseline:
    """Make a baseline of an earlier gate."""
    return Baseline(place, tuple(map(_run, saved.runs)), gate=past_of(saved))


def _run(run: SavedRun) -> BaselineRun:
    ids = ids_saved([(case.id, case.name) for case in run.cases])

    def ended(outcome: Outcome) -> frozenset[str]:
        pairs = zip(ids, run.cases, strict=True)
        return frozenset(step for step, case in pairs if case.outcome is outcome)

    return BaselineRun(
        run.test_suite,
        target_key(run.stream_id, run.language, run.bot_version),
        Failures(ended(Outcome.FAILED), ended(Outcome.TOLERATED)),
    )


def _in_words(target: Iterable[str | None]) -> str:
    pairs = zip(("stream", "language", "version"), target, strict=True)
    return ", ".join(f"{label} {value or '(unknown)'}" for label, value in pairs)
