"""How every report words an outcome, step counts, a run's reasons and the gate's verdict."""

from __future__ import annotations

from gatekeeper.core.model import Gate, Run, Steps, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.text import one_line, printable, seconds, some_steps
from gatekeeper.errors import counted_problems

OUTCOMES = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.ERROR: "could not be judged",
    Outcome.SKIPPED: "not executed",
    Outcome.TIMEOUT: "timed out",
    Outcome.TOLERATED: "tolerated",
}
MARKS = {
    Outcome.PASSED: "✓",
    Outcome.FAILED: "✗",
    Outcome.ERROR: "!",
    Outcome.SKIPPED: "-",
    Outcome.TIMEOUT: "!",
    Outcome.TOLERATED: "~",
}
_VERDICTS = {
    Outcome.PASSED: "PASSED",
    Outcome.FAILED: "FAILED",
    Outcome.ERROR: "ERROR, no verdict",
    Outcome.TIMEOUT: "TIMEOUT",
}


def counted(steps: Steps) -> str:
    """Return how many steps ended in each way: `8 of 10 steps passed, 1 failed, 1 tolerated`."""
    if not steps.total:
        return "no steps reported"
    counts = (
        (steps.failed, Outcome.FAILED),
        (steps.error, Outcome.ERROR),
        (steps.skipped, Outcome.SKIPPED),
        (steps.tolerated, Outcome.TOLERATED),
    )
    if not steps.passed + sum(count for count, _ in counts):
        return f"outcomes of {steps.total} steps unknown"
    parts = [f"{some_steps(steps.passed, steps.total)} passed"]
    parts += [f"{count} {OUTCOMES[outcome]}" for count, outcome in counts if count]
    return ", ".join(parts)


def reasons_of(verdict: Verdict) -> list[str]:
    """Return all reasons for a run's verdict: its steps' outcomes, its own reasons, what to do."""
    summaries = [
        _summary(outcome, verdict)
        for outcome in (Outcome.FAILED, Outcome.ERROR, Outcome.SKIPPED, Outcome.TOLERATED)
    ]
    advice = [f"next: {printable(verdict.next_step)}"] if verdict.next_step else []
    return [*filter(None, summaries), *map(printable, map(str, verdict.reasons)), *advice]


def _summary(outcome: Outcome, verdict: Verdict) -> str:
    """Return how many steps have an outcome and which cross-checks say so; empty if none has."""
    cases = [case for case in verdict.cases if case.outcome is outcome and case.reasons]
    if not verdict.cases and outcome is Outcome.TOLERATED and verdict.steps.tolerated:
        # Without step details, no reason of the run mentions them.
        return f"{some_steps(verdict.steps.tolerated, verdict.steps.total)} {OUTCOMES[outcome]}"
    if not cases:
        return ""
    checks = {reason.check for case in cases for reason in case.reasons if reason.check}
    # A step that plainly failed needs no cross-check to be red.
    names = f" [{', '.join(sorted(checks))}]" if checks and outcome is not Outcome.FAILED else ""
    return f"{some_steps(len(cases), len(verdict.cases))} {OUTCOMES[outcome]}{names}"


def attempt_of(run: Run) -> str:
    """Return which attempt a run is, such as `attempt 2 of 3`; empty if it was the only one."""
    return f"attempt {run.attempt} of {len(run.earlier) + 1}" if run.earlier else ""


def run_id_of(run: Run) -> str:
    """Return a run's id and which attempt it is; empty if it has no id."""
    attempt = f" ({attempt_of(run)})" if run.earlier else ""
    return f"{one_line(run.test_run_id)}{attempt}" if run.test_run_id else ""


def verdict_line(gate: Gate) -> str:
    """Return the gate's verdict in one line."""
    if gate.misconfigured:
        problems = counted_problems(sum(len(run.verdict.reasons) for run in gate.runs))
        return f"ERROR, no verdict: the settings have {problems}, so nothing was run"
    word = _VERDICTS[gate.outcome]
    if gate.interrupted_by:
        word = f"{word}, INTERRUPTED" if gate.outcome is Outcome.FAILED else "INTERRUPTED"
    elif gate.outcome is Outcome.PASSED and not gate.steps.passed:
        word = "PASSED by policy alone"
    runs = f" in {len(gate.runs)} runs" if len(gate.runs) > 1 else ""
    unwritten = ", but a report could not be written" if gate.unwritten else ""
    return f"{word}: {counted(gate.steps)}{runs}, {seconds(gate.duration)}{unwritten}"
