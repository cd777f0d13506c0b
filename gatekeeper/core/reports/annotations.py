"""What a CI platform shows at a line of code: an annotation for each step that did not pass."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from gatekeeper.core.model import Case, Gate, Run
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


def annotations_of(gate: Gate, source_map: SourceMap | None, most: int) -> Iterator[Annotation]:
    """Yield a gate's annotations: the worst first, at most `most` errors and as many warnings.

    If there are more, the last one says how many.
    """
    errors: list[tuple[Outcome, Annotation]] = [
        (case.outcome, _of_step(run, case, source_map))
        for run in gate.runs
        for case in run.verdict.cases
        if not case.outcome.is_green
    ]
    errors += [
        (run.verdict.outcome, Annotation(one_line(run.name), one_line(text, 1000)))
        for run in gate.runs
        if not run.verdict.outcome.is_green
        and not any(not case.outcome.is_green for case in run.verdict.cases)
        for text in reasons_of(run.verdict)[: None if gate.misconfigured else 1]
    ]
    errors.sort(key=lambda pair: pair[0].rank)
    yield from _at_most(most, [annotation for _, annotation in errors])
    yield from _at_most(most, list(_warnings(gate, source_map)))


def _of_step(run: Run, case: Case, source_map: SourceMap | None) -> Annotation:
    step = step_of(run, case)
    why = headline(case) if case.reasons else OUTCOMES[case.outcome]
    title = f"{one_line(run.name)}, step {case.index}: {OUTCOMES[case.outcome]}"
    line = source_map.line_of(case.index, step.input) if source_map and step else None
    file = source_map.file if source_map and line else None
    return Annotation(title, f"user said: {user_input(step)}\n{why}", file=file, line=line)


def _warnings(gate: Gate, source_map: SourceMap | None) -> Iterator[Annotation]:
    for run in gate.runs:
        for warning in run.verdict.warnings:
            text = one_line(str(warning), 1000)
            yield Annotation(one_line(run.name), text, is_warning=True)
        for case in run.verdict.cases:
            if case.outcome is Outcome.TOLERATED:
                yield replace(_of_step(run, case, source_map), is_warning=True)
            for warning in case.warnings:
                text = one_line(str(warning), 1000)
                of_step = _of_step(run, case, source_map)
                yield replace(of_step, message=text, is_warning=True)


def _at_most(most: int, found: list[Annotation]) -> list[Annotation]:
    if len(found) <= most:
        return found
    is_warning = found[most - 1].is_warning
    title = f"More {'warnings' if is_warning else 'errors'}"
    rest = f"… and {len(found) - most + 1} more: the log lists all of them"
    return [*found[: most - 1], Annotation(title, rest, is_warning)]
