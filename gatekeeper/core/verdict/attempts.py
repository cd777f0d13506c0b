"""A suite that was started more than once: which attempt counts, and how the others ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from gatekeeper.core.model import Reason, Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.text import one_line, printable
from gatekeeper.core.wording.failures import brief
from gatekeeper.core.wording.steps import name_of
from gatekeeper.core.wording.verdicts import OUTCOMES, counted, reasons_of

_MAX_STEPS = 10


def with_attempts(attempts: Sequence[Run], *, fail_on_flaky: bool) -> Run:
    """Return the attempt at a suite that counts, with the others in it and in its warnings.

    The last attempt with a verdict counts, or else the last one. So a later attempt that passes or
    is tolerated replaces a failure and is flaky; one without a verdict does not replace it.
    """
    numbered = [replace(run, attempt=number) for number, run in enumerate(attempts, 1)]
    judged = [run for run in numbered if run.verdict.outcome.is_verdict]
    counting = (judged or numbered)[-1]
    others = tuple(run for run in numbered if run is not counting)
    if not others:
        return counting
    run = replace(counting, earlier=others)
    verdict = run.verdict
    reasons, outcome = verdict.reasons, verdict.outcome
    texts = (text for other in others for text in _summary(other))
    warnings = (*verdict.warnings, *(Reason(Outcome.PASSED, text) for text in texts))
    if run.is_flaky:
        how = "passed" if outcome is Outcome.PASSED else "tolerated"
        flaky = Reason(Outcome.FAILED, f"flaky: {how} only on attempt {run.attempt}", firm=True)
        if fail_on_flaky:
            outcome, reasons = Outcome.FAILED, (*reasons, flaky)
        else:
            warnings = (flaky, *warnings)
    unjudged = [other for other in others if other.attempt > run.attempt]
    reasons = (*reasons, *(_failure_stands(run, other) for other in unjudged))
    advice = (verdict.next_step, *(_next_step(other) for other in unjudged))
    return replace(
        run,
        verdict=replace(
            verdict,
            outcome=outcome,
            reasons=reasons,
            warnings=warnings,
            next_step="; ".join(filter(None, advice)),
        ),
    )


def _failure_stands(run: Run, later: Run) -> Reason:
    why = one_line(next(iter(_reasons(later)), OUTCOMES[later.verdict.outcome]), 300)
    text = (
        f"the failure of attempt {run.attempt} stands: "
        f"attempt {later.attempt} ended without a verdict ({why})"
    )
    return Reason(Outcome.FAILED, text, firm=True)


def _next_step(run: Run) -> str:
    advice = run.verdict.next_step
    return f"for attempt {run.attempt}: {advice}" if advice else ""


def _summary(run: Run) -> Iterator[str]:
    """Yield how an attempt ended and why, and which of its steps did not pass."""
    attempt = f"attempt {run.attempt}"
    if run.verdict.outcome is Outcome.FAILED:
        why = [counted(run.verdict.steps), *map(str, run.verdict.reasons)]
        how = "failed"
    else:
        why, how = _reasons(run), "ended without a verdict"
    run_id = f" (run {one_line(run.test_run_id)})" if run.test_run_id else ""
    yield f"{attempt} {how}: {'; '.join(map(printable, why))}{run_id}"
    cases = [case for case in run.verdict.cases if case.outcome is not Outcome.PASSED]
    for case in cases[:_MAX_STEPS]:
        reason = brief(case.reasons[0]) if case.reasons else OUTCOMES[case.outcome]
        yield f"{attempt}, step {name_of(run, case)} {OUTCOMES[case.outcome]}: {reason}"
    if len(cases) > _MAX_STEPS:
        yield f"{attempt}, and {len(cases) - _MAX_STEPS} more steps"


def _reasons(run: Run) -> list[str]:
    return reasons_of(replace(run.verdict, next_step=""))
