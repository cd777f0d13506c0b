"""The case of a run itself: what concerns no step of it, how long it took, its other attempts.

Each run has one, also if it passed: readers add up the times of cases, and a case that is missing
on good days never counts as resolved.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain

from gatekeeper.core.model import Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.junit_case import OUTPUT, TAGS, Entry, TestcaseHead
from gatekeeper.core.reports.junit_texts import output, tolerated
from gatekeeper.core.text import one_line
from gatekeeper.core.wording.verdicts import OUTCOMES, attempt_of, reasons_of

_NAME = "the run as a whole"
_RED = (Outcome.FAILED, Outcome.ERROR)


def run_head(run: Run, class_name: str) -> TestcaseHead:
    """Return the attributes of the run's case; it has all of the run's duration."""
    return TestcaseHead(_NAME, class_name, run.duration or 0.0)


def run_entries(run: Run) -> tuple[Entry, ...]:
    """Return what the run's case contains: its own failure if it has one, and its output."""
    return tuple(_entries(run))


def _entries(run: Run) -> Iterator[Entry]:
    verdict = run.verdict
    outcome = _outcome(run)
    lines: list[str] = []
    if outcome is Outcome.PASSED:
        attempt = attempt_of(run)
        reasons = reasons_of(verdict)
        lines = [f"{attempt}: {reason}" if attempt else reason for reason in reasons]
    else:
        yield Entry(TAGS[outcome], partial(_text, run), f"gatekeeper.run.{verdict.outcome}")
    if lines or verdict.warnings:
        yield Entry(OUTPUT, partial(output, lines, warnings=verdict.warnings))


def _outcome(run: Run) -> Outcome:
    """Return how the run's case ends: red only for reasons that no case of a step shows."""
    verdict = run.verdict
    outcomes = {case.outcome for case in verdict.cases}
    if verdict.outcome is Outcome.TOLERATED:
        # Without step details, no other case shows that something is tolerated.
        is_own = _tolerated_reason(run) or Outcome.TOLERATED not in outcomes
        return Outcome.TOLERATED if is_own else Outcome.PASSED
    if verdict.outcome is Outcome.PASSED:
        return Outcome.PASSED
    own = {reason.outcome for reason in verdict.reasons if not reason.outcome.is_green}
    failed = verdict.outcome is Outcome.FAILED and Outcome.FAILED not in outcomes
    if failed or Outcome.FAILED in own:
        return Outcome.FAILED
    # A step that was not executed makes the run an error, but its case is not red.
    return Outcome.ERROR if own or outcomes.isdisjoint(_RED) else Outcome.PASSED


def _text(run: Run) -> str:
    """Return the reasons of the run's case, the most important one first, in one line."""
    reasons = reasons_of(run.verdict)
    own = map(str, run.verdict.reasons)
    first = _tolerated_reason(run) or next(chain(own, reasons), OUTCOMES[_outcome(run)])
    message = one_line(first, 300)
    return "\n".join((message, *(reason for reason in reasons if reason != message)))


def _tolerated_reason(run: Run) -> str:
    """Return what of the run itself is tolerated, and why; empty if nothing is."""
    for warning in run.verdict.warnings:
        if warning.outcome is Outcome.TOLERATED:
            why, _, what = warning.text.partition(": ")
            return tolerated(why, what) if what else warning.text
    return ""
