"""The summary in Markdown: for GitHub's job page, and for a comment on a pull or merge request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from msgspec.structs import replace

from gatekeeper.core.model import Case, Gate, Run, Steps
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.earlier import NOTHING_EARLIER, Earlier, last_pass_lines
from gatekeeper.core.reports.findings import (
    Place,
    appearance,
    blocking,
    finding,
    name_of,
    said_at,
    tolerance_of,
    tolerated,
    warnings,
    web_link,
    worst_first,
)
from gatekeeper.core.result_file.changes import Change, Changes
from gatekeeper.core.result_file.trends import Trends
from gatekeeper.core.text import one_line, printable, seconds
from gatekeeper.core.wording.differences import Differences, differences_of
from gatekeeper.core.wording.failures import explained
from gatekeeper.core.wording.steps import details_of, step_of, user_input
from gatekeeper.core.wording.styled import Line, Mark, Marks, line, rendered
from gatekeeper.core.wording.verdicts import (
    MARKS,
    OUTCOMES,
    ending_of,
    reasons_of,
    verdict_line,
)

# GitHub discards a job summary of over 1 MiB and accepts comments of up to 65,536 characters.
JOB_BYTES = 1024 * 1024 - 1024
COMMENT_BYTES = 65_000
# Characters that could start markup or HTML in a text from a bot.
_MARKUP = re.compile(r"[\\`*_{}\[\]()<>#+!|~@&:\"']")
# What GitHub turns into a mention, a reference or a link, even after a character reference.
_LINKS = re.compile(r"@|#|:(?=//)|www(?=\.)", re.IGNORECASE)
_DIFFERENCE: Marks = {Mark.MISSING: ("<del>", "</del>"), Mark.EXTRA: ("<ins>", "</ins>")}
_TEXT_LIMIT = 2_000
_NOT_OF_URLS = re.compile(r"[^A-Za-z0-9/?&=.:%~+,;-]")
_NAME_LIMIT = 80
_SAID_LIMIT = 40
_SHORT_ID = 16
_REASONS_SHOWN = 10
_SKIPPED_SHOWN = 50
# Of what is left, at each step: rows, passed suites and notes may not crowd out the steps.
_SHARE = 2
_TITLES = "| Suite | Steps | Duration |\n|---|---|---|\n"
_TITLES_WITH_WHY = "| Suite | Steps | Duration | Why |\n|---|---|---|---|\n"
_ICONS = {
    Outcome.PASSED: "✅",
    Outcome.FAILED: "❌",
    Outcome.ERROR: "⚠️",
    Outcome.TIMEOUT: "⏱️",
    Outcome.SKIPPED: "⏭️",
    Outcome.TOLERATED: "🟡",
}
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
    left = limit - _size(head + _TITLES + _TITLES_WITH_WHY) - 1000
    whys = _whys(gate, differences, earlier.changes)

    def row(numbered: tuple[int, Run]) -> str:
        number, run = numbered
        return _row(run, whys.get(number, ""))

    rows, more_rows = _fitting(listed, row, left // _SHARE)
    left -= _size("".join(rows))
    good, more_good = _fitting(passed, lambda pair: _row(pair[1]), left // _SHARE)
    left -= _size("".join(good))
    all_notes = [
        *_notes(gate, earlier.trends, differences.note),
        *_fixed(gate, earlier.changes),
    ]
    # Warnings come last, and still have their share.
    notes, more_notes = _fitting(all_notes, str, left // _SHARE)
    left -= _size("".join(notes))
    steps, more_steps = _fitting(
        _step_blocks(gate), lambda block: _block(block, gate, earlier, differences), left
    )
    parts = [head]
    if rows:
        parts += [_TITLES_WITH_WHY, *rows, "\n"]
    if passed:
        parts.append(_folded(_passed_title(passed), f"{_TITLES}{''.join(good)}"))
    if steps:
        parts += [steps[0].replace("<details>", "<details open>", 1), *steps[1:]]
    if notes:
        parts.append(_folded(_notes_title(all_notes), "".join(notes), opened=not steps))
    parts += [
        f"\n… and {count} more {what}: see {_plain(page)}.\n"
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
    icon = _ICONS[appearance(gate)]
    facts = []
    if url := web_link(gate.pipeline.url, "https", "http"):
        facts.append(f'<a href="{_quoted(url)}">Pipeline</a>')
    if gate.pipeline.commit:
        facts.append(f"commit {_plain(one_line(gate.pipeline.commit, 40))}")
    facts += [_plain(f"not written: {one_line(text)}") for text in gate.unwritten]
    about = f"{' · '.join(facts)}\n\n" if facts else ""
    if changed:
        about += f"{_plain(changed)}\n\n"
    return f"### {icon} gatekeeper: {_plain(verdict_line(gate))}\n\n{about}"


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


def _whys(gate: Gate, differences: Differences, changes: Changes) -> dict[int, str]:
    """Return for each run that did not pass, by its number, its first finding in one line."""
    whys: dict[int, str] = {}
    for place in (*blocking(gate), *tolerated(gate)):
        if place.number not in whys:
            whys[place.number] = _why(place, differences, changes)
    return whys


def _why(place: Place, differences: Differences, changes: Changes) -> str:
    found = finding(place, differences)
    lines = []
    if place.case:
        said = one_line(said_at(place), _SAID_LIMIT)
        lines.append(_plain(f"step {place.case.index}{f': “{said}”' if said else ''}"))
    if found.expected or found.actual:
        subject = f" {_plain(found.subject)}" if found.subject else ""
        lines.append(f"expected{subject}: {_rendered(found.expected)}")
        lines.append(f"actual: {_rendered(found.actual)}")
    else:
        lines.append(_plain(found.text))
    if found.more:
        lines[-1] += f" (and {found.more} more)"
    change = changes.of(place.run, place.case) if place.case else None
    lines += filter(None, [_plain(tolerance_of(place)), change])
    return "<br>".join(lines)


def _row(run: Run, why: str | None = None) -> str:
    icon = _ICONS[run.verdict.outcome]
    cells = [
        f"{icon} {_plain(one_line(run.name, _NAME_LIMIT)) or '(unnamed)'}{_results_link(run)}",
        _plain(ending_of(run)),
        "" if run.duration is None else seconds(run.duration),
    ]
    if why is not None:
        cells.append("<br>".join(filter(None, (why, *_advice(run)))))
    return f"| {' | '.join(cells)} |\n"


def _results_link(run: Run) -> str:
    """Return a link to a run's results file, with the end of the run's id as its text."""
    if not web_link(run.results_url):
        return ""
    run_id = one_line(run.test_run_id or "results", 200)
    text = run_id if len(run_id) <= _SHORT_ID else f"…{run_id[-8:]}"
    return f' <a href="{_quoted(run.results_url or "")}">{_plain(text)}</a>'


def _advice(run: Run) -> Iterator[str]:
    """Yield the run's own reasons that its first finding does not give, and what to do next."""
    verdict = run.verdict
    is_red = any(not case.outcome.is_green for case in verdict.cases)
    reasons = [str(reason) for reason in verdict.reasons][0 if is_red else 1 :]
    texts = reasons_of(replace(verdict, cases=(), steps=Steps(), reasons=()))
    for text in (*reasons[:_REASONS_SHOWN], *texts):
        yield _plain(one_line(text, 300))
    if (more := len(reasons) - _REASONS_SHOWN) > 0:
        yield f"and {more} more"


