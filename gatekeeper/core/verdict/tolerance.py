"""What a team's policy makes of a verdict: failures that it knows of, or can live with, may pass.

Only what plainly failed can be tolerated: whatever could not be judged, was not executed or did not
end in time stays what it is, under any policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fnmatch import fnmatchcase
from typing import NamedTuple

from msgspec.structs import replace

from gatekeeper.core.model import Case, Reason, Run, Steps, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.verdict.baseline import NO_FAILURES, Failures
from gatekeeper.core.verdict.policy import KnownFailure, Policy, worst
from gatekeeper.core.wording.steps import name_of, step_of, user_input


class _Names(NamedTuple):
    """All that a pattern may fit: a step's number and text, its text alone, and its id."""

    numbered: str
    text: str
    id: str


def tolerate(run: Run, policy: Policy, today: date) -> Verdict:
    """Return the verdict on a run under a policy.

    A known failure counts up to its day and on it, as `today` has it; a baseline counts for the
    suite, stream, language and version that it was made of.
    """
    verdict = run.verdict
    names = [
        _Names(name_of(run, case), user_input(step_of(run, case)), run.id_of(case))
        for case in verdict.cases
    ]
    before, unfit = policy.baseline.failures(run) if policy.baseline else (NO_FAILURES, "")
    cases = [
        _tolerated(case, _excuse(name, policy, before, today)) if _plainly_failed(case) else case
        for case, name in zip(verdict.cases, names, strict=True)
    ]
    reasons = list(verdict.reasons)
    if excuse := _excuse_of_all(verdict, policy):
        cases = [_tolerated(case, excuse) if _plainly_failed(case) else case for case in cases]
        reasons = [reason for reason in reasons if reason.outcome is not Outcome.FAILED]
    let_pass = [one for one in verdict.reasons if one not in reasons]
    notes = list(_notes(verdict.cases, names, policy, before, today))
    notes += [Reason(Outcome.PASSED, unfit)] if unfit else []
    notes += [Reason(Outcome.TOLERATED, f"{excuse}: {one}") for one in let_pass]
    if _is_too_low(verdict, policy) and not excuse:
        reasons.append(Reason(Outcome.FAILED, _rate_in_words(verdict, policy), firm=True))
    told = (*reasons, *(reason for case in cases for reason in _counting(case)))
    outcome = worst(told)
    return replace(
        verdict,
        outcome=_outcome(outcome, was=verdict.outcome),
        reasons=tuple(reasons),
        warnings=(*verdict.warnings, *notes),
        cases=tuple(cases),
        steps=_counted(verdict.steps, verdict.cases, cases, all_of_them=bool(excuse)),
    )


def _plainly_failed(case: Case) -> bool:
    return case.outcome is Outcome.FAILED and all(
        reason.outcome is Outcome.FAILED for reason in case.reasons
    )


def _tolerated(case: Case, excuse: str) -> Case:
    if not excuse:
        return case
    reasons = (Reason(Outcome.TOLERATED, excuse), *case.reasons)
    return replace(case, outcome=Outcome.TOLERATED, reasons=reasons)


def _counting(case: Case) -> tuple[Reason, ...]:
    return () if case.outcome is Outcome.TOLERATED else case.reasons


def _outcome(outcome: Outcome, was: Outcome) -> Outcome:
    """Say how the run ended: a step that was not executed leaves it without a verdict."""
    if outcome is Outcome.SKIPPED:
        return Outcome.ERROR
    return Outcome.TOLERATED if outcome is Outcome.PASSED and was is Outcome.FAILED else outcome


def _excuse(name: _Names, policy: Policy, before: Failures, today: date) -> str:
    """Say why the failure of one step is tolerated; nothing where it is not."""
    fitting = [known for known in policy.known_failures if _fits(name, known.step)]
    for known in fitting:
        if today <= known.until:
            return f"a known failure until {known.until}: {known.reason}"
    # What a known failure had tolerated before, it excuses no longer than up to its day.
    counts = name.id in before.failed if fitting else name.id in before
    return "it failed in the baseline as well" if counts else ""


def _excuse_of_all(verdict: Verdict, policy: Policy) -> str:
    """Say why all failures that are left are tolerated; nothing where they are not."""
    if verdict.outcome is not Outcome.FAILED:
        return ""
    if not policy.blocking:
        return "the suite does not block"
    steps = verdict.steps
    rate = _rate(steps)
    # It speaks of steps that failed: of a failure that none of them shows, nothing is known.
    known = steps.failed > 0 and not (steps.error or steps.skipped)
    if policy.min_pass_rate is None or rate is None or not known or rate < policy.min_pass_rate:
        return ""
    return _rate_in_words(verdict, policy)


def _fits(names: _Names, pattern: str) -> bool:
    """Whether a step fits a pattern, in which only `*` and `?` stand for something else."""
    literal = pattern.replace("[", "[[]")
    return any(fnmatchcase(name, literal) for name in names)


def _rate(steps: Steps) -> float | None:
    return 100 * steps.passed / steps.total if steps.total else None


def _is_too_low(verdict: Verdict, policy: Policy) -> bool:
    if policy.min_pass_rate is None or verdict.outcome not in (Outcome.PASSED, Outcome.FAILED):
        return False
    rate = _rate(verdict.steps)
    return rate is not None and rate < policy.min_pass_rate


def _rate_in_words(verdict: Verdict, policy: Policy) -> str:
    enough = "enough" if not _is_too_low(verdict, policy) else "asked for"
    rate = _rate(verdict.steps) or 0.0
    return f"{rate:.4g} % of the steps passed, {policy.min_pass_rate:.4g} % are {enough}"


def _notes(
    cases: Sequence[Case], names: Sequence[_Names], policy: Policy, before: Failures, today: date
) -> Iterator[Reason]:
    """Tell what of a policy is out of date, and what is better than it says."""
    for known in policy.known_failures:
        yield from _note(known, cases, names, today)
    for case, name in zip(cases, names, strict=True):
        if case.outcome is Outcome.PASSED and name.id in before:
            yield Reason(Outcome.PASSED, f"fixed since the baseline: step {name.numbered}")


def _note(
    known: KnownFailure, cases: Sequence[Case], names: Sequence[_Names], today: date
) -> Iterator[Reason]:
    fitting = [case for case, name in zip(cases, names, strict=True) if _fits(name, known.step)]
    about = f"the known failure {known.step!r} ({known.reason})"
    if not fitting:
        yield Reason(Outcome.PASSED, f"{about} fits no step")
    elif all(case.outcome is Outcome.PASSED for case in fitting):
        yield Reason(Outcome.PASSED, f"{about} passes again: take it out of the policy")
    elif today > known.until:
        yield Reason(Outcome.PASSED, f"{about} expired on {known.until}: it counts again")


def _counted(
    steps: Steps, before: Sequence[Case], cases: Sequence[Case], *, all_of_them: bool
) -> Steps:
    """Count the steps anew; without step details, all that failed are tolerated or none is."""
    tolerated = sum(case.outcome is Outcome.TOLERATED for case in cases)
    if not before and all_of_them:
        tolerated = steps.failed
    return replace(steps, failed=steps.failed - tolerated, tolerated=tolerated)
