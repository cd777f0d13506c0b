"""The job summary in Markdown."""

from __future__ import annotations

import re

from gatekeeper.core.model import Gate, Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.text import one_line, seconds
from gatekeeper.core.wording import counted, reasons_of, verdict_line

# Whatever could open markup or HTML when it comes from a bot.
_MARKUP = re.compile(r"[\\`*_{}\[\]()<>#+!|~@&:]")
# What GitHub makes a mention, a reference or a link of, also behind a character reference.
_LINKS = re.compile(r"@|#|:(?=//)|www(?=\.)", re.IGNORECASE)
_REASONS_SHOWN = 10


def summary(gate: Gate) -> str:
    """Render the gate as Markdown: the verdict, then a table with a row for each run."""
    mark = "✅" if gate.outcome is Outcome.PASSED and not gate.interrupted_by else "❌"
    rows = [
        f"### {mark} gatekeeper: {_plain(verdict_line(gate))}",
        "",
        "| Suite | Verdict | Steps | Duration | Run | Why |",
        "|---|---|---|---|---|---|",
        *map(_row, gate.runs),
        "",
    ]
    return "\n".join(rows)


def _row(run: Run) -> str:
    reasons = [_plain(one_line(reason, 300)) for reason in reasons_of(run.verdict)]
    if len(reasons) > _REASONS_SHOWN:
        reasons = [*reasons[:_REASONS_SHOWN], f"and {len(reasons) - _REASONS_SHOWN} more"]
    cells = (
        _plain(one_line(run.test_suite)),
        run.verdict.outcome.value,
        _plain(counted(run.verdict.steps)),
        "" if run.duration is None else seconds(run.duration),
        _plain(one_line(run.test_run_id or "")),
        "<br>".join(reasons),
    )
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """Escape a line so that Markdown shows it as it is, and no part of it as a link."""
    unlinked = _LINKS.sub("\\g<0>\N{WORD JOINER}", text)
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};", unlinked)
