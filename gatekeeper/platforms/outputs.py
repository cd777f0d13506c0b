"""The outputs of a gate: values that later steps and jobs of a pipeline can use."""

from __future__ import annotations

from pathlib import Path

from gatekeeper.core.model import Gate
from gatekeeper.core.text import printable
from gatekeeper.core.wording.verdicts import verdict_line

OUTPUTS = {
    "verdict": "passed, failed, error or timeout.",
    "headline": "The verdict in one line, as at the end of the log.",
    "exit-code": "The exit code of the gate.",
    "partial": "true if failed-from left suites out, otherwise false.",
    "test-run-id": "The id of the run (ctr-…).",
    "total": "Number of steps.",
    "passed": "Number of steps that passed.",
    "failed": "Number of steps that failed.",
    "errors": "Number of steps without a verdict.",
    "skipped": "Number of steps that were not executed.",
    "duration": "Duration of the gate in seconds.",
    "junit": "Path of the JUnit XML, if it is written.",
    "report-dir": "Folder of the reports.",
    "results-url": "Link to the platform's results file, if it provides one.",
}
"""Each output and its description."""


def outputs_of(gate: Gate, junit: Path | None, report_dir: Path) -> dict[str, str]:
    """Return the value of each output; `junit` is the path of the JUnit XML, if it is written."""
    steps = gate.steps
    values = (
        gate.outcome.value,
        verdict_line(gate),
        gate.exit_code.value,
        str(gate.partial is not None).lower(),
        ",".join(printable(run.test_run_id) for run in gate.runs if run.test_run_id),
        steps.total,
        steps.passed,
        steps.failed,
        steps.error,
        steps.skipped,
        f"{gate.duration:.3f}",
        junit or "",
        report_dir,
        ",".join(printable(run.results_url) for run in gate.runs if run.results_url),
    )
    return dict(zip(OUTPUTS, map(str, values), strict=True))
