"""What a reader looks for first: what broke, what was tolerated, what is odd; a line for each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile

from gatekeeper.core.model import Case, Comparison, Gate, Reason, Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.text import one_line, printable, some_steps
from gatekeeper.core.verdict.comparing import TEXT
from gatekeeper.core.wording.differences import Differences
from gatekeeper.core.wording.flow import flow_paths
from gatekeeper.core.wording.steps import step_of, user_input
from gatekeeper.core.wording.styled import Line, Mark, Span, line
from gatekeeper.core.wording.verdicts import reasons_of

_NAME_LIMIT = 80  # characters, like all of these
_TEXT_LIMIT = 300
_EXCERPT = 56
_SUBJECT_LIMIT = 20
# Before the first difference.
_LEAD = 16
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
    is_incomplete = gate.interrupted_by is not None or bool(gate.unwritten)
    return Outcome.ERROR if is_incomplete and gate.outcome is Outcome.PASSED else gate.outcome


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

    Steps that were not executed follow from others: the first stands for all of them in a suite
    where nothing else broke.
    """
    places: list[Place] = []
    for number, run in worst_first(gate):
        cases = [case for case in run.verdict.cases if not case.outcome.is_green]
        broken = [case for case in cases if case.outcome is not Outcome.SKIPPED] or cases[:1]
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
        verdict = place.run.verdict
        texts = [str(reason) for reason in verdict.reasons] or reasons_of(verdict) or [""]
        return Finding(one_line(texts[0], _TEXT_LIMIT), more=len(texts) - 1)
    if place.case.outcome is Outcome.SKIPPED:
        steps = place.run.verdict.steps
        return Finding(f"{some_steps(steps.skipped, steps.total)} not executed")
    reasons = [reason for reason in place.case.reasons if reason.outcome is not Outcome.TOLERATED]
    if not reasons:
        return Finding("")
    first = min(reasons, key=_rank)
    text, more = one_line(str(first), _TEXT_LIMIT), len(reasons) - 1
    if not (comparison := _comparison_of(first)):
        return Finding(text, more=more)
    paths = flow_paths(first.mismatch) if first.mismatch else None
    if paths:
        return Finding(text, "path", *excerpts(*paths), more)
    subject = "" if comparison.subject == TEXT else _end_of(one_line(comparison.subject))
    return Finding(text, subject, *excerpts(*_sides(comparison, differences)), more)


def tolerance_of(place: Place) -> str:
    """Return why a failure is tolerated; empty if no reason or warning says so."""
    reasons = place.case.reasons if place.case else place.run.verdict.warnings
    texts = (str(reason) for reason in reasons if reason.outcome is Outcome.TOLERATED)
    return one_line(next(texts, ""), _TEXT_LIMIT)


def excerpts(expected: Line, actual: Line, limit: int = _EXCERPT) -> tuple[Line, Line]:
    """Fold two texts of any length into lines of about `limit` characters.

    If one is longer, both begin with the word shortly before the first difference between them.
    """
    sides = (expected, actual)
    marked = [length for length in map(_before_difference, sides) if length is not None]
    is_long = any(sum(len(text) for text, _ in spans) > limit for spans in sides)
    if not marked or not is_long:
        return _excerpt(expected, 0, limit), _excerpt(actual, 0, limit)
    # Where only one text has a mark, the other one is the same up to there.
    starts = (_start(spans, _before_difference(spans) or min(marked)) for spans in sides)
    first, second = (
        _excerpt(spans, start, limit) for spans, start in zip(sides, starts, strict=True)
    )
    return first, second


def _before_difference(spans: Line) -> int | None:
    """Return the length of a text up to its first difference; `None` if none is marked in it."""
    before = list(takewhile(lambda span: span.mark is Mark.NONE, spans))
    return None if len(before) == len(spans) else sum(len(text) for text, _ in before)


def _start(spans: Line, difference: int) -> int:
    """Return where an excerpt begins: at a word shortly before a difference."""
    start = max(0, difference - _LEAD)
    before = "".join(text for text, _ in _window(spans, start - 1, difference)) if start else ""
    return start + max(0, before.find(" "))


def _excerpt(spans: Line, start: int, limit: int) -> Line:
    end = start + limit
    parts = [Span("…")] if start else []
    parts += _window(spans, start, end)
    is_cut = sum(len(text) for text, _ in spans) > end
    return (*parts, Span("…")) if is_cut else tuple(parts)


def _window(spans: Iterable[Span], start: int, end: int) -> Iterator[Span]:
    """Yield the part of some spans between two characters, each on one line."""
    at = 0
    for text, mark in spans:
        part = text[max(0, start - at) : max(0, end - at)]
        at += len(text)
        if part:
            yield Span(_folded(part), mark)


def _folded(text: str) -> str:
    """Fold a text into one line, but keep a blank at either end: another span may follow."""
    bare = " ".join(printable(text).split())
    before, after = text[:1].isspace(), text[-1:].isspace()
    return f"{' ' * before}{bare}{' ' * after}" if bare else " "


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
