"""The summary in Markdown: for GitHub's job page, and for a comment on a pull or merge request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from gatekeeper.core.model import Case, Gate, Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.earlier import NOTHING_EARLIER, Earlier, last_pass_lines
from gatekeeper.core.reports.findings import (
    appearance,
    name_of,
    warnings,
    web_link,
    worst_first,
)
from gatekeeper.core.reports.markdown import folded, link, plain, transcript
from gatekeeper.core.reports.summary_rows import (
    ICONS,
    TITLES,
    TITLES_WITH_WHY,
    first_places,
    row,
    why,
)
from gatekeeper.core.result_file.changes import Change, Changes
from gatekeeper.core.result_file.trends import Trends
from gatekeeper.core.text import one_line
from gatekeeper.core.wording.differences import Differences, differences_of
from gatekeeper.core.wording.failures import explained
from gatekeeper.core.wording.steps import details_of, step_of, user_input
from gatekeeper.core.wording.styled import Line, line
from gatekeeper.core.wording.verdicts import (
    MARKS,
    OUTCOMES,
    verdict_line,
)

# GitHub discards a job summary of over 1 MiB and accepts comments of up to 65,536 characters.
JOB_BYTES = 1024 * 1024 - 1024
COMMENT_BYTES = 65_000
_TEXT_LIMIT = 2_000
_REASONS_SHOWN = 10
_SKIPPED_SHOWN = 50
_SAID_LIMIT = 40
# Of what is left, at each step: rows, passed suites and notes may not crowd out the steps.
_SHARE = 2
T = TypeVar("T")


def summary(
    gate: Gate,
    limit: int,
    page: str,
    earlier: Earlier = NOTHING_EARLIER,
    differences: Differences | None = None,
) -> str:
    """Render the gate as Markdown of at most `limit` bytes; `page` is the file with all details.

    The verdict, a table of the suites that did not pass, the others folded, then each step that did
    not pass, folded, and the warnings. What does not fit is left out and counted.
    """
    differences = differences or differences_of(gate)
    runs = worst_first(gate)
    listed = [run for run in runs if run[1].verdict.outcome is not Outcome.PASSED]
    passed = [run for run in runs if run[1].verdict.outcome is Outcome.PASSED]
    if len(runs) == 1:
        listed, passed = runs, []
    head = _head(gate, earlier.changes.sentence)
    # There is room for the lines about the rest.
    left = limit - _size(head + TITLES + TITLES_WITH_WHY) - 1000
    places = first_places(gate)

    def row_with_why(numbered: tuple[int, Run]) -> str:
        number, run = numbered
        place = places.get(number)
        return row(run, why(place, differences, earlier.changes) if place else "")

    rows, more_rows = _fitting(listed, row_with_why, left // _SHARE)
    left -= _size("".join(rows))
    good, more_good = _fitting(passed, lambda pair: row(pair[1]), left // _SHARE)
    left -= _size("".join(good))
    all_notes = [
        *_notes(gate, earlier.trends, differences.note),
        *_fixed(gate, earlier.changes),
    ]
    # Warnings come last, and still have their share.
    notes, more_notes = _fitting(all_notes, str, left // _SHARE)
    left -= _size("".join(notes))
    blocks = _step_blocks(gate)
    steps, _ = _fitting(blocks, lambda block: _block(block, gate, earlier, differences), left)
    more_steps = sum(map(len, blocks[len(steps) :]))
    parts = [head]
    if rows:
        parts += [TITLES_WITH_WHY, *rows, "\n"]
    if passed:
        parts.append(folded(_passed_title(passed), f"{TITLES}{''.join(good)}"))
    if steps:
        parts += [steps[0].replace("<details>", "<details open>", 1), *steps[1:]]
    if notes:
        parts.append(folded(_notes_title(all_notes), "".join(notes), opened=not steps))
    parts += [
        f"\n… and {count} more {what}: see {plain(page)}.\n"
        for count, what in (
            (more_rows + more_good, "suites"),
            (more_steps, "steps that did not pass"),
            (more_notes, "notes"),
        )
        if count
    ]
    return "".join(parts)


def _head(gate: Gate, changed: str) -> str:
    """Return the verdict as a heading, the pipeline and the commit, and what changed."""
    icon = ICONS[appearance(gate)]
    facts = []
    if url := web_link(gate.pipeline.url, "https", "http"):
        facts.append(link(url, "Pipeline"))
    if gate.pipeline.commit:
        facts.append(f"commit {plain(one_line(gate.pipeline.commit, 40))}")
    facts += _earlier_start(gate)
    facts += [plain(f"not written: {one_line(text)}") for text in gate.unwritten]
    about = f"{' · '.join(facts)}\n\n" if facts else ""
    if changed:
        about += f"{plain(changed)}\n\n"
    return f"### {icon} gatekeeper: {plain(verdict_line(gate))}\n\n{about}"


def _earlier_start(gate: Gate) -> Iterator[str]:
    """Yield when the runs that the gate attached to were started, with a link to the job."""
    if starts := [run.started_by for run in gate.runs if run.started_by]:
        first = min(starts, key=lambda start: start.at)
        url = web_link(first.url, "https", "http")
        by = link(url, "gatekeeper start") if url else "gatekeeper start"
        yield f"runs started {plain(one_line(first.at))} by {by}"


def _size(text: str) -> int:
    return len(text.encode())


def _fitting(items: Sequence[T], render: Callable[[T], str], limit: int) -> tuple[list[str], int]:
    """Render the first items that fit, and return how many items are left out."""
    taken: list[str] = []
    for item in items:
        block = render(item)
        limit -= _size(block)
        if limit < 0:
            break
        taken.append(block)
    return taken, len(items) - len(taken)


def _passed_title(passed: Sequence[tuple[int, Run]]) -> str:
    flaky = sum(run.is_flaky for _, run in passed)
    count = f"{len(passed)} suite{'s' if len(passed) > 1 else ''} passed"
    return f"{ICONS[Outcome.PASSED]} {count}{f', {flaky} of them flaky' if flaky else ''}"


def _notes(gate: Gate, trends: Trends, note: str) -> Iterator[str]:
    """Yield every warning, the gate's note, and each run's trend."""
    for place, warning in warnings(gate):
        step = f", step {place.case.index}" if place.case else ""
        text = plain(one_line(str(warning), 500))
        yield f"- {plain(name_of(place))}{step}, warning: {text}\n"
    if note:
        yield f"- {plain(note)}\n"
    for run in gate.runs:
        if recently := str(trends.of(run)):
            yield f"- {plain(one_line(run.name))}, {plain(recently)}\n"


def _fixed(gate: Gate, changes: Changes) -> Iterator[str]:
    """Yield the steps that failed in an earlier result and pass now."""
    for run in gate.runs:
        for case in run.verdict.cases:
            if changes.of(run, case) is Change.FIXED:
                said = plain(user_input(step_of(run, case), _SAID_LIMIT))
                yield f"- {plain(one_line(run.name))}, step {case.index}, fixed: {said}\n"


def _notes_title(notes: Sequence[str]) -> str:
    count = sum(", warning: " in note for note in notes)
    if not count:
        return "Notes"
    return f"{count} warning{'s' if count > 1 else ''}{' and notes' if count < len(notes) else ''}"


def _step_blocks(gate: Gate) -> list[list[tuple[Run, Case]]]:
    """Return the steps that did not pass, the worst first; not executed ones of a run together."""
    blocks: list[list[tuple[Run, Case]]] = []
    for _, run in worst_first(gate):
        cases = [case for case in run.verdict.cases if case.outcome is not Outcome.PASSED]
        skipped = [(run, case) for case in cases if case.outcome is Outcome.SKIPPED]
        blocks += ([(run, case)] for case in cases if case.outcome is not Outcome.SKIPPED)
        blocks += [skipped] if skipped else []
    return sorted(blocks, key=lambda block: block[0][1].outcome.rank)


def _block(
    block: Sequence[tuple[Run, Case]],
    gate: Gate,
    earlier: Earlier,
    differences: Differences,
) -> str:
    run, case = block[0]
    suite = "" if len(gate.runs) == 1 else f"{one_line(run.name, 80)}, "
    sign = f"{MARKS[case.outcome]} {suite}"
    if case.outcome is not Outcome.SKIPPED:
        title = (
            f"{sign}step {case.index} {OUTCOMES[case.outcome]}: {user_input(step_of(run, case))}"
        )
        return transcript(title, _explained(run, case, earlier, differences))
    count = f"{len(block)} step{'s' if len(block) > 1 else ''} {OUTCOMES[case.outcome]}"
    lines = (
        line(f"step {case.index}: {user_input(step_of(run, case))}{_firsts(case)}")
        for run, case in block[:_SKIPPED_SHOWN]
    )
    rest = [line(f"… and {len(block) - _SKIPPED_SHOWN} more")] * (len(block) > _SKIPPED_SHOWN)
    return transcript(f"{sign}{count}", (*lines, *rest))


def _firsts(case: Case) -> str:
    """Return the reasons of a step that was not executed, which are short."""
    return "".join(f"; {one_line(str(reason), 200)}" for reason in case.reasons[:_REASONS_SHOWN])


def _explained(run: Run, case: Case, earlier: Earlier, differences: Differences) -> Iterator[Line]:
    step = step_of(run, case)
    yield line(f"user said: {user_input(step, 1000)}")
    for reason in case.reasons:
        yield from explained(reason, _TEXT_LIMIT, differences)
    if found := earlier.changes.last_pass(run, case):
        yield from last_pass_lines(found, _TEXT_LIMIT)
    if step is not None:
        yield from map(line, details_of(step))
    if text := earlier.of_step(run, case):
        yield line(text)
