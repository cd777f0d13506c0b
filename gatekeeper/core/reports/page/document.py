"""`report.html`: the whole gate on one page that needs nothing else, not even scripts or styles.

Everything is in the HTML: styles only make it pleasant to read, and scripts help to find steps.
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
from gatekeeper.core.wording.differences import Differences, differences_of
from gatekeeper.core.wording.verdicts import MARKS, OUTCOMES, verdict_line

# The template's own pieces are joined into larger ones.
_BATCH = 50


def page(
    gate: Gate, trends: Trends = NO_TRENDS, differences: Differences | None = None
) -> Iterator[str]:
    """Render the gate as HTML, in pieces, with the trends of earlier runs."""
    differences = differences or differences_of(gate)
    visible = extent(gate)
    template = templates().get_template("page.html")
    # Nothing is inserted into either.
    style = Markup(embedded("page.css") + embedded("message.css"))  # noqa: S704
    script = Markup(embedded("page.js"))  # noqa: S704
    word, _, details = verdict_line(gate).partition(": ")
    stream = template.stream(
        policy=_policy(style, script),
        style=style,
        script=script,
        marks=MARKS,
        words=OUTCOMES,
        verdict=word,
        details=details,
        outcome=_outcome(gate),
        started=gate.started_at,
        facts=_facts(gate, differences.note),
        pipeline=link(gate.pipeline.url, "https", "http"),
        first_failure=_first_failure(gate, visible),
        counts=_counts(gate, visible),
        overviews=[
            overview(number, run, visible, trends.of(run)) for number, run in enumerate(gate.runs)
        ],
        turns_of=lambda number: turns(
            number - 1, gate.runs[number - 1], visible, trends, differences
        ),
    )
    stream.enable_buffering(_BATCH)
    return stream


def _policy(style: str, script: str) -> str:
    """Return the content security policy: nothing but the page's own style and script."""
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
    """Return the outcome that colours the page: a pass is not green if something else is wrong."""
    is_incomplete = gate.interrupted_by is not None or bool(gate.unwritten)
    return Outcome.ERROR if is_incomplete and gate.outcome is Outcome.PASSED else gate.outcome


def _facts(gate: Gate, note: str) -> list[tuple[str, str]]:
    signal = gate.interrupted_by
    facts = (
        ("Duration", seconds(gate.duration)),
        ("Exit code", str(gate.exit_code.value)),
        ("Interrupted by signal", "" if signal is None else str(signal)),
        ("Reports not written", ", ".join(gate.unwritten)),
        ("Note", note),
        ("Commit", gate.pipeline.commit or ""),
        ("Pipeline", gate.pipeline.url or ""),
    )
    return [(label, one_line(value, 500)) for label, value in facts if value]


def _first_failure(gate: Gate, visible: Extent) -> tuple[str, int] | None:
    """Return the anchor and the number of the first step that did not pass."""
    return next(
        (
            (anchor(number, case.index), case.index)
            for number, run in enumerate(gate.runs, 1)
            for case in run.verdict.cases
            if case.outcome is not Outcome.PASSED and (number - 1, case.index) in visible.steps
        ),
        None,
    )


def _counts(gate: Gate, visible: Extent) -> dict[str, int]:
    """Count the steps that each filter shows."""
    cases = [
        case
        for number, run in enumerate(gate.runs)
        for case in run.verdict.cases
        if (number, case.index) in visible.steps
    ]
    return {
        "all": len(cases),
        "failed": sum(case.outcome is not Outcome.PASSED for case in cases),
        "warnings": sum(bool(case.warnings) for case in cases),
    }
