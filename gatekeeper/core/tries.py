"""A suite that was tried more than once: every try is told, and whether it is flaky."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from gatekeeper.core.model import Reason, Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.text import one_line
from gatekeeper.core.wording import OUTCOMES, brief, counted, name_of

_STEPS_TOLD = 10


def with_tries(run: Run, earlier: tuple[Run, ...], *, fail_on_flaky: bool) -> Run:
    """Return the last try of a suite with the ones before it, which its warnings tell about.

    One that passes after it had failed is flaky; that fails it where it is asked for.
    """
    if not earlier:
        return run
    tried = replace(run, earlier=earlier)
    verdict = tried.verdict
    warnings = (*verdict.warnings, *(Reason(Outcome.PASSED, told) for told in _told(earlier)))
    if tried.is_flaky:
        text = f"it is flaky, as it passed on try {len(earlier) + 1} only"
        flaky = Reason(Outcome.FAILED, text, firm=True)
        if fail_on_flaky:
            reasons = (*verdict.reasons, flaky)
            verdict = replace(verdict, outcome=Outcome.FAILED, reasons=reasons)
        else:
            warnings = (flaky, *warnings)
    return replace(tried, verdict=replace(verdict, warnings=warnings))


def _told(earlier: tuple[Run, ...]) -> Iterator[str]:
    """Say how each try before the last one ended, and which of its steps did not pass."""
    for number, run in enumerate(earlier, 1):
        run_id = one_line(run.test_run_id or "")
        yield f"try {number} failed: {counted(run.verdict.steps)} (run {run_id})"
        cases = [case for case in run.verdict.cases if case.outcome is not Outcome.PASSED]
        for case in cases[:_STEPS_TOLD]:
            why = brief(case.reasons[0]) if case.reasons else OUTCOMES[case.outcome]
            yield f"try {number}, step {name_of(run, case)} {OUTCOMES[case.outcome]}: {why}"
        if len(cases) > _STEPS_TOLD:
            yield f"try {number}, and {len(cases) - _STEPS_TOLD} steps more"
