"""What the page shows of a run besides its conversation: verdict, reasons, and earlier runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec.structs import replace

from gatekeeper.core.model import Case, Run, Steps, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.reports.findings import web_link
from gatekeeper.core.reports.page.limits import Extent
from gatekeeper.core.reports.page.trend import Chart, chart
from gatekeeper.core.result_file.trends import Trend
from gatekeeper.core.text import cut_middle, one_line, printable, seconds
from gatekeeper.core.wording.verdicts import (
    OUTCOMES,
    attempt_of,
    counted,
    ending_of,
    reasons_of,
    start_of,
)

_REASON_LIMIT = 5_000
_MOST_REASONS = 100
_FACT_LIMIT = 400
_ID_LIMIT = 200
_SHORT_ID = 16
_MOST_BARS = 1_000
# A label that lists more stretches does not help anyone who hears it read aloud.
_MOST_STRETCHES = 12


class Bar(Record):
    """A stretch of consecutive steps with the same outcome."""

    start: int
    length: int
    outcome: Outcome


class Identifier(Record):
    """An id in three pieces, of which the page abbreviates the middle one."""

    start: str
    middle: str
    end: str


class Overview(Record):
    """What the page shows of a run besides its steps; `number` counts from 1.

    `bars` are the outcomes of its steps in order, and `bars_label` describes them for screen
    readers. `left_out` says how many steps the page does not show. `facts` are what was asked for.
    """

    number: int
    name: str
    outcome: Outcome
    counted: str
    is_flaky: bool
    duration: str
    run_id: Identifier | None
    facts: tuple[tuple[str, str], ...]
    results_url: str | None
    bars: tuple[Bar, ...]
    bars_label: str
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    warnings_counted: str
    advice: tuple[str, ...]
    left_out: str
    chart: Chart | None


def overview(number: int, run: Run, extent: Extent, trend: Trend) -> Overview:
    """Sum up a run; `number` is the run's, from 1, and `trend` has its suite's earlier runs."""
    verdict = run.verdict
    ending = ending_of(run)
    reasons = [cut_middle(reason, _REASON_LIMIT) for reason in _own_reasons(verdict)]
    advice = tuple(reason for reason in reasons if reason.startswith("next: "))
    facts = (
        ("Attempt", attempt_of(run).removeprefix("attempt ")),
        ("Version", run.bot_version),
        ("Language", run.language),
        ("Started", start_of(run.started_by) if run.started_by else ""),
    )
    hidden = [case for case in verdict.cases if (number - 1, case.index) not in extent.steps]
    bars = tuple(_bars([case.outcome for case in verdict.cases]))
    return Overview(
        number=number,
        name=one_line(run.name, 500) or "(unnamed)",
        outcome=verdict.outcome,
        # The verdict says this already where no step was run.
        counted="" if ending == OUTCOMES[verdict.outcome] else ending,
        is_flaky=run.is_flaky,
        duration="" if run.duration is None else seconds(run.duration),
        run_id=_identifier(one_line(run.test_run_id or "", _ID_LIMIT)),
        facts=tuple((label, one_line(value, _FACT_LIMIT)) for label, value in facts if value),
        results_url=web_link(run.results_url, "https"),
        bars=bars,
        bars_label=f"Steps in order: {_stretches(bars) or counted(verdict.steps)}",
        reasons=_bounded([reason for reason in reasons if reason not in advice]),
        warnings=_bounded([printable(str(warning)) for warning in verdict.warnings]),
        warnings_counted=_warnings_counted(verdict),
        advice=advice,
        left_out=_left_out(hidden),
        chart=chart(trend),
    )


def _own_reasons(verdict: Verdict) -> list[str]:
    """Return the reasons that the counts of steps do not give already."""
    only_run = replace(verdict, cases=(), steps=Steps())
    return reasons_of(only_run)


def _warnings_counted(verdict: Verdict) -> str:
    count = len(verdict.warnings) + sum(len(case.warnings) for case in verdict.cases)
    return f"{count} warning{'s' if count > 1 else ''}" if count else ""


def _identifier(text: str) -> Identifier | None:
    if not text:
        return None
    if len(text) <= _SHORT_ID:
        return Identifier(text, "", "")
    return Identifier(text[:4], text[4:-8], text[-8:])


def _bounded(texts: list[str]) -> tuple[str, ...]:
    more = len(texts) - _MOST_REASONS
    kept = [cut_middle(text, _REASON_LIMIT) for text in texts[:_MOST_REASONS]]
    return (*kept, f"and {more} more") if more > 0 else tuple(kept)


def _bars(outcomes: Sequence[Outcome]) -> Iterator[Bar]:
    """Draw outcomes in order; where they are too many, the worst stands for its neighbours."""
    width = -(-len(outcomes) // _MOST_BARS) or 1
    columns = (outcomes[at : at + width] for at in range(0, len(outcomes), width))
    start = 0
    for outcome, alike in groupby(min(column, key=lambda each: each.rank) for column in columns):
        length = sum(1 for _ in alike)
        yield Bar(start, length, outcome)
        start += length


def _stretches(bars: Sequence[Bar]) -> str:
    if len(bars) > _MOST_STRETCHES or sum(bar.length for bar in bars) >= _MOST_BARS:
        return ""
    return ", ".join(f"{bar.length} {OUTCOMES[bar.outcome]}" for bar in bars)


def _left_out(hidden: Sequence[Case]) -> str:
    """Return how many steps are not shown and their outcomes; empty if all are shown."""
    if not hidden:
        return ""
    counts = Counter(case.outcome for case in hidden)
    outcomes = ", ".join(
        f"{counts[outcome]:,} {OUTCOMES[outcome]}" for outcome in Outcome if counts[outcome]
    )
    are = "steps are" if len(hidden) > 1 else "step is"
    return f"{len(hidden):,} {are} not shown here: {outcomes}. The JUnit XML has all steps."
