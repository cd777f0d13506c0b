"""The tables of the summary: a row for each suite, with why it did not pass."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.core.model import Gate, Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.findings import (
    Place,
    blocking,
    finding,
    said_at,
    tolerance_of,
    tolerated,
    web_link,
)
from gatekeeper.core.reports.markdown import link, marked, plain
from gatekeeper.core.result_file.changes import Changes
from gatekeeper.core.text import one_line, seconds
from gatekeeper.core.wording.differences import Differences
from gatekeeper.core.wording.verdicts import attempt_of, counted

TITLES = "| Suite | Steps | Duration |\n|---|---|---|\n"
TITLES_WITH_WHY = "| Suite | Steps | Duration | Why |\n|---|---|---|---|\n"
ICONS = {
    Outcome.PASSED: "✅",
    Outcome.FAILED: "❌",
    Outcome.ERROR: "⚠️",
    Outcome.TIMEOUT: "⏱️",
    Outcome.SKIPPED: "⏭️",
    Outcome.TOLERATED: "🟡",
}
_NAME_LIMIT = 80
_SAID_LIMIT = 40
_SHORT_ID = 16
_MOST_REASONS = 10


def first_places(gate: Gate) -> dict[int, Place]:
    """Return for each run that did not pass, by its number, what broke or was tolerated first."""
    places: dict[int, Place] = {}
    for place in (*blocking(gate), *tolerated(gate)):
        places.setdefault(place.number, place)
    return places


def why(place: Place, differences: Differences, changes: Changes) -> str:
    """Return the first finding of a run, whether it is new, the run's own reasons, what to do."""
    found = finding(place, differences)
    lines = []
    if place.case:
        said = one_line(said_at(place), _SAID_LIMIT)
        lines.append(plain(f"step {place.case.index}{f': “{said}”' if said else ''}"))
    if found.expected or found.actual:
        subject = f" {plain(found.subject)}" if found.subject else ""
        lines.append(f"expected{subject}: {marked(found.expected)}")
        lines.append(f"actual: {marked(found.actual)}")
    else:
        lines.append(plain(found.text))
    if place.case and found.more:
        lines[-1] += plain(f" (and {found.more} more)")
    change = changes.of(place.run, place.case) if place.case else None
    lines += (plain(tolerance_of(place)), change or "", *_other_reasons(place))
    return "<br>".join(filter(None, lines))


def row(run: Run, reasons: str | None = None) -> str:
    """Return the row of a suite; `reasons` are a cell more."""
    icon = ICONS[run.verdict.outcome]
    cells = [
        f"{icon} {plain(one_line(run.name, _NAME_LIMIT) or '(unnamed)')}{_results_link(run)}",
        _steps(run),
        "" if run.duration is None else seconds(run.duration),
    ]
    if reasons is not None:
        cells.append(reasons)
    return f"| {' | '.join(cells)} |\n"


def _steps(run: Run) -> str:
    steps = run.verdict.steps
    parts = (
        counted(steps) if steps.total else "",
        "flaky" if run.is_flaky else "",
        attempt_of(run),
    )
    return plain(", ".join(filter(None, parts)))


def _results_link(run: Run) -> str:
    """Return a link to a run's results file, with the end of the run's id as its text."""
    if not (url := web_link(run.results_url)):
        return ""
    run_id = one_line(run.test_run_id or "results", 200)
    text = run_id if len(run_id) <= _SHORT_ID else f"…{run_id[-8:]}"
    return f" {link(url, text)}"


def _other_reasons(place: Place) -> Iterator[str]:
    """Yield the run's own reasons that are not its first finding, and what to do next."""
    verdict = place.run.verdict
    reasons = verdict.reasons if place.case else verdict.reasons[1:]
    for reason in reasons[:_MOST_REASONS]:
        yield plain(one_line(str(reason), 300))
    if (more := len(reasons) - _MOST_REASONS) > 0:
        yield f"and {more} more"
    if verdict.next_step:
        yield plain(one_line(f"next: {verdict.next_step}", 300))
