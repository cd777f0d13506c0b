"""Lines of a report in which words can be marked; each report renders the marks its own way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from itertools import islice
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


def unmarked(spans: Iterable[Span]) -> str:
    """Return the text of a line, without its marks."""
    return "".join(text for text, _ in spans)


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


# Signs for blanks that differ: without them, nobody would see what differs.
_SPACES = "\x0b\x0c\x1c\x1d\x1e\x1f\x85\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
_SPACES += "\u2009\u200a\u2028\u2029\u202f\u205f\u3000\r"
_BLANKS = str.maketrans(
    {sign: f"<U+{ord(sign):04X}>" for sign in _SPACES}
    | {" ": "·", "\t": "→", "\n": "↵\n", "\u00a0": "⍽"}
)
# Characters that no report shows, or that look like nothing.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufffe\uffff\ud800-\udfff]"
)
_DIFFERENT = (Mark.MISSING, Mark.EXTRA)


def is_marked(spans: Iterable[Span]) -> bool:
    """Whether something is marked as missing or extra."""
    return any(span.mark in _DIFFERENT and span.text for span in spans)


def explicit(text: str) -> str:
    """Return a text with signs for blanks and codes for invisible characters.

    A line break stays one, after its sign.
    """
    return with_codes(text.translate(_BLANKS))


def with_codes(text: str) -> str:
    """Return a text with codes such as `<U+200B>` for invisible characters."""
    return _INVISIBLE.sub(lambda match: f"<U+{ord(match[0]):04X}>", text)


def with_visible_differences(expected: Line, actual: Line) -> tuple[Line, Line]:
    """Return both sides of a comparison so that differences in what is not seen can be seen.

    Blanks and invisible characters that differ are shown by signs and codes.
    """
    sides = expected, actual
    if not any(map(is_marked, sides)):
        texts = ["".join(span.text for span in side) for side in sides]
        ours, theirs = (_INVISIBLE.sub("", text).split() for text in texts)
        if ours == theirs and texts[0] != texts[1]:
            sides = line(texts[0], Mark.MISSING), line(texts[1], Mark.EXTRA)
    return _visible(sides[0]), _visible(sides[1])


def _visible(spans: Line) -> Line:
    return tuple(
        Span(explicit(text) if text.isspace() else with_codes(text), mark)
        if mark in _DIFFERENT
        else Span(text, mark)
        for text, mark in spans
    )


def fitted(spans: Line, limit: int, most_lines: int | None = None) -> list[Line]:
    """Split spans into lines of together about `limit` characters, and say what is left out.

    Lines with differences are kept before others. There are at most `most_lines`, if given.
    """
    # Of megabytes, not every line is looked at.
    spans = shortened(spans, max(limit, _LONGEST))
    lines = split(spans)
    most = most_lines or max(_FEWEST_LINES, limit // 100)
    if len(lines) == 1 or (len(lines) <= most and _length(spans) <= limit):
        return split(shortened(spans, limit))
    kept = _bounded(lines, most)
    if most_lines is not None:
        # What says how many lines are left out takes lines itself.
        fewer = most
        while len(kept) > most_lines and fewer > 1:
            fewer -= 1
            kept = _bounded(lines, fewer)
    share = max(_SHORTEST_LINE, limit // len(kept))
    parts = [part for kept_line in kept for part in split(shortened(kept_line, share))]
    return parts[:most_lines]


# What is shown at least: lines of a text, and characters of a line.
_FEWEST_LINES = 10
_LONGEST = 20_000  # characters that are split into lines
_SHORTEST_LINE = 300


def _bounded(lines: list[Line], most: int) -> list[Line]:
    """Keep the lines that differ, those around the first of them, and then from the start."""
    if len(lines) <= most:
        return lines
    differ = [at for at, spans in enumerate(lines) if is_marked(spans)]
    wanted = [0, *(at + beside for at in differ[:1] for beside in (0, -1, 1)), *differ]
    kept = set(islice(dict.fromkeys(at for at in wanted if 0 <= at < len(lines)), most // 2))
    kept.update(
        islice((at for at in range(len(lines)) if at not in kept), most * 3 // 4 - len(kept))
    )
    bounded: list[Line] = []
    last = -1
    for at in [*sorted(kept), len(lines)]:
        left_out = at - last - 1
        if left_out > 1:
            bounded.append(line(f"… {left_out:,} lines left out …"))
        elif left_out:
            bounded.append(lines[last + 1])
        bounded += lines[at : at + 1]
        last = at
    return bounded


def _length(spans: Line) -> int:
    return sum(len(text) for text, _ in spans)


def shortened(spans: Line, limit: int) -> Line:
    """Cut a line of over `limit` characters span by span, so that differences stay in sight."""
    if _length(spans) <= limit:
        return spans
    kept = spans[: max(1, limit // 100)]
    share = limit // len(kept)
    cut = tuple(Span(cut_middle(text, share), mark) for text, mark in kept)
    omitted = sum(len(text) for text, _ in spans[len(kept) :])
    return (*cut, Span(f"\n… {omitted:,} characters left out …")) if omitted else cut
