"""How much the page shows: everything that a result can have any number of is bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias, TypeVar

import msgspec

from gatekeeper.core.answer.shape import LazySteps
from gatekeeper.core.model import Case, Gate
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.text import cut_middle, printable

_MOST_STEPS = 2_000
# In characters.
_LONGEST_TEXT = 20_000
_ALL_TEXTS = 4_000_000
_LONGEST_RAW = 50_000
_ALL_RAW = 8_000_000
_FRAME = 50

Place: TypeAlias = tuple[int, int]
"""The number of a step's run, from 0, and of the step itself, from 1."""


class Extent(Record):
    """What the page shows of a gate: which steps, their raw JSON, and how long texts may be."""

    steps: frozenset[Place]
    raw: Mapping[Place, str]
    text_limit: int


def extent(gate: Gate) -> Extent:
    """Choose what to show of a gate: first steps that did not pass, then those with warnings."""
    cases = [(number, case) for number, run in enumerate(gate.runs) for case in run.verdict.cases]
    first = sorted(cases, key=lambda pair: _priority(pair[1]))[:_MOST_STEPS]
    places = [(number, case.index) for number, case in first]
    raw = dict(_within(_raw(gate, places), lambda pair: len(pair[1]), _ALL_RAW))
    text_limit = min(_LONGEST_TEXT, _ALL_TEXTS // max(1, len(places)))
    return Extent(frozenset(places), raw, text_limit)


T = TypeVar("T")


def some(items: Iterable[T], size: Callable[[T], int], limit: int) -> list[T]:
    """Return the first items whose sizes add up to at most twice the limit, but at least one."""
    return list(_within(items, size, 2 * limit))


def framed(length: int, parts: int = 1) -> int:
    """Return the size of a text of that length, with an allowance for the elements around it."""
    return length + _FRAME * parts


def _within(items: Iterable[T], size: Callable[[T], int], room: int) -> Iterator[T]:
    for item in items:
        yield item
        room -= size(item)
        if room < 0:
            return


def _priority(case: Case) -> int:
    if case.outcome is not Outcome.PASSED:
        return 0
    return 1 if case.warnings else 2


def _raw(gate: Gate, places: Iterable[Place]) -> Iterator[tuple[Place, str]]:
    """Yield the raw JSON of steps; a run that was read back from a report has none."""
    for place in places:
        number, index = place
        steps = gate.runs[number].steps
        if isinstance(steps, LazySteps):
            raw = cut_middle(indented(steps.raw(index - 1)), _LONGEST_RAW)
            yield place, printable(raw)


def indented(raw: str, limit: int = _LONGEST_RAW) -> str:
    """Indent JSON, unless it is none, nested too deeply, or longer than the limit."""
    if len(raw) > limit:
        return raw
    try:
        text = msgspec.json.format(raw, indent=2)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
        return raw
    return text if len(text) <= limit else raw
