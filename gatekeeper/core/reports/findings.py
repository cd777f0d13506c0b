"""What a reader looks for first: what broke, what was tolerated, what is odd; a line for each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gatekeeper.core.model import Case, Comparison, Gate, Reason, Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.text import one_line, some_steps
from gatekeeper.core.verdict.comparing import TEXT
from gatekeeper.core.wording.alike import raw_difference
from gatekeeper.core.wording.differences import Differences
from gatekeeper.core.wording.excerpts import excerpts
from gatekeeper.core.wording.failures import hidden_difference
from gatekeeper.core.wording.flow import flow_paths
from gatekeeper.core.wording.steps import step_of, user_input
from gatekeeper.core.wording.styled import Line, line, plain, unmarked
from gatekeeper.core.wording.why import why_of

_NAME_LIMIT = 80  # characters, like all of these
_TEXT_LIMIT = 300
_SUBJECT_LIMIT = 20
_LINK = re.compile(r"(https?)://[!-~]{1,4000}")


class Place(Record):
    """A run, by its number from 1, and a step in it; no step where it is the run that broke."""

    number: int
    run: Run
    case: Case | None = None

    @property
    def outcome(self) -> Outcome:
        """How the step ended, or else the run."""
        return self.case.outcome if self.case else self.run.verdict.outcome


class Finding(Record):
    """What happened at a place, each text in one line.

    `text` is the reason if nothing was compared; otherwise `expected` and `actual` are excerpts
    around the first difference, of `subject` if that is not the response's text. `more` counts the
    other reasons.
    """

    text: str
    subject: str = ""
    expected: Line = ()
    actual: Line = ()
    more: int = 0


def appearance(gate: Gate) -> Outcome:
    """Return the outcome that colours a report: no pass is green if something else is wrong."""
    if gate.outcome is not Outcome.PASSED:
        return gate.outcome
    if gate.interrupted_by is not None or gate.unwritten:
        return Outcome.ERROR
    return Outcome.TOLERATED if gate.partial else gate.outcome


def web_link(url: str | None, *schemes: str) -> str | None:
    """Return a URL if it is safe to link to: well-formed, and `https` or of one of the schemes."""
    found = _LINK.fullmatch(url or "")
    return url if found and found[1] in (schemes or ("https",)) else None


def worst_first(gate: Gate) -> list[tuple[int, Run]]:
    """Return the runs with their numbers, from 1: the worst first, otherwise in order."""
    numbered = enumerate(gate.runs, 1)
    return sorted(numbered, key=lambda pair: pair[1].verdict.outcome.rank)


def blocking(gate: Gate) -> list[Place]:
    """Return what makes a gate fail: steps by suite, the worst first, and runs without such a step.

    Steps that were not executed follow from something else: the first stands for all of them in a
    suite where nothing else is wrong.
    """
    places: list[Place] = []
    for number, run in worst_first(gate):
        cases = [case for case in run.verdict.cases if not case.outcome.is_green]
        broken = [case for case in cases if case.outcome is not Outcome.SKIPPED]
        if not broken and not run.verdict.reasons:
            broken = cases[:1]
        if broken:
            places += (Place(number, run, case) for case in broken)
        elif not run.verdict.outcome.is_green:
            places.append(Place(number, run))
    return places


def tolerated(gate: Gate) -> list[Place]:
    """Return the tolerated steps, and tolerated runs without such a step."""
    places: list[Place] = []
    for number, run in worst_first(gate):
        cases = [case for case in run.verdict.cases if case.outcome is Outcome.TOLERATED]
        if cases:
            places += (Place(number, run, case) for case in cases)
        elif run.verdict.outcome is Outcome.TOLERATED:
            places.append(Place(number, run))
    return places


def warnings(gate: Gate) -> Iterator[tuple[Place, Reason]]:
    """Yield every warning: each run's own, then those of its steps."""
    for number, run in enumerate(gate.runs, 1):
        for warning in run.verdict.warnings:
            yield Place(number, run), warning
        for case in run.verdict.cases:
            for warning in case.warnings:
                yield Place(number, run, case), warning


