"""Every report of known results, word for word; `make golden` renews the expected files."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gatekeeper.core.model import Gate, Pipeline
from gatekeeper.core.reports.badge import badge
from gatekeeper.core.reports.junit import junit
from gatekeeper.core.reports.log import ending, runs
from gatekeeper.core.reports.summary import COMMENT_BYTES, summary
from gatekeeper.core.result_file.write import result_json
from gatekeeper.core.wording.styled import plain
from support.builders import run_of

GOLDEN = Path(__file__).parents[1] / "golden"
ANSWERS = sorted(GOLDEN.glob("*.answer.json"))
REPORTS: dict[str, Callable[[Gate], str]] = {
    "junit.xml": lambda gate: "".join(junit(gate)),
    "result.json": lambda gate: b"".join(result_json(gate)).decode(),
    "summary.md": lambda gate: summary(gate, COMMENT_BYTES, "report.html"),
    "badge.svg": badge,
    "console.txt": lambda gate: "".join(
        f"{plain(line)}\n"
        for line in (*runs(gate, "report.html"), *ending(gate, ["report.html"], "report.html"))
    ),
}


def gate_of(path: Path) -> Gate:
    run = run_of(path.read_bytes(), path.name.removesuffix(".answer.json"), language="en")
    pipeline = Pipeline("0123abc", "https://ci.example/jobs/1")
    return Gate((run,), datetime(2026, 5, 4, 3, 2, 0, tzinfo=UTC), 16.4, pipeline)


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("answer", ANSWERS, ids=lambda path: path.name.removesuffix(".answer.json"))
def test_a_report_is_as_expected(answer: Path, report: str) -> None:
    drawn = REPORTS[report](gate_of(answer))
    expected = answer.with_name(answer.name.replace("answer.json", report))
    if os.environ.get("GOLDEN") == "renew":
        expected.write_text(drawn, encoding="utf-8")
    assert drawn == expected.read_text(encoding="utf-8")
