"""What the page shows of a run before its conversation: its verdict, why, and how it went."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from gatekeeper.core.model import Case, Run, Steps
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.reports.page.limits import Extent
from gatekeeper.core.reports.page.trend import Chart, chart
from gatekeeper.core.result_file.trends import Trend
from gatekeeper.core.text import cut_middle, one_line, printable, seconds
from gatekeeper.core.wording.failures import OUTCOMES, counted, reasons_of, run_id_of

_REASON_LIMIT = 5_000
_MOST_REASONS = 100
_MOST_BARS = 1_000
# A label that lists more stretches than these is no help to whoever hears it.
_STRETCHES_TOLD = 12
_LINK = re.compile(r"(https?)://[!-~]{1,4000}")


class Bar(Record):
    """A stretch of neighbouring steps that ended alike."""

    start: int
    length: int
    outcome: Outcome


class Overview(Record):
    """What the page shows of a run beside its steps; `number` counts from 1.

    `bars` is how its steps ended, in order, and `bars_told` the same in words; `advice` is what to
    do next, `left_out` how many steps are not shown, and `chart` how earlier runs went.
    """

    number: int
    name: str
    outcome: Outcome
    counted: str
    steps: Steps
    duration: str
    particulars: tuple[tuple[str, str], ...]
    results_url: str | None
    bars: tuple[Bar, ...]
    bars_told: str
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    advice: tuple[str, ...]
    left_out: str
    chart: Chart | None


def overview(number: int, run: Run, shown: Extent, trend: Trend) -> Overview:
    """Sum up a run; `number` is the run's, from 0, and `trend` how it went before."""
    verdict = run.verdict
    told = [cut_middle(one, _REASON_LIMIT) for one in reasons_of(verdict)]
    advice = tuple(one for one in told if one.startswith("next: "))
    particulars = (
        ("Run id", run_id_of(run)),
        ("Version", run.bot_version),
        ("Language", run.language),
    )
    hidden = [case for case in verdict.cases if (number, case.index) not in shown.steps]
    bars = tuple(_bars([case.outcome for case in verdict.cases]))
    return Overview(
        number=number + 1,
        name=one_line(run.name, 500) or "(unnamed)",
        outcome=verdict.outcome,
        counted=counted(verdict.steps),
        steps=verdict.steps,
        duration="" if run.duration is None else seconds(run.duration),
        particulars=tuple((label, one_line(value or "", 400)) for label, value in particulars),
        results_url=link(run.results_url, "https"),
        bars=bars,
        bars_told=f"The steps in order: {_told(bars) or counted(verdict.steps)}",
        reasons=_bounded([one for one in told if one not in advice]),
        warnings=_bounded([printable(str(warning)) for warning in verdict.warnings]),
        advice=advice,
        left_out=_left_out(hidden),
        chart=chart(trend),
    )


def _bounded(texts: list[str]) -> tuple[str, ...]:
    more = len(texts) - _MOST_REASONS
    kept = [cut_middle(text, _REASON_LIMIT) for text in texts[:_MOST_REASONS]]
    return (*kept, f"and {more} more") if more > 0 else tuple(kept)


def _bars(outcomes: Sequence[Outcome]) -> Iterator[Bar]:
    """Draw how steps ended, in order; of too many to be told apart, the worst stand for all."""
    width = -(-len(outcomes) // _MOST_BARS) or 1
    columns = (outcomes[at : at + width] for at in range(0, len(outcomes), width))
    start = 0
    for outcome, alike in groupby(min(one, key=lambda each: each.rank) for one in columns):
        length = sum(1 for _ in alike)
        yield Bar(start, length, outcome)
        start += length


def _told(bars: Sequence[Bar]) -> str:
    if len(bars) > _STRETCHES_TOLD or sum(bar.length for bar in bars) >= _MOST_BARS:
        return ""
    return ", ".join(f"{bar.length} {OUTCOMES[bar.outcome]}" for bar in bars)


def _left_out(hidden: Sequence[Case]) -> str:
    """Say how many steps are not shown, and how they ended; nothing where all are."""
    if not hidden:
        return ""
    counts = Counter(case.outcome for case in hidden)
    ended = ", ".join(f"{counts[one]:,} {OUTCOMES[one]}" for one in Outcome if counts[one])
    are = "steps are" if len(hidden) > 1 else "step is"
    return f"{len(hidden):,} {are} left out of this page: {ended}. The JUnit XML has every step."


def link(url: str | None, *schemes: str) -> str | None:
    """Return a URL that may be a link, of one of these schemes."""
    found = _LINK.fullmatch(url or "")
    return url if found and found[1] in schemes else None
