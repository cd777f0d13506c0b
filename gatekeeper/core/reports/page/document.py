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
from gatekeeper.core.reports.earlier import NOTHING_EARLIER, Earlier
from gatekeeper.core.reports.findings import (
    Place,
    appearance,
    blocking,
    name_of,
    warnings,
    web_link,
    worst_first,
)
from gatekeeper.core.reports.page.broken import broken, let_pass
from gatekeeper.core.reports.page.limits import Extent, extent
from gatekeeper.core.reports.page.overview import overview
from gatekeeper.core.reports.page.steps import stretches
from gatekeeper.core.reports.page.templates import embedded, templates
from gatekeeper.core.text import one_line
from gatekeeper.core.wording.differences import Differences, differences_of
from gatekeeper.core.wording.verdicts import MARKS, OUTCOMES, verdict_line

# The template's own pieces are joined into larger ones.
_BATCH = 50


def page(
    gate: Gate,
    earlier: Earlier = NOTHING_EARLIER,
    differences: Differences | None = None,
) -> Iterator[str]:
    """Render the gate as HTML, in pieces, with what is known of earlier gates."""
    differences = differences or differences_of(gate)
    visible = extent(gate)
    template = templates().get_template("page.html")
    # Nothing is inserted into either.
    style = Markup(embedded("page.css") + embedded("message.css"))  # noqa: S704
    script = Markup(embedded("page.js"))  # noqa: S704
    word, _, details = verdict_line(gate).partition(": ")
    runs = worst_first(gate)
    first = next((place for place in blocking(gate) if _is_shown(place, visible)), None)
    stream = template.stream(
        policy=_policy(style, script),
        style=style,
        script=script,
        marks=MARKS,
        words=OUTCOMES,
        verdict=word,
        details=details,
        outcome=appearance(gate),
        started=gate.started_at,
        facts=_facts(gate, differences.note, earlier.changes.sentence),
        pipeline=web_link(gate.pipeline.url, "https", "http"),
        first_failure=first,
        first_failure_name=name_of(first) if first else "",
        broken=broken(gate, differences, earlier.changes),
        let_pass=let_pass(gate, differences, earlier.changes),
        filters=_filters(gate),
        overviews=[overview(number, run, visible, earlier.trends.of(run)) for number, run in runs],
        stretches_of=lambda number: stretches(
            number, gate.runs[number - 1], visible, earlier, differences
        ),
        is_all_good=len(runs) == 1 and gate.outcome is Outcome.PASSED and not gate.steps.tolerated,
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


def _facts(gate: Gate, note: str, changed: str) -> list[tuple[str, str]]:
    signal = gate.interrupted_by
    facts = (
        ("Changes", changed),
        ("Exit code", str(gate.exit_code.value)),
        ("Interrupted by signal", "" if signal is None else str(signal)),
        ("Reports not written", ", ".join(gate.unwritten)),
        ("Note", note),
        ("Commit", gate.pipeline.commit or ""),
        ("Pipeline", gate.pipeline.url or ""),
    )
    return [(label, one_line(value, 500)) for label, value in facts if value]


def _is_shown(place: Place, visible: Extent) -> bool:
    return place.case is not None and (place.number - 1, place.case.index) in visible.steps


def _filters(gate: Gate) -> list[tuple[str, str, int]]:
    """Return each filter's name, label and count: as the headline and the summary count them."""
    steps = gate.steps
    outcomes = (
        (Outcome.FAILED, steps.failed),
        (Outcome.ERROR, steps.error),
        (Outcome.SKIPPED, steps.skipped),
        (Outcome.TOLERATED, steps.tolerated),
        (Outcome.PASSED, steps.passed),
    )
    filters = [
        ("all", "All", steps.total),
        *((outcome.value, OUTCOMES[outcome].capitalize(), count) for outcome, count in outcomes),
        ("warned", "Warnings", sum(1 for _ in warnings(gate))),
    ]
    return [(name, label, count) for name, label, count in filters if count or name == "all"]
