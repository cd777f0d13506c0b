"""The summary in Markdown: for GitHub's job page, and for a comment on a pull or merge request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from gatekeeper.core.model import Case, Gate, Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.result_file.trends import NO_TRENDS, Trends
from gatekeeper.core.text import one_line, printable, seconds
from gatekeeper.core.wording.differences import Differences, differences_of
from gatekeeper.core.wording.failures import explained
from gatekeeper.core.wording.steps import details_of, step_of, user_input
from gatekeeper.core.wording.styled import Line, Mark, Marks, line, rendered
from gatekeeper.core.wording.verdicts import (
    MARKS,
    OUTCOMES,
    counted,
    reasons_of,
    run_id_of,
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
_REASONS_SHOWN = 10
_TABLES_SHARE = 2
T = TypeVar("T")


def summary(
    gate: Gate,
    limit: int,
    page: str,
    trends: Trends = NO_TRENDS,
    differences: Differences | None = None,
) -> str:
    """Render the gate as Markdown of at most `limit` bytes; `page` is the file with all details.

    The verdict, a table with a row for each run, then each step that did not pass, folded. Rows and
    steps that do not fit are left out and counted.
    """
    differences = differences or differences_of(gate)
    mark = "✅" if gate.outcome is Outcome.PASSED and not gate.interrupted_by else "❌"
    head = f"### {mark} gatekeeper: {_plain(verdict_line(gate))}\n\n"
    titles = "| Suite | Verdict | Steps | Duration | Run | Why |\n|---|---|---|---|---|---|\n"
    left = limit - _size(head + titles) - 1000  # room for the lines about the rest
    rows, more_rows = _fitting(_worst_first(gate.runs), _row, left // _TABLES_SHARE)
    left -= _size("".join(rows))
    all_notes = list(_notes(gate, trends, differences.note))
    notes, more_notes = _fitting(all_notes, str, left // _TABLES_SHARE)
    left -= _size("".join(notes))
    red_steps = _steps(gate)

    def folded(step: tuple[Run, Case]) -> str:
        lines = _explained(*step, trends.of_step(*step), differences)
        is_first = step is red_steps[0]
        return _folded(_title(*step, alone=len(gate.runs) == 1), lines, opened=is_first)

    steps, more_steps = _fitting(red_steps, folded, left)
    rest = [
        f"\n… and {count} more {what}: see {_plain(page)}.\n"
        for count, what in (
            (more_rows, "runs"),
            (more_notes, "notes"),
            (more_steps, "steps that did not pass"),
        )
        if count
    ]
    return "".join((head, titles, *rows, "\n", *notes, "\n", *steps, *rest))


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


def _worst_first(runs: Iterable[Run]) -> list[Run]:
    return sorted(runs, key=lambda run: run.verdict.outcome.rank)


def _row(run: Run) -> str:
    reasons = [_plain(one_line(reason, 300)) for reason in reasons_of(run.verdict)]
    if len(reasons) > _REASONS_SHOWN:
        reasons = [*reasons[:_REASONS_SHOWN], f"and {len(reasons) - _REASONS_SHOWN} more"]
    cells = (
        _plain(one_line(run.name)),
        run.verdict.outcome.value,
        _plain(counted(run.verdict.steps)),
        "" if run.duration is None else seconds(run.duration),
        _plain(run_id_of(run)),
        "<br>".join(reasons),
    )
    return f"| {' | '.join(cells)} |\n"


def _notes(gate: Gate, trends: Trends, note: str) -> Iterator[str]:
    """Yield the gate's note, each run's trend, its warnings, and the link to its results file."""
    if note:
        yield f"- {_plain(note)}\n"
    for run in gate.runs:
        about = _plain(one_line(run.name))
        if recently := str(trends.of(run)):
            yield f"- {about}, {_plain(recently)}\n"
        for warning in run.verdict.warnings:
            yield f"- {about}, warning: {_plain(one_line(str(warning), 500))}\n"
        for case in run.verdict.cases:
            for warning in case.warnings:
                text = _plain(one_line(str(warning), 500))
                yield f"- {about}, step {case.index}, warning: {text}\n"
        if run.results_url:
            yield f'- {about}: <a href="{_quoted(run.results_url)}">results file</a>\n'


def _quoted(url: str) -> str:
    """Percent-encode what means something in Markdown or HTML but nothing in a URL."""
    quoted = _NOT_OF_URLS.sub(lambda match: f"%{ord(match[0]):02X}", url)
    return quoted.replace("&", "&amp;")


def _steps(gate: Gate) -> list[tuple[Run, Case]]:
    """Return the steps that did not pass, the worst first."""
    cases = [
        (run, case)
        for run in gate.runs
        for case in run.verdict.cases
        if case.outcome is not Outcome.PASSED
    ]
    return sorted(cases, key=lambda pair: pair[1].outcome.rank)


def _title(run: Run, case: Case, *, alone: bool) -> str:
    suite = "" if alone else f"{one_line(run.name, 80)}, "
    outcome = f"{MARKS[case.outcome]} {suite}step {case.index} {OUTCOMES[case.outcome]}"
    return f"{outcome}: {user_input(step_of(run, case))}"


def _explained(run: Run, case: Case, recently: str, differences: Differences) -> Iterator[Line]:
    step = step_of(run, case)
    yield line(f"user said: {user_input(step, 1000)}")
    for reason in case.reasons:
        yield from explained(reason, _TEXT_LIMIT, differences)
    if step is not None:
        yield from map(line, details_of(step))
    if recently:
        yield line(recently)


def _folded(title: str, lines: Iterable[Line], *, opened: bool) -> str:
    body = "\n".join(rendered(spans, _DIFFERENCE, _plain) for spans in lines)
    details = "<details open>" if opened else "<details>"
    return f"{details}<summary>{_plain(title)}</summary>\n\n<pre>\n{body}\n</pre>\n\n</details>\n\n"


def _plain(text: str) -> str:
    """Escape a text so that Markdown and HTML show it unchanged, without links."""
    unlinked = _LINKS.sub("\\g<0>\N{WORD JOINER}", printable(text))
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};", unlinked)
