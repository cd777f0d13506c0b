"""How every report words an outcome, step counts, a run's reasons and the gate's verdict."""

from __future__ import annotations

from gatekeeper.core.model import Gate, Partial, Run, StartedBy, Steps, Verdict
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

# Of a run without steps, these say more than that there are none.
_WITHOUT_STEPS = (Outcome.ERROR, Outcome.TIMEOUT)
_PHRASES = ("could not run", *(OUTCOMES[outcome] for outcome in _WITHOUT_STEPS))


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
    return [*filter(None, summaries), *own_reasons_of(verdict)]


def own_reasons_of(verdict: Verdict) -> list[str]:
    """Return the reasons of a run that are not those of its steps, and what to do."""
    advice = [f"next: {printable(verdict.next_step)}"] if verdict.next_step else []
    return [*map(printable, map(str, verdict.reasons)), *advice]


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


def start_of(started_by: StartedBy) -> str:
    """Return when `gatekeeper start` started a run, and in which job if that is known."""
    job = f" in {one_line(started_by.url, 500)}" if started_by.url else ""
    return f"{one_line(started_by.at)} by gatekeeper start{job}"


def ending_of(run: Run) -> str:
    """Return how a run ended in a phrase: the counts of its steps, or `could not run` and the like.

    It has no text of the platform.
    """
    if run.verdict.steps.total or run.verdict.outcome not in _WITHOUT_STEPS:
        return counted(run.verdict.steps)
    return "could not run" if run.could_not_start else OUTCOMES[run.verdict.outcome]


def headline_counts(gate: Gate) -> list[str]:
    """Return how a gate's suites ended, the worst first, or the steps of its only suite.

    `4 of 20 suites failed`, `3 without a verdict`, `11 passed`. A suite counts once per language.
    """
    suites = [run for run in gate.runs if run.is_suite]
    if not suites:
        return ["no suite was judged"]
    if len(suites) == 1:
        ending = ending_of(suites[0])
        return [f"the suite {ending}" if ending in _PHRASES else ending]
    outcomes = [run.verdict.outcome for run in suites]
    counts = (
        (outcomes.count(Outcome.FAILED), "failed"),
        (sum(not outcome.is_verdict for outcome in outcomes), "without a verdict"),
        (outcomes.count(Outcome.TOLERATED), "tolerated"),
        (outcomes.count(Outcome.PASSED), "passed"),
    )
    (first, word), *rest = [(count, word) for count, word in counts if count]
    return [f"{first} of {len(suites)} suites {word}", *(f"{count} {word}" for count, word in rest)]


def left_out_by(partial: Partial) -> str:
    """Return how many suites a partial gate left out: `2 other suites were not run`."""
    suites_were = "suite was" if partial.not_run == 1 else "suites were"
    return f"{partial.not_run} other {suites_were} not run"


def verdict_line(gate: Gate) -> str:
    """Return the gate's verdict in one line, without any text of the platform."""
    if gate.misconfigured:
        problems = counted_problems(sum(len(run.verdict.reasons) for run in gate.runs))
        return f"ERROR, no verdict: the settings have {problems}, so nothing was run"
    word = _VERDICTS[gate.outcome]
    if gate.interrupted_by:
        word = f"{word}, INTERRUPTED" if gate.outcome is Outcome.FAILED else "INTERRUPTED"
    elif gate.outcome is Outcome.PASSED and not gate.steps.passed:
        word = "PASSED by policy alone"
    if gate.partial:
        word = f"{word}, PARTIAL"
    counts = ", ".join(headline_counts(gate))
    suites = sum(run.is_suite for run in gate.runs)
    if suites > 1:
        flaky = sum(run.is_flaky for run in gate.runs)
        counts += f" ({_steps_passed(gate)}){f', {flaky} flaky' if flaky else ''}"
    if suites and (others := len(gate.runs) - suites):
        counts += f"; {counted_problems(others)} with the merged reports"
    if gate.partial:
        counts += f"; {left_out_by(gate.partial)}"
    # A gate that only judged what had ended before took no time worth a mention.
    duration = f", {seconds(gate.duration)}" if gate.duration else ""
    unwritten = ", but a report could not be written" if gate.unwritten else ""
    return f"{word}: {counts}{duration}{unwritten}"


def _steps_passed(gate: Gate) -> str:
    """Return `106 of 119 steps`, which follows the number of suites that passed, if any did."""
    steps = some_steps(gate.steps.passed, gate.steps.total)
    follows = any(run.verdict.outcome is Outcome.PASSED for run in gate.runs)
    return steps if follows else f"{steps} passed"
