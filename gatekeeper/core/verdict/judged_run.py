"""From a response to a run: judged under a policy, or in error because it is malformed."""

from __future__ import annotations

from datetime import date
from typing import Any

from msgspec.structs import replace

from gatekeeper.core.answer.shape import Result
from gatekeeper.core.masking import Mask
from gatekeeper.core.model import Reason, Run, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.text import one_line, printable
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.core.verdict.run import judge
from gatekeeper.core.verdict.target import NOT_OBSERVED, Observed, Target
from gatekeeper.core.verdict.tolerance import tolerate
from gatekeeper.core.versions import normalized_version
from gatekeeper.errors import MalformedResult


def judged_run(  # noqa: PLR0913 - none of them belongs to another
    result: Result,
    target: Target,
    policy: Policy,
    today: date,
    observed: Observed = NOT_OBSERVED,
    *,
    mask: Mask = str,
) -> Run:
    """Judge a result and apply the policy's tolerance, whose known failures expire by `today`.

    What the target leaves open is taken from the result. The run is not masked; `mask` only tells
    the names of steps in earlier reports.
    """
    verdict = judge(result, policy, target, observed)
    version = target.bot_version if target.started else normalized_version(result.version)
    # Of a run that was watched, something is known in any case.
    duration = result.duration if observed.elapsed is None else result.duration or observed.elapsed
    run = Run(
        test_suite=target.test_suite,
        test_run_id=target.test_run_id or _line_of(result.id),
        verdict=replace(verdict, warnings=(*observed.warnings, *verdict.warnings)),
        stream_id=target.stream_id or _line_of(result.stream_id),
        bot_version=version,
        language=target.language,
        duration=duration,
        results_url=result.results_url,
        result=result,
    )
    return replace(run, verdict=tolerate(run, policy, today, mask))


def malformed_run(target: Target, error: MalformedResult, observed: Observed = NOT_OBSERVED) -> Run:
    """Return the run, in error, whose response could not be read."""
    return unjudged_run(target, Reason(Outcome.ERROR, printable(error.what), firm=True), observed)


def unjudged_run(target: Target, reason: Reason, observed: Observed = NOT_OBSERVED) -> Run:
    """Return a run that has no result, for this reason."""
    verdict = Verdict(reason.outcome, (reason,), observed.warnings)
    return Run(
        test_suite=target.test_suite,
        test_run_id=target.test_run_id,
        verdict=verdict,
        stream_id=target.stream_id,
        bot_version=target.bot_version,
        language=target.language,
        duration=observed.elapsed,
    )


def _line_of(value: Any) -> str | None:
    return one_line(value) if isinstance(value, str) else None
