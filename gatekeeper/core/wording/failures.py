"""What happened, in the words that every report uses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from gatekeeper.core.answer.message import unwrapped
from gatekeeper.core.answer.shape import Response, Step
from gatekeeper.core.model import Case, Comparison, Gate, Mismatch, Reason, Run, Steps, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.text import (
    as_path,
    as_text,
    one_line,
    printable,
    seconds,
    some_steps,
)
from gatekeeper.core.verdict.comparing import TEXT
from gatekeeper.core.wording.diff import closest, difference
from gatekeeper.core.wording.styled import Line, Mark, Span, line, shortened, split
from gatekeeper.errors import counted_problems

OUTCOMES = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.ERROR: "could not be judged",
    Outcome.SKIPPED: "was not executed",
    Outcome.TIMEOUT: "timed out",
    Outcome.TOLERATED: "failed, and is tolerated",
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


def step_of(run: Run, case: Case) -> Step | None:
    """Return the step that a case judges."""
    steps = run.steps
    return steps[case.index - 1] if steps else None


def said(step: Step | None, limit: int = 80) -> str:
    """Say in one line what the user said in a step, or which event stood for it."""
    if step is None:
        return ""
    if step.input not in (None, ""):
        return one_line(as_text(step.input), limit)
    return f"(event {one_line(as_text(step.event), limit)})" if step.event else "(no input)"


def name_of(run: Run, case: Case) -> str:
    """Name a step by its number and its input: unique in its run, the same in every run."""
    return name_by(case.index, step_of(run, case))


def name_by(index: int, step: Step | None) -> str:
    """Name a step as `name_of` does, where it is at hand."""
    return f"{index:03d} {said(step)}"


def headline(case: Case) -> str:
    """Say in one line why a step did not pass: its first reason, and how many more."""
    first = brief(case.reasons[0])
    more = len(case.reasons) - 1
    return f"{first} (and {more} more)" if more else first


def brief(reason: Reason) -> str:
    """Say a reason in one line, with the first thing that did not match."""
    text = one_line(str(reason), 300)
    if reason.mismatch is None or not reason.mismatch.comparisons:
        return text
    first = reason.mismatch.comparisons[0]
    subject = "" if first.subject == reason.mismatch.kind else f"{one_line(first.subject, 60)} "
    expected, *others = (f'"{one_line(unwrapped(one), 80)}"' for one in first.expected or ("",))
    more = f" or {len(others)} more" if others else ""
    answered = f', answered "{one_line(unwrapped(first.actual), 80)}"' if first.actual else ""
    return f"{text}: expected {subject}{expected}{more}{answered}"


def explained(reason: Reason, limit: int, *, raw: bool = False) -> Iterator[Line]:
    """Explain a reason in lines; what was compared is indented below it, differences marked.

    Texts over `limit` characters are cut. With `raw`, what was unwrapped from a template follows
    as it came.
    """
    yield line(printable(str(reason)))
    mismatch = reason.mismatch
    if mismatch is None:
        return
    if path := flow_path(mismatch):
        yield (Span(f"    {'flow:':<10} "), *path)
    for comparison in mismatch.comparisons:
        if mismatch.kind != comparison.subject:
            yield line(f"  {one_line(comparison.subject)}")
        yield from compared(comparison, limit)
        if raw:
            yield from _raw(comparison, limit)


def flow_path(mismatch: Mismatch) -> Line:
    """Say a flow as a path, with the expected node where the app went astray: `A → B ✗ C`."""
    expected, came = mismatch.paths
    if not expected or not came or expected == came:
        return ()
    agreed = len(
        list(takewhile(lambda pair: pair[0] == pair[1], zip(expected, came, strict=False)))
    )
    way = [Span("".join(f"{node} → " for node in expected[:agreed]))]
    for nodes, mark in ((expected[agreed:], Mark.GOOD), (came[agreed:], Mark.BAD)):
        way.append(Span(" → ".join(nodes) or "(no further)", mark))
    way.insert(2, Span(" ✗ "))
    return tuple(way)


def compared(comparison: Comparison, limit: int) -> Iterator[Line]:
    """Set the expected texts beside the one that came; in the likeliest of them, differences."""
    expected = [printable(unwrapped(text)) for text in comparison.expected]
    shown = [line(text) for text in expected] or [line("(nothing is said of it)")]
    if comparison.actual is None:
        untold = "there was no such response" if comparison.subject == TEXT else "not told"
        answered = line(f"({untold})")
    else:
        actual = printable(unwrapped(comparison.actual))
        answered = line(actual)
        if expected:
            likeliest = closest(expected, actual) if len(expected) > 1 else 0
            shown[likeliest], answered = difference(expected[likeliest], actual)
    for number, one in enumerate(shown):
        yield from _labelled("expected" if number == 0 else "or", one, limit)
    yield from _labelled("answered", answered, limit)


def _raw(comparison: Comparison, limit: int) -> Iterator[Line]:
    for label, texts in (
        ("raw expected", comparison.expected),
        ("raw answered", (comparison.actual,)),
    ):
        for text in texts:
            if text is not None and unwrapped(text) != text:
                yield from _labelled(label, line(printable(text)), limit)


def _labelled(label: str, spans: Line, limit: int) -> Iterator[Line]:
    first, *rest = split(shortened(spans, limit))
    yield (Span(f"    {label + ':':<10} "), *first)
    yield from ((Span(f"    {'':<10} "), *one) for one in rest)


def whereabouts(step: Step) -> Iterator[str]:
    """Say in lines where in the app a step's responses came from, and its request id."""
    for number, response in enumerate(step.actual_output or (), 1):
        if told := ", ".join(_places(response)):
            yield f"response {number}: {told}"
    if step.request_id:
        yield f"request id: {one_line(as_text(step.request_id))}"


