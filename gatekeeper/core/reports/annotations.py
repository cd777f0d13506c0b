"""What a CI platform shows at a line of code: an annotation for each step that did not pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeAlias

from gatekeeper.core.model import Case, Gate, Reason, Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.source_map import SourceMap
from gatekeeper.core.text import one_line
from gatekeeper.core.wording.failures import headline
from gatekeeper.core.wording.steps import step_of, user_input
from gatekeeper.core.wording.verdicts import OUTCOMES, reasons_of


class Annotation(Record):
    """An error or warning, at a line of a file if the step's place is known."""

    title: str
    message: str
    is_warning: bool = False
    file: str | None = None
    line: int | None = None


_Draft: TypeAlias = Callable[[], Annotation]
"""Makes an annotation, once it is known to be among those that are published."""


def annotations_of(gate: Gate, source_map: SourceMap | None, most: int) -> Iterator[Annotation]:
    """Yield a gate's annotations: the worst first, at most `most` errors and as many warnings.

    If there are more, the last one says how many.
    """
    errors: list[tuple[Outcome, _Draft]] = [
        (case.outcome, partial(_of_step, run, case, source_map))
        for run in gate.runs
        for case in run.verdict.cases
        if not case.outcome.is_green
    ]
    errors += [
        (run.verdict.outcome, partial(Annotation, one_line(run.name), one_line(text, 1000)))
        for run in gate.runs
        if not run.verdict.outcome.is_green
        and not any(not case.outcome.is_green for case in run.verdict.cases)
        for text in reasons_of(run.verdict)[: None if gate.misconfigured else 1]
    ]
    errors.sort(key=lambda pair: pair[0].rank)
    yield from _at_most(most, [draft for _, draft in errors], is_warning=False)
    yield from _at_most(most, list(_warnings(gate, source_map)), is_warning=True)


def _of_step(
    run: Run, case: Case, source_map: SourceMap | None, warning: Reason | None = None
) -> Annotation:
    """Return the annotation of a step that did not pass, or of one of its warnings."""
    step = step_of(run, case)
    title = f"{one_line(run.name)}, step {case.index}: {OUTCOMES[case.outcome]}"
    if warning:
        message = one_line(str(warning), 1000)
    else:
        why = headline(case) if case.reasons else OUTCOMES[case.outcome]
        message = f"user said: {user_input(step)}\n{why}"
    line = source_map.line_of(case.index, step.input) if source_map and step else None
    file = source_map.file if source_map and line else None
    is_warning = warning is not None or case.outcome is Outcome.TOLERATED
    return Annotation(title, message, is_warning, file, line)


def _warnings(gate: Gate, source_map: SourceMap | None) -> Iterator[_Draft]:
    for run in gate.runs:
        for warning in run.verdict.warnings:
            text = one_line(str(warning), 1000)
            yield partial(Annotation, one_line(run.name), text, is_warning=True)
        for case in run.verdict.cases:
            if case.outcome is Outcome.TOLERATED:
                yield partial(_of_step, run, case, source_map)
            for warning in case.warnings:
                yield partial(_of_step, run, case, source_map, warning)


def _at_most(most: int, drafts: Sequence[_Draft], *, is_warning: bool) -> Iterator[Annotation]:
    if len(drafts) <= most:
        yield from (draft() for draft in drafts)
        return
    yield from (draft() for draft in drafts[: most - 1])
    title = f"More {'warnings' if is_warning else 'errors'}"
    rest = f"… and {len(drafts) - most + 1} more: the log lists all of them"
    yield Annotation(title, rest, is_warning)
