"""How the page shows why a step did not pass: expected beside actual, differences marked."""

from __future__ import annotations

from markupsafe import Markup, escape

from gatekeeper.core.model import Comparison, Reason
from gatekeeper.core.record import Record
from gatekeeper.core.reports.page.limits import framed, some
from gatekeeper.core.text import cut_middle, one_line, printable
from gatekeeper.core.wording.differences import Differences
from gatekeeper.core.wording.failures import compared
from gatekeeper.core.wording.flow import flow_paths
from gatekeeper.core.wording.styled import Line, Mark, Marks, Span, rendered

_MARKS: Marks = {
    Mark.MISSING: ("<del>", "</del>"),
    Mark.EXTRA: ("<ins>", "</ins>"),
}
_SMALLEST_SHARE = 300  # characters of one variation


class ShownComparison(Record):
    """Each variation that was expected of a subject, and the actual text; differences marked."""

    subject: str
    expected: tuple[Markup, ...]
    left_out: int
    actual: Markup

    @property
    def size(self) -> int:
        """Its length in characters, with an allowance for each element."""
        return len(self.actual) + sum(framed(len(text)) for text in self.expected)


class ShownReason(Record):
    """Why a step did not pass; without subjects, its comparisons are of the response's text."""

    text: str
    paths: tuple[Markup, ...] = ()
    comparisons: tuple[ShownComparison, ...] = ()
    left_out: int = 0
    has_subjects: bool = False

    @property
    def size(self) -> int:
        """Its length in characters, with an allowance for each element."""
        return len(self.text) + sum(comparison.size for comparison in self.comparisons)


def shown_reason(reason: Reason, limit: int, differences: Differences) -> ShownReason:
    """Render a reason, each of its texts with at most `limit` characters."""
    mismatch = reason.mismatch
    text = cut_middle(printable(str(reason)), limit)
    if mismatch is None:
        return ShownReason(text)
    candidates = (_comparison(item, limit, differences) for item in mismatch.comparisons)
    comparisons = some(candidates, lambda comparison: comparison.size, limit)
    return ShownReason(
        text,
        tuple(map(marked, flow_paths(mismatch) or ())),
        tuple(comparisons),
        len(mismatch.comparisons) - len(comparisons),
        has_subjects=any(item.subject != mismatch.kind for item in mismatch.comparisons),
    )


def _comparison(comparison: Comparison, limit: int, differences: Differences) -> ShownComparison:
    # Together, the variations get as much room as one text and its actual counterpart.
    share = max(_SMALLEST_SHARE, 2 * limit // (len(comparison.expected) + 1))
    rows: list[list[Span]] = []
    for (label, *_), *spans in compared(comparison, min(limit, share), differences):
        if label.strip():
            rows.append(spans)
        else:
            rows[-1] += [Span("\n"), *spans]
    *expected, actual = (marked(tuple(row)) for row in rows)
    kept = some(expected, lambda text: framed(len(text)), limit)
    subject = one_line(comparison.subject)
    return ShownComparison(subject, tuple(kept), len(expected) - len(kept), actual)


def marked(spans: Line) -> Markup:
    """Render a line with its marks as HTML."""
    return Markup(rendered(spans, _MARKS, _escaped))  # noqa: S704 - escaped between the marks


def _escaped(text: str) -> str:
    return escape(printable(text))
