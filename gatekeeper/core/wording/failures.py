"""How every report words why a step did not pass: what was expected and what the bot did."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from gatekeeper.core.model import Case, Comparison, Reason
from gatekeeper.core.text import one_line, printable
from gatekeeper.core.verdict.comparing import TEXT
from gatekeeper.core.wording.alike import excerpts, raw_difference, read_alike
from gatekeeper.core.wording.differences import NO_DIFFERENCES, Differences
from gatekeeper.core.wording.flow import flow_paths
from gatekeeper.core.wording.styled import Line, Mark, Span, fitted, is_marked, line, plain

_BRIEF = 80  # characters of a text in a reason's one line
_MOST_VARIATIONS = 500  # expected texts of one comparison that a report lists

_LABEL_MARKS = {"expected": Mark.GOOD, "or": Mark.GOOD, "actual": Mark.BAD}


def headline(case: Case, differences: Differences = NO_DIFFERENCES) -> str:
    """Return in one line why a step did not pass: its first reason, and how many more it has."""
    first = brief(case.reasons[0], differences)
    more = len(case.reasons) - 1
    return f"{first} (and {more} more)" if more else first


def brief(reason: Reason, differences: Differences = NO_DIFFERENCES) -> str:
    """Return a reason in one line, with its first mismatch cut so that it shows what differs."""
    text = one_line(str(reason), 300)
    if reason.mismatch is None or not reason.mismatch.comparisons:
        return text
    first = reason.mismatch.comparisons[0]
    subject = "" if first.subject == reason.mismatch.kind else f"{one_line(first.subject, 60)} "
    variations = len(first.expected) - 1
    more = f" or {variations} more" if variations > 0 else ""
    kind, expected, actual = in_brief(first, differences, _BRIEF)
    return f"{text}: {kind}expected {subject}{expected}{more}{actual and f', actual {actual}'}"


def in_brief(comparison: Comparison, differences: Differences, limit: int) -> tuple[str, str, str]:
    """Return the closest expected text and the actual one, in quotes and cut to show what differs.

    What is first says that they are raw texts, if they read alike. Without an actual text, the last
    is empty.
    """
    closest = differences.closest_of(comparison)
    raw = comparison.expected[closest] if comparison.expected else ""
    expected = differences.visible_text(raw)
    if not comparison.actual:
        return "", f'"{one_line(expected, limit)}"', ""
    actual = differences.visible_text(comparison.actual)
    is_alike = read_alike(raw, comparison.actual, expected, actual)
    texts = (raw, comparison.actual) if is_alike else (expected, actual)
    ours, theirs = (f'"{text}"' for text in excerpts(*texts, limit))
    return "they read alike; raw " if is_alike else "", ours, theirs


def explained(
    reason: Reason,
    limit: int,
    differences: Differences,
    *,
    raw: bool = False,
    most_lines: int | None = None,
) -> Iterator[Line]:
    """Explain a reason in lines: expected and actual are indented, their differences marked.

    Texts over `limit` characters are cut. With `raw`, the JSON of a message follows its text.
    Each comparison takes at most `most_lines`, for which variations are left out first.
    """
    yield line(printable(str(reason)))
    mismatch = reason.mismatch
    if mismatch is None:
        return
    for label, path in zip(("expected", "actual"), flow_paths(mismatch) or (), strict=False):
        yield (Span(f"    {label + ' path:':<14} ", _LABEL_MARKS[label]), *path)
    for comparison in mismatch.comparisons:
        if mismatch.kind != comparison.subject:
            yield line(f"  {one_line(comparison.subject)}")
        hidden = hidden_difference(comparison, limit, differences)
        room = None if most_lines is None else most_lines - len(hidden)
        yield from compared(comparison, limit, differences, room)
        for spans in hidden:
            yield (Span(f"    {'':<10} "), *spans)
        if raw:
            yield from _raw(comparison, limit, differences)


def compared(
    comparison: Comparison, limit: int, differences: Differences, most_lines: int | None = None
) -> Iterator[Line]:
    """List each expected text, then the actual one; differences are marked in the closest pair.

    With `most_lines`, the closest and the actual text get half of them each, and the other expected
    texts what these leave.
    """
    share = None if most_lines is None else max(1, most_lines // 2)
    actual = [*_labelled("actual", _actual(comparison, differences), limit, share)]
    room = None if most_lines is None else most_lines - len(actual)
    expected = _variations(comparison, limit, differences, room, share)
    for number, (label, *rest) in enumerate(expected):
        yield (Span(f"    {'or:' if number else 'expected:':<10} ", Mark.GOOD), *label[1:])
        yield from rest
    left_out = (len(comparison.expected) or 1) - len(expected)
    if left_out > 0:
        texts = "text" if left_out == 1 else "texts"
        yield from _labelled("or", line(f"({left_out:,} more {texts})"), limit)
    yield from actual


def _variations(
    comparison: Comparison,
    limit: int,
    differences: Differences,
    room: int | None,
    share: int | None,
) -> list[list[Line]]:
    """Return the expected texts in lines: the closest one, and as many others as there is room."""
    closest = differences.closest_of(comparison)
    others = (number for number in range(len(comparison.expected)) if number != closest)
    kept: dict[int, list[Line]] = {}
    for number in (closest, *islice(others, _MOST_VARIATIONS - (closest < _MOST_VARIATIONS))):
        spans = _expected(comparison, number, differences)
        lines = [*_labelled("or", spans, limit, share)]
        if room is not None:
            # A line for how many are left out.
            room -= len(lines)
            if kept and room < 1:
                break
        kept[number] = lines
    return [kept[number] for number in sorted(kept)]


def _expected(comparison: Comparison, number: int, differences: Differences) -> Line:
    if not comparison.expected:
        return line("(not specified)")
    marked = differences.of(comparison)
    if marked and marked.index == number:
        return marked.expected
    return line(differences.visible_text(comparison.expected[number]))


def _actual(comparison: Comparison, differences: Differences) -> Line:
    if comparison.actual is None:
        is_text = comparison.subject == TEXT
        return line("(no such response)" if is_text else "(not in the response)")
    marked = differences.of(comparison)
    return marked.actual if marked else line(differences.visible_text(comparison.actual))


def hidden_difference(
    comparison: Comparison, limit: int, differences: Differences
) -> tuple[Line, ...]:
    """Return what differs where both texts read alike, or differ only in what is left out.

    A heading, and both texts around their first difference; nothing if the difference is in sight.
    """
    if not comparison.expected or comparison.actual is None:
        return ()
    closest = differences.closest_of(comparison)
    raw, actual = comparison.expected[closest], comparison.actual
    visible, visible_actual = map(differences.visible_text, (raw, actual))
    if read_alike(raw, actual, visible, visible_actual):
        return _hidden(_READ_ALIKE, raw, actual)
    sides = (_expected(comparison, closest, differences), _actual(comparison, differences))
    if visible != visible_actual and not any(map(is_marked, sides)):
        ours, theirs = ([plain(part) for part in fitted(side, limit)] for side in sides)
        if ours == theirs:
            return _hidden(_LEFT_OUT, visible, visible_actual)
    return ()


def _hidden(heading: str, expected: str, actual: str) -> tuple[Line, ...]:
    ours, theirs = raw_difference(expected, actual)
    return line(heading), (Span("expected: "), *ours), (Span("actual:   "), *theirs)


_READ_ALIKE = "they read alike; what differs is not shown to a person:"
_LEFT_OUT = "they differ in what is left out here:"


def _raw(comparison: Comparison, limit: int, differences: Differences) -> Iterator[Line]:
    for label, texts in (
        ("raw expected", comparison.expected[:_MOST_VARIATIONS]),
        ("raw actual", (comparison.actual,)),
    ):
        for text in texts:
            if text and (raw := printable(text)) != differences.visible_text(text):
                yield from _labelled(label, line(raw), limit)


def _labelled(label: str, spans: Line, limit: int, most_lines: int | None = None) -> Iterator[Line]:
    first, *rest = fitted(spans, limit, most_lines)
    yield (Span(f"    {label + ':':<10} ", _LABEL_MARKS.get(label, Mark.NONE)), *first)
    yield from ((Span(f"    {'':<10} "), *continued) for continued in rest)
