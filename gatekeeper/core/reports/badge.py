"""The badge: the verdict, and how many steps or suites it is about, as an SVG image."""

from __future__ import annotations

from html import escape

from gatekeeper.core.model import Gate
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.findings import appearance
from gatekeeper.core.wording.verdicts import headline_counts

_LABEL = "conversations"
_COLOURS = {Outcome.PASSED: "#1a7f37", Outcome.FAILED: "#cf222e"}
_OTHER_COLOUR = "#9a6700"
_CHARACTER = 6.6  # pixels, the average of the font; the text is stretched to fit
_PADDING = 12
_TEMPLATE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{title}">
<title>{title}</title>
<rect width="{width}" height="20" rx="3" fill="{colour}"/>
<path d="M3 0h{rest}v20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="#24292f"/>
<g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">
<text x="6" y="14" textLength="{label_length}">{label}</text>
<text x="{value_at}" y="14" textLength="{value_length}">{value}</text>
</g>
</svg>
"""


def badge(gate: Gate) -> str:
    """Render the gate as a badge."""
    value = escape(f"partial, {_value(gate)}" if gate.partial else _value(gate))
    label_length, value_length = (round(len(text) * _CHARACTER) for text in (_LABEL, value))
    left = label_length + _PADDING
    return _TEMPLATE.format(
        width=left + value_length + _PADDING,
        rest=left - 3,
        colour=_COLOURS.get(appearance(gate), _OTHER_COLOUR),
        title=f"{_LABEL}: {value}",
        label=_LABEL,
        label_length=label_length,
        value=value,
        value_at=left + _PADDING // 2,
        value_length=value_length,
    )


def _value(gate: Gate) -> str:
    if gate.interrupted_by is not None and gate.outcome is not Outcome.FAILED:
        return "interrupted"
    if sum(run.is_suite for run in gate.runs) > 1:
        return headline_counts(gate)[0]
    steps = gate.steps
    return f"{gate.outcome} {steps.passed}/{steps.total}" if steps.total else str(gate.outcome)
