"""A team's policy applied to a verdict: known or tolerable failures may pass.

Only a plain failure can be tolerated. What could not be judged, was not executed or did not end in
time stays so under any policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fnmatch import fnmatchcase
from itertools import chain
from typing import NamedTuple

from msgspec.structs import replace

from gatekeeper.core.masking import Mask, masked_run
from gatekeeper.core.model import Case, Reason, Run, Steps, Verdict
from gatekeeper.core.outcomes import Outcome, worst_for_run
from gatekeeper.core.verdict.baseline import NO_FAILURES, Failures
from gatekeeper.core.verdict.policy import KnownFailure, Policy
from gatekeeper.core.wording.steps import name_of, step_of, user_input


class _Names(NamedTuple):
    """All that a pattern may match: a step's number and text, its text alone, and its ids.

    If a secret is part of a name, both the name itself and the one that reports show are here.
    """

    numbered: str
    ids: frozenset[str]
    all: frozenset[str]


def tolerate(run: Run, policy: Policy, today: date, mask: Mask = str) -> Verdict:
    """Return the verdict on a run under a policy.

    A known failure is tolerated up to and including its day, `today` being the current one. A
    baseline applies to the suite, stream, language and version that it was made of; it has the
    names that `mask` leaves.
    """
    verdict = run.verdict
    if not policy.has_tolerance:
        return verdict
    shown = masked_run(run, mask)
    names = [_names(run, shown, case) for case in verdict.cases]
    earlier, not_applied = _earlier(policy, run, shown)
    cases = [
        _tolerated(case, _why_tolerated(name, policy, earlier, today))
        if _plainly_failed(case)
        else case
        for case, name in zip(verdict.cases, names, strict=True)
    ]
    reasons = list(verdict.reasons)
    why_all = _why_all_tolerated(verdict, policy)
    if why_all:
        cases = [_tolerated(case, why_all) if _plainly_failed(case) else case for case in cases]
        reasons = [reason for reason in reasons if reason.outcome is not Outcome.FAILED]
    dropped = [reason for reason in verdict.reasons if reason not in reasons]
    notes = list(_notes(verdict.cases, names, policy, earlier, today))
    notes += [Reason(Outcome.PASSED, not_applied)] if not_applied else []
    notes += [Reason(Outcome.TOLERATED, f"{why_all}: {reason}") for reason in dropped]
    if _is_too_low(verdict, policy) and not why_all:
        reasons.append(Reason(Outcome.FAILED, _rate_in_words(verdict, policy), firm=True))
    counting = (case.reasons for case in cases if case.outcome is not Outcome.TOLERATED)
    outcome = worst_for_run(reason.outcome for reason in chain(reasons, *counting))
    if outcome is Outcome.PASSED and verdict.outcome is Outcome.FAILED:
        outcome = Outcome.TOLERATED
    return replace(
        verdict,
        outcome=outcome,
        reasons=tuple(reasons),
        warnings=(*verdict.warnings, *notes),
        cases=tuple(cases),
        steps=_counted(verdict.steps, verdict.cases, cases, all_tolerated=bool(why_all)),
    )


def _names(run: Run, shown: Run, case: Case) -> _Names:
    ids = frozenset(each.id_of(case) for each in (run, shown))
    texts = [(name_of(each, case), user_input(step_of(each, case))) for each in (run, shown)]
    return _Names(texts[0][0], ids, ids.union(*texts))


def _earlier(policy: Policy, run: Run, shown: Run) -> tuple[Failures, str]:
    """Return what failed in the baseline; if that does not apply, why."""
    if policy.baseline is None:
        return NO_FAILURES, ""
    earlier, not_applied = policy.baseline.failures(run)
    return policy.baseline.failures(shown) if not_applied else (earlier, "")


def _plainly_failed(case: Case) -> bool:
    return case.outcome is Outcome.FAILED and all(
        reason.outcome is Outcome.FAILED for reason in case.reasons
    )


def _tolerated(case: Case, why: str) -> Case:
    if not why:
        return case
    reasons = (Reason(Outcome.TOLERATED, why), *case.reasons)
    return replace(case, outcome=Outcome.TOLERATED, reasons=reasons)


def _why_tolerated(name: _Names, policy: Policy, earlier: Failures, today: date) -> str:
    """Return why the failure of one step is tolerated; empty if it is not."""
    matching = [known for known in policy.known_failures if _matches(name, known.step)]
    for known in matching:
        if today <= known.until:
            return f"known failure until {known.until}: {known.reason}"
    # If a known failure covered the step in the baseline, it must not outlive its day there.
    is_known = earlier.has(name.ids, tolerated=not matching)
    return "it failed in the baseline too" if is_known else ""


def _why_all_tolerated(verdict: Verdict, policy: Policy) -> str:
    """Return why all remaining failures are tolerated; empty if they are not."""
    if verdict.outcome is not Outcome.FAILED:
        return ""
    if not policy.blocking:
        return "the suite is not blocking"
    steps = verdict.steps
    rate = _rate(steps)
    # The rate is one of steps that failed: it says nothing about a failure that no step shows.
    known = steps.failed > 0 and not (steps.error or steps.skipped)
    if policy.min_pass_rate is None or rate is None or not known or rate < policy.min_pass_rate:
        return ""
    return _rate_in_words(verdict, policy)


def _matches(names: _Names, pattern: str) -> bool:
    """Whether a step matches a pattern, in which only `*` and `?` are wildcards."""
    literal = pattern.replace("[", "[[]")
    return any(fnmatchcase(name, literal) for name in names.all)


def _rate(steps: Steps) -> float | None:
    return 100 * steps.passed / steps.total if steps.total else None


def _is_too_low(verdict: Verdict, policy: Policy) -> bool:
    if policy.min_pass_rate is None or verdict.outcome not in (Outcome.PASSED, Outcome.FAILED):
        return False
    rate = _rate(verdict.steps)
    return rate is not None and rate < policy.min_pass_rate


def _rate_in_words(verdict: Verdict, policy: Policy) -> str:
    rate = _rate(verdict.steps) or 0.0
    return f"{rate:.4g} % of the steps passed, {policy.min_pass_rate:.4g} % required"


def _notes(
    cases: Sequence[Case], names: Sequence[_Names], policy: Policy, earlier: Failures, today: date
) -> Iterator[Reason]:
    """Yield what in a policy is out of date, and what is better than it says."""
    for known in policy.known_failures:
        yield from _note(known, cases, names, today)
    for case, name in zip(cases, names, strict=True):
        if case.outcome is Outcome.PASSED and earlier.has(name.ids):
            yield Reason(Outcome.PASSED, f"fixed since the baseline: step {name.numbered}")


def _note(
    known: KnownFailure, cases: Sequence[Case], names: Sequence[_Names], today: date
) -> Iterator[Reason]:
    matching = [case for case, name in zip(cases, names, strict=True) if _matches(name, known.step)]
    about = f"known failure {known.step!r} ({known.reason})"
    if not matching:
        yield Reason(Outcome.PASSED, f"{about} matches no step")
    elif all(case.outcome is Outcome.PASSED for case in matching):
        yield Reason(Outcome.PASSED, f"{about} passes again: remove it from gatekeeper.toml")
    elif today > known.until:
        text = f"{about} expired on {known.until}: its failures count again"
        yield Reason(Outcome.PASSED, text)


def _counted(
    steps: Steps, before: Sequence[Case], after: Sequence[Case], *, all_tolerated: bool
) -> Steps:
    """Count tolerated steps as such; without step details, all failed ones are or none is."""
    tolerated = sum(case.outcome is Outcome.TOLERATED for case in after)
    if not before and all_tolerated:
        tolerated = steps.failed
    return replace(steps, failed=steps.failed - tolerated, tolerated=tolerated)
