"""Texts that read alike, or differ far from their start: what differs, cut out of both."""

from __future__ import annotations

import re

from gatekeeper.core.text import one_line
from gatekeeper.core.wording.diff import common_length
from gatekeeper.core.wording.styled import Line, Mark, Span, explicit, with_codes

# Characters around a difference.
_BEFORE = 40
_AFTER = 60
_LONGEST_DIFFERENCE = 120
# With more placeholders, the first difference is looked for without heeding the others.
_MOST_PLACEHOLDERS = 100
# Lengths of the text after a placeholder by which it is found again: the longest is the surest,
# but the texts can differ soon after the placeholder.
_ANCHORS = (40, 8, 2)
_CHUNK = 4_096
_PLACEHOLDER = re.compile(r"\{\{(?:(?!\{\{).){0,500}?\}\}", re.DOTALL)


def first_difference(expected: str, actual: str) -> tuple[int, int]:
    """Return where two texts begin to differ; a placeholder of the expected one matches anything.

    Both places are the ends of the texts if the expected one matches.
    """
    at, there = 0, 0
    for _ in range(_MOST_PLACEHOLDERS):
        same = _common_from(expected, at, actual, there)
        at, there = at + same, there + same
        placeholder = _placeholder_at(expected, at)
        if placeholder is None:
            break
        start, end = placeholder
        there -= at - start
        place = len(actual) if end == len(expected) else _place_of(expected, end, actual, there)
        if place < 0:
            return start, there
        at, there = end, place
    return at, there


def _place_of(expected: str, end: int, actual: str, there: int) -> int:
    """Return where the actual text goes on as the expected one does after a placeholder, or -1."""
    for length in _ANCHORS:
        following = expected[end : end + length].partition("{{")[0]
        place = actual.find(following, there) if following else -1
        if place >= 0:
            return place
    return -1


def _common_from(expected: str, at: int, actual: str, there: int) -> int:
    """Return how many characters two texts have in common from two places on."""
    same = 0
    while True:
        ours = expected[at + same : at + same + _CHUNK]
        theirs = actual[there + same : there + same + _CHUNK]
        if ours != theirs or not ours:
            return same + common_length(ours, theirs)
        same += len(ours)


def _placeholder_at(text: str, at: int) -> tuple[int, int] | None:
    """Return where the placeholder that a place is in, or that begins there, starts and ends."""
    start = text.rfind("{{", max(0, at - 500), at + 2)
    found = _PLACEHOLDER.match(text, start) if start >= 0 else None
    return (found.start(), found.end()) if found and found.start() <= at < found.end() else None


def matches(expected: str, actual: str) -> bool:
    """Whether two texts are equal but for the placeholders of the expected one."""
    return first_difference(expected, actual) == (len(expected), len(actual))


def read_alike(expected: str, actual: str, visible: str, visible_actual: str) -> bool:
    """Whether two texts differ, but not in what a person sees of them."""
    if expected == actual or not matches(visible, visible_actual):
        return False
    # A placeholder that matches is no difference, but it is in sight.
    return visible == visible_actual or not matches(*map(_dense, (expected, actual)))


def _dense(text: str) -> str:
    return "".join(text.split())


def excerpts(expected: str, actual: str, limit: int) -> tuple[str, str]:
    """Return both texts in one line of at most `limit` characters that shows how they differ.

    Both are cut at the same place: not at all if they differ near their start, otherwise shortly
    before their first difference.
    """
    at, there = first_difference(expected, actual)
    if at > limit // 2:
        start = _word_start(expected, at, limit // 3)
        before = at - start
        is_common = expected[start:at] == actual[max(0, there - before) : there]
        start, other = (start, there - before) if is_common else (at, there)
        ours = "…" + one_line(expected[start:], limit - 1)
        theirs = "…" + one_line(actual[other:], limit - 1)
    else:
        ours, theirs = one_line(expected, limit), one_line(actual, limit)
    if ours != theirs or expected == actual:
        return ours, theirs
    return _explicit_excerpts(expected, actual, limit)


def _explicit_excerpts(expected: str, actual: str, limit: int) -> tuple[str, str]:
    """Return excerpts of texts that differ in what one line would not show."""
    at = common_length(expected, actual)
    start = max(0, at - _BEFORE // 4)
    cut = "…" if start else ""
    ours, theirs = (
        cut + explicit(text[start : start + limit]).replace("\n", "")[:limit]
        for text in (expected, actual)
    )
    return ours, theirs


def _word_start(text: str, at: int, before: int) -> int:
    """Return where a word begins at most some characters before a place."""
    start = max(0, at - before)
    blank = text.find(" ", start, at)
    return start if blank < 0 or not start else blank + 1


def raw_difference(expected: str, actual: str) -> tuple[Line, Line]:
    """Return both texts around their first difference, character by character and in one line."""
    at, there = first_difference(expected, actual)
    if (at, there) == (len(expected), len(actual)):
        at = there = common_length(expected, actual)
    rest, other_rest = expected[at:], actual[there:]
    same_end = common_length(rest[::-1], other_rest[::-1])
    return (
        _around(expected, at, len(expected) - same_end, Mark.MISSING),
        _around(actual, there, len(actual) - same_end, Mark.EXTRA),
    )


def _around(text: str, start: int, end: int, mark: Mark) -> Line:
    before = text[max(0, start - _BEFORE) : start]
    after = text[end : end + _AFTER]
    differs = text[start:end]
    is_long = len(differs) > _LONGEST_DIFFERENCE
    shown = explicit(differs[:_LONGEST_DIFFERENCE]).replace("\n", "")
    spans = (
        Span(("…" if start > _BEFORE else "") + _on_one_line(before)),
        Span(shown, mark),
        Span("…" if is_long else _on_one_line(after) + ("…" if end + _AFTER < len(text) else "")),
    )
    return tuple(span for span in spans if span.text)


def _on_one_line(text: str) -> str:
    return with_codes(text.replace("\n", "↵").replace("\t", "→"))
