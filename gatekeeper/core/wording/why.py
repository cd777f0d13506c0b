"""Why a run did not pass, in one line: for lists of suites."""

from __future__ import annotations

from gatekeeper.core.model import Case, Comparison, Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.text import one_line
from gatekeeper.core.wording.differences import NO_DIFFERENCES
from gatekeeper.core.wording.failures import in_brief
from gatekeeper.core.wording.verdicts import OUTCOMES, ending_of

_MOST_CHARACTERS = 300
_MOST_OF_A_TEXT = 40


def why_of(run: Run) -> str:
    """Return in one line why a run did not pass; empty if it did.

    That is its first step with the run's own outcome and what differed there, or else the run's
    own first reason, after `could not run` or the like if it has no steps.
    """
    verdict = run.verdict
    if verdict.outcome is Outcome.PASSED:
        return ""
    cases = [case for case in verdict.cases if case.outcome is not Outcome.PASSED and case.reasons]
    cases.sort(key=lambda case: case.outcome.rank)
    own = [one_line(str(reason), _MOST_CHARACTERS) for reason in verdict.reasons]
    has_own_outcome = bool(cases) and cases[0].outcome is verdict.outcome
    if has_own_outcome or (cases and not own):
        more = sum(case.outcome is cases[0].outcome for case in cases) - 1
        return _of_step(cases[0], more)
    # Reasons of a tolerated run that has no step details are among its warnings.
    own += [
        one_line(str(warning), _MOST_CHARACTERS)
        for warning in verdict.warnings
        if warning.outcome is Outcome.TOLERATED
    ]
    if not run.is_suite or (verdict.steps.total and own):
        return own[0] if own else ""
    return ": ".join([ending_of(run), *own[:1]])


def _of_step(case: Case, more: int) -> str:
    """Return what is wrong with a step: `step 4 and 2 more, flow: expected "A", actual "B"`."""
    reason = case.reasons[0]
    step = f"step {case.index}{f' and {more} more' if more else ''}"
    if reason.mismatch is None or not reason.mismatch.comparisons:
        return f"{step}: {one_line(str(reason), _MOST_CHARACTERS)}"
    first = reason.mismatch.comparisons[0]
    kind = one_line(reason.mismatch.kind, _MOST_OF_A_TEXT)
    subject = "" if first.subject == reason.mismatch.kind else f" {one_line(first.subject, 40)}"
    return f"{step}, {kind}{subject}: {_compared(first)}"


def _compared(comparison: Comparison) -> str:
    kind, expected, actual = in_brief(comparison, NO_DIFFERENCES, _MOST_OF_A_TEXT)
    missing = "but it is missing" if comparison.actual is None else 'actual ""'
    return f"{kind}expected {expected}, {f'actual {actual}' if actual else missing}"


def outcome_words(run: Run) -> str:
    """Return how a suite ended in a few words: `2 of 8 failed`, `could not run`, `flaky`."""
    outcome, steps = run.verdict.outcome, run.verdict.steps
    if outcome is Outcome.FAILED and steps.failed:
        return f"{steps.failed:,} of {steps.total:,} failed"
    if not outcome.is_verdict and not steps.total:
        return ending_of(run)
    if run.is_flaky and outcome is Outcome.PASSED:
        return "flaky"
    return "no verdict" if outcome is Outcome.ERROR else OUTCOMES[outcome]
