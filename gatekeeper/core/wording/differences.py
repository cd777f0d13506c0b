"""What a gate's comparisons show and where they differ, worked out once for all its reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from gatekeeper.core.message.read import visible_text
from gatekeeper.core.model import Case, Comparison, Gate
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.wording.diff import closest, difference
from gatekeeper.core.wording.effort import Effort
from gatekeeper.core.wording.styled import Line, with_visible_differences

# About two seconds of the slowest comparisons; thousands of ordinary ones take less.
_MOST_EFFORT = 20_000_000
# Of one comparison without marks.
_LITTLE_EFFORT = 200_000


class Marked(Record):
    """A comparison with its differences marked: the closest expected text, and the actual one.

    `index` is the position of the closest text among the expected ones.
    """

    index: int
    expected: Line
    actual: Line


class Differences(Record):
    """The differences of a gate's comparisons, as far as they could be worked out.

    `visible` has what a person sees of each compared text. `left_out` is how many comparisons are
    too much to compare, which reports show without marks; `first_left_out` is the first step that
    has one.
    """

    visible: Mapping[str, str] = msgspec.field(default_factory=dict)
    marked: Mapping[Comparison, Marked] = msgspec.field(default_factory=dict)
    left_out: int = 0
    first_left_out: Case | None = None

    def visible_text(self, text: str) -> str:
        """Return a text of a comparison as every report shows it."""
        found = self.visible.get(text)
        return visible_text(text) if found is None else found

    def of(self, comparison: Comparison) -> Marked | None:
        """Return a comparison with its differences marked; `None` if it is shown without marks."""
        return self.marked.get(comparison)

    def closest_of(self, comparison: Comparison) -> int:
        """Return the index of the expected text that is the closest to the actual one."""
        if marked := self.of(comparison):
            return marked.index
        if len(comparison.expected) <= 1 or comparison.actual is None:
            return 0
        if comparison.actual in comparison.expected:
            return comparison.expected.index(comparison.actual)
        # Cheap, because reports ask for it where there is too much text to compare.
        texts = map(self.visible_text, comparison.expected)
        return closest(texts, self.visible_text(comparison.actual), Effort(_LITTLE_EFFORT))

    @property
    def note(self) -> str:
        """What to say once about the comparisons without marks; empty if there are none."""
        if not self.left_out:
            return ""
        texts = "text is" if self.left_out == 1 else "texts are"
        return (
            f"the differences in {self.left_out:,} {texts} not marked: this gate has too much text "
            "to compare"
        )


def differences_of(gate: Gate) -> Differences:
    """Compare what the steps of a gate expected with the actual values, within a limited effort.

    Failed steps come first, then all others, in the order of the runs, so that what is marked does
    not depend on which reports are written.
    """
    effort = Effort(_MOST_EFFORT)
    visible: dict[str, str] = {}
    marked: dict[Comparison, Marked] = {}
    left_out: dict[Comparison, Case] = {}
    for case, comparison in _comparisons(gate):
        texts = (*comparison.expected, *filter(None, (comparison.actual,)))
        visible.update((text, visible_text(text)) for text in texts if text not in visible)
        if not comparison.expected or comparison.actual is None or comparison in marked:
            continue
        if effort.is_spent:
            left_out.setdefault(comparison, case)
        else:
            expected = [visible[text] for text in comparison.expected]
            actual = visible.get(comparison.actual, "")
            marked[comparison] = _marked(expected, actual, effort)
    return Differences(visible, marked, len(left_out), next(iter(left_out.values()), None))


def _comparisons(gate: Gate) -> Iterator[tuple[Case, Comparison]]:
    cases = [case for run in gate.runs for case in run.verdict.cases if case.reasons]
    for case in sorted(cases, key=lambda case: case.outcome is not Outcome.FAILED):
        for reason in case.reasons:
            for comparison in reason.mismatch.comparisons if reason.mismatch else ():
                yield case, comparison


def _marked(expected: list[str], actual: str, effort: Effort) -> Marked:
    index = closest(expected, actual, effort) if len(expected) > 1 else 0
    ours, theirs = difference(expected[index], actual, effort)
    return Marked(index, *with_visible_differences(ours, theirs))


NO_DIFFERENCES = Differences()
"""Where nothing was worked out: texts are read when they are shown, and nothing is marked."""
