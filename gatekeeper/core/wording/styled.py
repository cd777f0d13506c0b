"""Lines of a report in which words can be marked; each report renders the marks its own way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import NamedTuple, TypeAlias

from gatekeeper.core.text import cut_middle


class Mark(Enum):
    """Why part of a line stands out."""

    NONE = "none"
    MISSING = "missing"  # expected, but not in the actual text: green, as all that is expected
    EXTRA = "extra"  # in the actual text, but not expected: red, as all that differs from it
    GOOD = "good"
    BAD = "bad"
    ODD = "odd"
    ASIDE = "aside"


class Span(NamedTuple):
    """Part of a line, with its mark."""

    text: str
    mark: Mark = Mark.NONE


Line: TypeAlias = tuple[Span, ...]
Marks: TypeAlias = Mapping[Mark, tuple[str, str]]
"""What to put before and after a marked span."""

PLAIN: Marks = {Mark.MISSING: ("{-", "-}"), Mark.EXTRA: ("{+", "+}")}
"""For plain text, as GitLab writes them; brackets would look like the buttons of a message."""


LEGEND: Line = (
    Span("marks: "),
    Span("expected, but missing", Mark.MISSING),
    Span(" "),
    Span("not expected", Mark.EXTRA),
)
"""What the marks of differences mean: to be shown once in a report, where they are first used."""


def line(text: str, mark: Mark = Mark.NONE) -> Line:
    """Return a line with a single span."""
    return (Span(text, mark),)


def rendered(spans: Iterable[Span], marks: Marks, escape: Callable[[str], str] = str) -> str:
    """Render a line with its marks; `escape` is applied to the text, not to the marks."""
    parts = []
    for text, mark in spans:
        before, after = marks.get(mark, ("", ""))
        # Trailing blanks stay outside the mark: they are not part of a difference.
        bare = text.rstrip() or text
        parts.append(f"{before}{escape(bare)}{after}{escape(text[len(bare) :])}" if text else "")
    return "".join(parts)


def has_difference(spans: Iterable[Span]) -> bool:
    """Return whether a part of a line is marked as missing or extra."""
    return any(mark in (Mark.MISSING, Mark.EXTRA) and text for text, mark in spans)


def plain(spans: Iterable[Span]) -> str:
    """Render a line as plain text."""
    return rendered(spans, PLAIN)


def split(spans: Iterable[Span]) -> list[Line]:
    """Split spans into lines at their newlines."""
    lines: list[list[Span]] = [[]]
    for text, mark in spans:
        first, *rest = text.split("\n")
        lines[-1].append(Span(first, mark))
        lines += [[Span(part, mark)] for part in rest]
    return [tuple(parts) for parts in lines]


def shortened(spans: Line, limit: int) -> Line:
    """Cut a line of over `limit` characters span by span, so that differences stay in sight."""
    if sum(len(text) for text, _ in spans) <= limit:
        return spans
    kept = spans[: max(1, limit // 100)]
    share = limit // len(kept)
    cut = tuple(Span(cut_middle(text, share), mark) for text, mark in kept)
    omitted = sum(len(text) for text, _ in spans[len(kept) :])
    return (*cut, Span(f"\n… {omitted:,} characters left out …")) if omitted else cut