def _places(response: Response) -> Iterator[str]:
    path = response.transition_node_names or response.transitions
    for label, value in (
        ("node", response.node_name or response.node_id),
        ("dialog", response.dialog_name),
        ("intent", response.intent_id),
        ("transitions", path),
    ):
        if value:
            yield f"{label} {one_line(as_path(value))}"


def counted(steps: Steps) -> str:
    """Say how many steps ended in which way: `8 of 10 steps passed, 1 failed, 1 not executed`."""
    if not steps.total:
        return "no step known"
    if not steps.passed + steps.failed + steps.error + steps.skipped + steps.tolerated:
        return f"how its {steps.total} steps ended is not known"
    words = [f"{some_steps(steps.passed, steps.total)} passed"]
    words += [
        f"{count} {word}"
        for count, word in (
            (steps.failed, "failed"),
            (steps.error, "could not be judged"),
            (steps.skipped, "not executed"),
            (steps.tolerated, "failed and tolerated"),
        )
        if count
    ]
    return ", ".join(words)


def reasons_of(verdict: Verdict) -> list[str]:
    """Say all reasons of a run: how its steps ended, what the run has itself, what to do next."""
    lines = [
        _summary(outcome, words, verdict)
        for outcome, words in (
            (Outcome.FAILED, "failed"),
            (Outcome.ERROR, "could not be judged"),
            (Outcome.SKIPPED, "not executed"),
            (Outcome.TOLERATED, "failed and tolerated"),
        )
    ]
    advice = [f"next: {printable(verdict.next_step)}"] if verdict.next_step else []
    return [*filter(None, lines), *map(printable, map(str, verdict.reasons)), *advice]


def _summary(outcome: Outcome, words: str, verdict: Verdict) -> str:
    """Say how many steps ended so, and by which cross-checks; nothing where none did."""
    cases = [case for case in verdict.cases if case.outcome is outcome and case.reasons]
    if not verdict.cases and outcome is Outcome.TOLERATED and verdict.steps.tolerated:
        # Without step details, no reason of the run is left to say it.
        return f"{some_steps(verdict.steps.tolerated, verdict.steps.total)} {words}"
    if not cases:
        return ""
    checks = {reason.check for case in cases for reason in case.reasons if reason.check}
    # A step that plainly failed needs no cross-check to be red.
    named = f" [{', '.join(sorted(checks))}]" if checks and outcome is not Outcome.FAILED else ""
    return f"{some_steps(len(cases), len(verdict.cases))} {words}{named}"


def attempt_of(run: Run) -> str:
    """Say which of several attempts at its suite a run is: `attempt 2 of 3`; nothing of one."""
    return f"attempt {run.attempt} of {len(run.earlier) + 1}" if run.earlier else ""


def run_id_of(run: Run) -> str:
    """Say the id of a run, and which of several attempts it is; nothing of a run without one."""
    attempt = f" ({attempt_of(run)})" if run.earlier else ""
    return f"{one_line(run.test_run_id)}{attempt}" if run.test_run_id else ""


def verdict_line(gate: Gate) -> str:
    """Say the gate's verdict in one line."""
    if gate.misconfigured:
        found = counted_problems(sum(len(run.verdict.reasons) for run in gate.runs))
        return f"ERROR, no verdict: the settings have {found}, so nothing was run"
    word = _VERDICTS[gate.outcome]
    if gate.interrupted_by:
        word = f"{word}, INTERRUPTED" if gate.outcome is Outcome.FAILED else "INTERRUPTED"
    elif gate.outcome is Outcome.PASSED and not gate.steps.passed:
        word = "PASSED by policy alone"
    runs = f" in {len(gate.runs)} runs" if len(gate.runs) > 1 else ""
    lost = ", but a report could not be written" if gate.unwritten else ""
    return f"{word}: {counted(gate.steps)}{runs}, {seconds(gate.duration)}{lost}"
