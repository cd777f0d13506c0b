"""Compared texts in one line: as much as fits, around the first difference that is marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile

from gatekeeper.core.text import printable
from gatekeeper.core.wording.styled import Line, Mark, Span, unmarked

_EXCERPT = 56  # characters
# Before the first difference.
_LEAD = 16


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
    before = unmarked(_window(spans, start - 1, difference)) if start else ""
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