def name_of(place: Place) -> str:
    """Return the name of a place's suite in one line."""
    return one_line(place.run.name, _NAME_LIMIT) or "(unnamed)"


def said_at(place: Place) -> str:
    """Return what the user said at a place; empty if it is a run, or without step details."""
    return user_input(step_of(place.run, place.case), _NAME_LIMIT) if place.case else ""


def finding(place: Place, differences: Differences) -> Finding:
    """Return what happened at a place in one line: what differs in a text, or else the reason."""
    if place.case is None:
        return _finding_of_run(place.run)
    if place.case.outcome is Outcome.SKIPPED:
        steps = place.run.verdict.steps
        return Finding(f"{some_steps(steps.skipped, steps.total)} not executed")
    reasons = [reason for reason in place.case.reasons if reason.outcome is not Outcome.TOLERATED]
    if not reasons:
        return Finding("")
    return _of_reason(min(reasons, key=_rank), len(reasons) - 1, differences)


def _of_reason(reason: Reason, more: int, differences: Differences) -> Finding:
    """Return what differs by a reason, around its first difference."""
    text = one_line(str(reason), _TEXT_LIMIT)
    if reason.mismatch is None or not (comparison := _comparison_of(reason)):
        return Finding(text, more=more)
    if paths := flow_paths(reason.mismatch):
        return Finding(text, "path", *excerpts(*paths), more)
    if hidden := hidden_difference(comparison, _TEXT_LIMIT, differences):
        # Both sides without their labels.
        expected, actual = (spans[1:] for spans in hidden[1:])
        return Finding(text, "raw text", *excerpts(expected, actual), more)
    expected, actual = _sides(comparison, differences)
    sides = excerpts(expected, actual)
    if plain(sides[0]) == plain(sides[1]):
        # Without a common word, nothing is marked, not even far from the start.
        sides = excerpts(*raw_difference(unmarked(expected), unmarked(actual)))
    subject = "" if comparison.subject == TEXT else _end_of(one_line(comparison.subject))
    return Finding(text, subject, *sides, more)


def _finding_of_run(run: Run) -> Finding:
    """Return the run's own first reason; its outcome alone would say too little."""
    reasons = run.verdict.reasons
    if not reasons:
        return Finding(why_of(run))
    start = "could not run: " if run.could_not_start else ""
    return Finding(start + one_line(str(reasons[0]), _TEXT_LIMIT), more=len(reasons) - 1)


def tolerance_of(place: Place) -> str:
    """Return why a step's failure is tolerated; empty if it is not."""
    reasons = place.case.reasons if place.case else ()
    texts = (str(reason) for reason in reasons if reason.outcome is Outcome.TOLERATED)
    return one_line(next(texts, ""), _TEXT_LIMIT)


def _sides(comparison: Comparison, differences: Differences) -> tuple[Line, Line]:
    """Return the closest expected text and the actual one, differences marked."""
    if marked := differences.of(comparison):
        return marked.expected, marked.actual
    expected = comparison.expected[0] if comparison.expected else None
    absent = "(no such response)" if comparison.subject == TEXT else "(not in the response)"
    return (
        line("(not specified)" if expected is None else differences.visible_text(expected)),
        line(absent if comparison.actual is None else differences.visible_text(comparison.actual)),
    )


def _end_of(name: str) -> str:
    """Return the end of a name, where long names differ: `…connection.city`."""
    return name if len(name) <= _SUBJECT_LIMIT else f"…{name[1 - _SUBJECT_LIMIT :]}"


def _rank(reason: Reason) -> int:
    """Rank what a person can compare before the rest, and texts first."""
    comparison = _comparison_of(reason)
    if comparison is None:
        return 2
    return 0 if comparison.subject == TEXT else 1


def _comparison_of(reason: Reason) -> Comparison | None:
    return next(iter(reason.mismatch.comparisons), None) if reason.mismatch else None
