"""`report.html`: the whole gate on one page that needs nothing else, not even scripts or styles.

Everything is in the HTML; styles make it pleasant, and scripts help to find something in it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256

from markupsafe import Markup

from gatekeeper.core.model import Gate
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.page.limits import Extent, extent
from gatekeeper.core.reports.page.overview import link, overview
from gatekeeper.core.reports.page.steps import anchor, turns
from gatekeeper.core.reports.page.templates import embedded, templates
from gatekeeper.core.result_file.trends import NO_TRENDS, Trends
from gatekeeper.core.text import one_line, seconds
from gatekeeper.core.wording.failures import MARKS, OUTCOMES, verdict_line

# In pieces of so many of the template's own.
_BATCH = 50


def page(gate: Gate, trends: Trends = NO_TRENDS) -> Iterator[str]:
    """Render the gate as HTML, in pieces; with how it went before, as far as `trends` tell."""
    shown = extent(gate)
    template = templates().get_template("page.html")
    # Neither takes anything in.
    style, script = Markup(embedded("page.css")), Markup(embedded("page.js"))  # noqa: S704
    word, _, told = verdict_line(gate).partition(": ")
    stream = template.stream(
        policy=_policy(style, script),
        style=style,
        script=script,
        marks=MARKS,
        words=OUTCOMES,
        verdict=word,
        told=told,
        outcome=_outcome(gate),
        started=gate.started_at,
        facts=_facts(gate),
        pipeline=link(gate.pipeline.url, "https", "http"),
        first_failure=_first_failure(gate, shown),
        counts=_counts(gate, shown),
        overviews=[
            overview(number, run, shown, trends.of(run)) for number, run in enumerate(gate.runs)
        ],
        turns_of=lambda number: turns(number - 1, gate.runs[number - 1], shown, trends),
    )
    stream.enable_buffering(_BATCH)
    return stream


def _policy(style: str, script: str) -> str:
    """Say what the page may do: nothing, but for its own style and script."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_hash(style)}'",
            f"script-src '{_hash(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _outcome(gate: Gate) -> Outcome:
    """Say as what the gate is shown: a pass with something amiss is none to be calm about."""
    amiss = gate.interrupted_by is not None or bool(gate.unwritten)
    return Outcome.ERROR if amiss and gate.outcome is Outcome.PASSED else gate.outcome


def _facts(gate: Gate) -> list[tuple[str, str]]:
    signal = gate.interrupted_by
    told = (
        ("Duration", seconds(gate.duration)),
        ("Exit code", str(gate.exit_code.value)),
        ("Ended by signal", "" if signal is None else str(signal)),
        ("Not written", ", ".join(gate.unwritten)),
        ("Commit", gate.pipeline.commit or ""),
        ("Pipeline", gate.pipeline.url or ""),
    )
    return [(label, one_line(value, 500)) for label, value in told if value]


def _first_failure(gate: Gate, shown: Extent) -> tuple[str, int] | None:
    """Find the first step that did not pass, by its place in the page and its number."""
    return next(
        (
            (anchor(number, case.index), case.index)
            for number, run in enumerate(gate.runs, 1)
            for case in run.verdict.cases
            if case.outcome is not Outcome.PASSED and (number - 1, case.index) in shown.steps
        ),
        None,
    )


def _counts(gate: Gate, shown: Extent) -> dict[str, int]:
    """Count the steps that each filter would show."""
    cases = [
        case
        for number, run in enumerate(gate.runs)
        for case in run.verdict.cases
        if (number, case.index) in shown.steps
    ]
    return {
        "all": len(cases),
        "failed": sum(case.outcome is not Outcome.PASSED for case in cases),
        "warnings": sum(bool(case.warnings) for case in cases),
    }
