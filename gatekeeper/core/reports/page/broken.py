"""What the page shows first: a line for each step that did not pass, the worst first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from markupsafe import Markup

from gatekeeper.core.model import Gate
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.reports.findings import (
    Place,
    blocking,
    finding,
    name_of,
    said_at,
    tolerance_of,
    tolerated,
)
from gatekeeper.core.reports.page.reasons import marked
from gatekeeper.core.reports.page.steps import anchor
from gatekeeper.core.result_file.changes import NO_CHANGES, Changes
from gatekeeper.core.wording.differences import Differences

# Lines in sight, and lines at all.
_OPEN = 10
_MOST = 200


class BrokenLine(Record):
    """A step that did not pass, or a run without such a step, in one line.

    `anchor` is that of the step, or else of the run. The line shows `text` if nothing was compared,
    and `note` after everything else: why a failure is tolerated, and how
    the step changed.
    """

    anchor: str
    outcome: Outcome
    name: str
    index: int | None
    said: str
    text: str
    subject: str
    expected: Markup
    actual: Markup
    more: int
    note: str


class Broken(Record):
    """Lines in sight, folded lines, and how many there are beyond these."""

    lines: tuple[BrokenLine, ...]
    folded: tuple[BrokenLine, ...]
    left_out: int


def broken(gate: Gate, differences: Differences, changes: Changes = NO_CHANGES) -> Broken:
    """Return what makes the gate fail."""
    return _listed(blocking(gate), differences, changes, _OPEN)


def let_pass(gate: Gate, differences: Differences, changes: Changes = NO_CHANGES) -> Broken:
    """Return what is tolerated, all of it folded."""
    return _listed(tolerated(gate), differences, changes, 0)


def _listed(
    places: Sequence[Place], differences: Differences, changes: Changes, in_sight: int
) -> Broken:
    lines = list(_lines(islice(places, _MOST), differences, changes))
    # A fold of a single line would save no room.
    first = len(lines) if in_sight and len(lines) == in_sight + 1 else in_sight
    return Broken(tuple(lines[:first]), tuple(lines[first:]), max(0, len(places) - _MOST))


def _lines(
    places: Iterator[Place], differences: Differences, changes: Changes
) -> Iterator[BrokenLine]:
    for place in places:
        found = finding(place, differences)
        index = place.case.index if place.case else None
        change = changes.of(place.run, place.case) if place.case else None
        yield BrokenLine(
            anchor=f"run-{place.number}" if index is None else anchor(place.number, index),
            outcome=place.outcome,
            name=name_of(place),
            index=index,
            said=said_at(place),
            text=found.text,
            subject=found.subject,
            expected=marked(found.expected),
            actual=marked(found.actual),
            more=found.more,
            note="; ".join(filter(None, (tolerance_of(place), change))),
        )