def _passed_title(passed: Sequence[tuple[int, Run]]) -> str:
    flaky = sum(run.is_flaky for _, run in passed)
    count = f"{len(passed)} suite{'s' if len(passed) > 1 else ''} passed"
    return f"{_ICONS[Outcome.PASSED]} {count}{f', {flaky} of them flaky' if flaky else ''}"


def _notes(gate: Gate, trends: Trends, note: str) -> Iterator[str]:
    """Yield every warning, the gate's note, and each run's trend."""
    for place, warning in warnings(gate):
        step = f", step {place.case.index}" if place.case else ""
        text = _plain(one_line(str(warning), 500))
        yield f"- {_plain(name_of(place))}{step}, warning: {text}\n"
    if note:
        yield f"- {_plain(note)}\n"
    for run in gate.runs:
        if recently := str(trends.of(run)):
            yield f"- {_plain(one_line(run.name))}, {_plain(recently)}\n"


def _fixed(gate: Gate, changes: Changes) -> Iterator[str]:
    """Yield the steps that failed in an earlier result and pass now."""
    for run in gate.runs:
        for case in run.verdict.cases:
            if changes.of(run, case) is Change.FIXED:
                said = _plain(user_input(step_of(run, case), _SAID_LIMIT))
                yield f"- {_plain(one_line(run.name))}, step {case.index}, fixed: {said}\n"


def _notes_title(notes: Sequence[str]) -> str:
    count = sum(", warning: " in note for note in notes)
    if not count:
        return "Notes"
    return f"{count} warning{'s' if count > 1 else ''}{' and notes' if count < len(notes) else ''}"


def _quoted(url: str) -> str:
    """Percent-encode what means something in Markdown or HTML but nothing in a URL."""
    quoted = _NOT_OF_URLS.sub(lambda match: f"%{ord(match[0]):02X}", url)
    return quoted.replace("&", "&amp;")


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
        return _transcript(title, _explained(run, case, earlier, differences))
    count = f"{len(block)} step{'s' if len(block) > 1 else ''} {OUTCOMES[case.outcome]}"
    lines = (
        line(f"step {case.index}: {user_input(step_of(run, case))}{_firsts(case)}")
        for run, case in block[:_SKIPPED_SHOWN]
    )
    rest = [line(f"… and {len(block) - _SKIPPED_SHOWN} more")] * (len(block) > _SKIPPED_SHOWN)
    return _transcript(f"{sign}{count}", (*lines, *rest))


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


def _transcript(title: str, lines: Iterable[Line]) -> str:
    body = "\n".join(map(_rendered, lines))
    return _folded(_plain(title), f"<pre>\n{body}\n</pre>\n")


def _folded(title: str, body: str, *, opened: bool = False) -> str:
    """Fold Markdown or HTML under a title that is escaped already."""
    return f"<details{' open' * opened}><summary>{title}</summary>\n\n{body}\n</details>\n\n"


def _rendered(spans: Line) -> str:
    return rendered(spans, _DIFFERENCE, _plain)


def _plain(text: str) -> str:
    """Escape a text so that Markdown and HTML show it unchanged, without links."""
    unlinked = _LINKS.sub("\\g<0>\N{WORD JOINER}", printable(text))
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};", unlinked)
