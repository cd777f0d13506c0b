"""How much the page shows: whatever an answer can have any number of, is bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias, TypeVar

import msgspec

from gatekeeper.core.answer.shape import LazySteps
from gatekeeper.core.model import Case, Gate
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.text import cut_middle, printable

# All limits are in characters, but for the first.
_MOST_STEPS = 2_000
_LONGEST_TEXT = 20_000
_ALL_TEXTS = 4_000_000
_LONGEST_RAW = 50_000
_ALL_RAW = 8_000_000

Place: TypeAlias = tuple[int, int]
"""Where a step stands: the number of its run (from 0), and its own."""


class Extent(Record):
    """What of a gate is shown: which steps, the raw JSON of which, and texts up to which length."""

    steps: frozenset[Place]
    raw: Mapping[Place, str]
    text_limit: int


def extent(gate: Gate) -> Extent:
    """Choose what is shown of a gate: what did not pass comes first, then what has warnings."""
    cases = [(number, case) for number, run in enumerate(gate.runs) for case in run.verdict.cases]
    first = sorted(cases, key=lambda one: _calmness(one[1]))[:_MOST_STEPS]
    shown = [(number, case.index) for number, case in first]
    raw = dict(_within(_raw(gate, shown), lambda one: len(one[1]), _ALL_RAW))
    text_limit = min(_LONGEST_TEXT, _ALL_TEXTS // max(1, len(shown)))
    return Extent(frozenset(shown), raw, text_limit)


T = TypeVar("T")


def some(items: Iterable[T], size: Callable[[T], int], limit: int) -> list[T]:
    """Return the first items whose sizes fit into twice the limit together; one in any case."""
    return list(_within(items, size, 2 * limit))


def _within(items: Iterable[T], size: Callable[[T], int], room: int) -> Iterator[T]:
    for item in items:
        yield item
        room -= size(item)
        if room < 0:
            return


def _calmness(case: Case) -> int:
    if case.outcome is not Outcome.PASSED:
        return 0
    return 1 if case.warnings else 2


def _raw(gate: Gate, places: Iterable[Place]) -> Iterator[tuple[Place, str]]:
    """Find the raw JSON of steps; there is none in a run that is not known by an answer."""
    for place in places:
        number, index = place
        steps = gate.runs[number].steps
        if isinstance(steps, LazySteps):
            raw = cut_middle(_indented(steps.raw(index - 1)), _LONGEST_RAW)
            yield place, printable(raw)


def _indented(raw: str) -> str:
    """Indent JSON, but for what is too long, or would grow too long by it."""
    if len(raw) > _LONGEST_RAW:
        return raw
    try:
        indented = msgspec.json.format(raw, indent=2)
    except (msgspec.MsgspecError, UnicodeEncodeError):
        return raw
    return indented if len(indented) <= _LONGEST_RAW else raw
