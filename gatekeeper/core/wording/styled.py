"""Lines of a report in which words can be marked, each report by its own means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import NamedTuple, TypeAlias

from gatekeeper.core.text import cut_middle


class Mark(Enum):
    """Why a part of a line stands out."""

    NONE = "none"
    MISSING = "missing"  # expected, and not in what came
    EXTRA = "extra"  # in what came, and not expected
    GOOD = "good"
    BAD = "bad"
    ODD = "odd"
    ASIDE = "aside"


class Span(NamedTuple):
    """A part of a line."""

    text: str
    mark: Mark = Mark.NONE


Line: TypeAlias = tuple[Span, ...]
Marks: TypeAlias = Mapping[Mark, tuple[str, str]]
"""What stands before and behind a marked part."""

PLAIN: Marks = {Mark.MISSING: ("[-", "-]"), Mark.EXTRA: ("{+", "+}")}
"""For text alone, in the form of `wdiff`; without words that differ, a line is just its text."""


def line(text: str, mark: Mark = Mark.NONE) -> Line:
    """Make a line of a text."""
    return (Span(text, mark),)


def rendered(spans: Iterable[Span], marks: Marks, escape: Callable[[str], str] = str) -> str:
    """Render a line with its marks; `escape` is for what stands between them."""
    parts = []
    for text, mark in spans:
        before, behind = marks.get(mark, ("", ""))
        # Blanks at the end are not part of what differs; marked, they could not be seen.
        bare = text.rstrip() or text
        parts.append(f"{before}{escape(bare)}{behind}{escape(text[len(bare) :])}" if text else "")
    return "".join(parts)


def plain(spans: Iterable[Span]) -> str:
    """Render a line as text alone."""
    return rendered(spans, PLAIN)


def split(spans: Iterable[Span]) -> list[Line]:
    """Part spans at their newlines."""
    lines: list[list[Span]] = [[]]
    for text, mark in spans:
        first, *rest = text.split("\n")
        lines[-1].append(Span(first, mark))
        lines += [[Span(part, mark)] for part in rest]
    return [tuple(one) for one in lines]


def shortened(spans: Line, limit: int) -> Line:
    """Keep what differs in sight: of over `limit` characters, each part is cut in its middle."""
    if sum(len(text) for text, _ in spans) <= limit:
        return spans
    shown = spans[: max(1, limit // 100)]
    share = limit // len(shown)
    cut = tuple(Span(cut_middle(text, share), mark) for text, mark in shown)
    left_out = sum(len(text) for text, _ in spans[len(shown) :])
    return (*cut, Span(f"\n… {left_out:,} characters left out …")) if left_out else cut
