"""How every report words why a step did not pass: what was expected and what the bot did."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gatekeeper.core.answer.message import unwrapped
from gatekeeper.core.model import Case, Comparison, Reason
from gatekeeper.core.text import one_line, printable
from gatekeeper.core.verdict.comparing import TEXT
from gatekeeper.core.wording.differences import Differences
from gatekeeper.core.wording.flow import flow_paths
from gatekeeper.core.wording.styled import Line, Mark, Span, line, shortened, split

_MOST_VARIATIONS = 500  # expected texts of one comparison that a report lists

_LABEL_MARKS = {"expected": Mark.GOOD, "or": Mark.GOOD, "actual": Mark.BAD}


def headline(case: Case, visible_text: Callable[[str], str] = unwrapped) -> str:
    """Return in one line why a step did not pass: its first reason, and how many more it has."""
    first = brief(case.reasons[0], visible_text)
    more = len(case.reasons) - 1
    return f"{first} (and {more} more)" if more else first


def brief(reason: Reason, visible_text: Callable[[str], str] = unwrapped) -> str:
    """Return a reason in one line, with its first mismatch."""
    text = one_line(str(reason), 300)
    if reason.mismatch is None or not reason.mismatch.comparisons:
        return text
    first = reason.mismatch.comparisons[0]
    subject = "" if first.subject == reason.mismatch.kind else f"{one_line(first.subject, 60)} "
    expected = _quoted(visible_text(first.expected[0] if first.expected else ""))
    variations = len(first.expected) - 1
    more = f" or {variations} more" if variations > 0 else ""
    actual = f", actual {_quoted(visible_text(first.actual))}" if first.actual else ""
    return f"{text}: expected {subject}{expected}{more}{actual}"


def _quoted(text: str) -> str:
    return f'"{one_line(text, 80)}"'


def explained(
    reason: Reason, limit: int, differences: Differences, *, raw: bool = False
) -> Iterator[Line]:
    """Explain a reason in lines: expected and actual are indented, their differences marked.

    Texts over `limit` characters are cut. With `raw`, the JSON of a message follows its text.
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
        yield from compared(comparison, limit, differences)
        if raw:
            yield from _raw(comparison, limit, differences)


def compared(comparison: Comparison, limit: int, differences: Differences) -> Iterator[Line]:
    """List each expected text, then the actual one; differences are marked in the closest pair."""
    marked = differences.of(comparison)
    expected = comparison.expected or ("(not specified)",)
    for number, text in enumerate(expected[:_MOST_VARIATIONS]):
        if marked and marked.index == number:
            variation = marked.expected
        else:
            variation = line(differences.visible_text(text))
        yield from _labelled("or" if number else "expected", variation, limit)
    if marked and marked.index >= _MOST_VARIATIONS:
        yield from _labelled("or", marked.expected, limit)
    if (more := len(expected) - _MOST_VARIATIONS) > 0:
        yield from _labelled("or", line(f"({more:,} more texts)"), limit)
    if comparison.actual is None:
        is_text = comparison.subject == TEXT
        actual = line("(no such response)" if is_text else "(not in the response)")
    else:
        actual = marked.actual if marked else line(differences.visible_text(comparison.actual))
    yield from _labelled("actual", actual, limit)


def _raw(comparison: Comparison, limit: int, differences: Differences) -> Iterator[Line]:
    for label, texts in (
        ("raw expected", comparison.expected[:_MOST_VARIATIONS]),
        ("raw actual", (comparison.actual,)),
    ):
        for text in texts:
            if text and (raw := printable(text)) != differences.visible_text(text):
                yield from _labelled(label, line(raw), limit)


def _labelled(label: str, spans: Line, limit: int) -> Iterator[Line]:
    first, *rest = split(shortened(spans, limit))
    yield (Span(f"    {label + ':':<10} ", _LABEL_MARKS.get(label, Mark.NONE)), *first)
    yield from ((Span(f"    {'':<10} "), *continued) for continued in rest)
