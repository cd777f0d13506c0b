"""The cases of a run's steps: why a step did not pass, or in which earlier attempts it failed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TypeAlias

from msgspec.structs import replace

from gatekeeper.core.model import Case, Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.junit_case import (
    FLAKY_ERROR,
    FLAKY_FAILURE,
    OUTPUT,
    TAGS,
    Entry,
    SourceLine,
    TestcaseHead,
)
from gatekeeper.core.reports.junit_names import undotted
from gatekeeper.core.reports.junit_texts import output, tolerated
from gatekeeper.core.source_map import SourceMap
from gatekeeper.core.text import one_line
from gatekeeper.core.wording.differences import Differences
from gatekeeper.core.wording.failures import explained, headline
from gatekeeper.core.wording.steps import details_of, step_of, user_input
from gatekeeper.core.wording.styled import plain
from gatekeeper.core.wording.verdicts import OUTCOMES, attempt_of

_TEXT_LIMIT = 50_000
_FLAKY = {
    Outcome.FAILED: FLAKY_FAILURE,
    Outcome.ERROR: FLAKY_ERROR,
    Outcome.TOLERATED: FLAKY_FAILURE,
}
_KNOWN_FAILURE = re.compile(r"known failure until ([0-9-]+): (.+)")

_Failures: TypeAlias = Mapping[str, list[tuple[Run, Case]]]
"""By the id of a step: the attempts in which it did not pass, in order."""


def step_heads(run: Run, class_name: str, source_map: SourceMap | None) -> Iterator[TestcaseHead]:
    """Yield the attributes of each step's case: named by its id, placed if its line is known."""
    for case in run.verdict.cases:
        source = _source(run, case, source_map) if source_map else None
        yield TestcaseHead(undotted(run.id_of(case)), class_name, source=source)


def _source(run: Run, case: Case, source_map: SourceMap) -> SourceLine | None:
    step = step_of(run, case)
    line = source_map.line_of(case.index, step.input) if step else None
    return SourceLine(source_map.file, line) if line else None


def step_entries(run: Run, differences: Differences) -> Iterator[tuple[Entry, ...]]:
    """Yield what the case of each step contains."""
    earlier = _earlier_failures(run)
    for case in run.verdict.cases:
        if case.outcome is not Outcome.PASSED or case.warnings or earlier:
            yield tuple(_entries(run, case, earlier, differences))
        else:
            yield ()


def _entries(run: Run, case: Case, earlier: _Failures, differences: Differences) -> Iterator[Entry]:
    if case.outcome is not Outcome.PASSED:
        text = partial(_text, run, case, differences)
        yield Entry(TAGS[case.outcome], text, _type(case))
    elif earlier:
        for attempt, failure in earlier.get(run.id_of(case), ()):
            text = partial(_text, attempt, failure, differences, f"attempt {attempt.attempt}: ")
            yield Entry(_FLAKY[failure.outcome], text, _type(failure))
    if case.warnings:
        yield Entry(OUTPUT, partial(output, warnings=case.warnings))


def _earlier_failures(run: Run) -> _Failures:
    failures = defaultdict[str, list[tuple[Run, Case]]](list)
    for attempt in run.earlier:
        # What was attempted after this one did not lead to it.
        if attempt.attempt < run.attempt:
            for case in attempt.verdict.cases:
                if case.outcome in _FLAKY:
                    failures[attempt.id_of(case)].append((attempt, case))
    return failures


def _type(case: Case) -> str:
    """Return the kind of the failure, dotted as consumers expect an exception's class."""
    reasons = [reason for reason in case.reasons if reason.outcome is not Outcome.TOLERATED]
    first = reasons[0] if reasons else None
    if first and first.mismatch:
        return f"gatekeeper.assertion.{undotted(one_line(first.mismatch.kind, 200)) or 'unnamed'}"
    return f"gatekeeper.step.{first.check if first and first.check else case.outcome}"


def _text(run: Run, case: Case, differences: Differences, prefix: str = "") -> str:
    """Return the text of a failure; it begins with the message, because GitLab shows only this."""
    return "\n".join((f"{prefix}{_message(case, differences)}", *_details(run, case, differences)))


def _message(case: Case, differences: Differences) -> str:
    """Return why a step did not pass, in one line; if that is tolerated, why it is comes first.

    Several readers show nothing else of a case that is tolerated.
    """
    if not case.reasons:
        return OUTCOMES[case.outcome]
    first, *failures = case.reasons
    if case.outcome is not Outcome.TOLERATED or not failures:
        return headline(case, differences)
    why = one_line(first.text)
    if known := _KNOWN_FAILURE.fullmatch(why):
        why = f"{known[2]} until {known[1]}"
    what = headline(replace(case, reasons=tuple(failures)), differences)
    return tolerated(why, what)


def _details(run: Run, case: Case, differences: Differences) -> Iterator[str]:
    step = step_of(run, case)
    yield f"user said: {user_input(step, 1000)}"
    if attempt := attempt_of(run):
        # Many readers do not show the output of a case that passed, where the attempts are.
        yield attempt
    if case is differences.first_left_out:
        yield f"note: {differences.note}"
    for reason in case.reasons:
        yield from map(plain, explained(reason, _TEXT_LIMIT, differences, raw=True))
    if step is not None:
        yield from details_of(step)
