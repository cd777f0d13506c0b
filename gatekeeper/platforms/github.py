"""What GitHub wants to be told by a step: outputs, a job summary, masks and annotations."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from gatekeeper.core.model import Gate
from gatekeeper.core.reports.annotations import Annotation
from gatekeeper.core.text import cut_middle, printable
from gatekeeper.files import append_to

OUTPUTS = {
    "verdict": "passed, failed, error or timeout.",
    "exit-code": "The exit code of the gate.",
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


def is_github(environ: Mapping[str, str]) -> bool:
    """Whether this is a job of GitHub's."""
    return environ.get("GITHUB_ACTIONS") == "true"


def masks(secrets: Iterable[str], environ: Mapping[str, str]) -> list[str]:
    """Return the commands by which the runner masks these secrets in the log; none elsewhere."""
    if not is_github(environ):
        return []
    lines = dict.fromkeys(line for secret in secrets for line in secret.splitlines() if line)
    return [f"::add-mask::{line.replace('%', '%25')}" for line in lines]


# Of what a step says more often than this, GitHub shows nothing.
ANNOTATIONS_A_LEVEL = 10
_MESSAGE_LIMIT = 4000


def annotation_commands(found: Iterable[Annotation], environ: Mapping[str, str]) -> list[str]:
    """Return the commands by which the runner shows these remarks; none elsewhere."""
    return [_command(one) for one in found] if is_github(environ) else []


def _command(annotation: Annotation) -> str:
    level = "warning" if annotation.is_warning else "error"
    told = {"title": annotation.title, "file": annotation.file, "line": annotation.line}
    properties = ",".join(
        f"{name}={_escaped(str(value), ':,')}" for name, value in told.items() if value
    )
    message = _escaped(cut_middle(printable(annotation.message), _MESSAGE_LIMIT))
    return f"::{level} {properties}::{message}"


def _escaped(text: str, more: str = "") -> str:
    """Escape what would end a command's line, or one of its properties."""
    return "".join(f"%{ord(one):02X}" if one in f"%\r\n{more}" else one for one in text)


def takes_summary(environ: Mapping[str, str]) -> bool:
    """Whether GitHub names a file for the job summary."""
    return bool(environ.get("GITHUB_STEP_SUMMARY"))


def write_summary(markdown: str, environ: Mapping[str, str]) -> None:
    """Append the job summary; raises `ReportNotWritten`."""
    _append(environ["GITHUB_STEP_SUMMARY"], markdown)


def write_outputs(
    gate: Gate, junit: Path | None, report_dir: Path, environ: Mapping[str, str]
) -> None:
    """Append the outputs, where GitHub names a file for them; raises `ReportNotWritten`.

    `junit` is where the JUnit XML is, if it is written.
    """
    if path := environ.get("GITHUB_OUTPUT"):
        values = _values(gate, junit, report_dir)
        _append(path, "".join(_output(*value) for value in values.items()))


def write_matrix(matrix: str, environ: Mapping[str, str]) -> None:
    """Append the matrix of a plan as an output, where GitHub names a file for outputs.

    Raises `ReportNotWritten`.
    """
    if path := environ.get("GITHUB_OUTPUT"):
        _append(path, _output("matrix", matrix))


def _values(gate: Gate, junit: Path | None, report_dir: Path) -> dict[str, str]:
    steps = gate.steps
    values = (
        gate.outcome.value,
        gate.exit_code.value,
        ",".join(run.test_run_id for run in gate.runs if run.test_run_id),
        steps.total,
        steps.passed,
        steps.failed,
        steps.error,
        steps.skipped,
        f"{gate.duration:.3f}",
        junit or "",
        report_dir,
        ",".join(run.results_url for run in gate.runs if run.results_url),
    )
    return dict(zip(OUTPUTS, map(str, values), strict=True))


def _output(name: str, value: str) -> str:
    """Write an output in the form that no value can break out of."""
    delimiter = f"end-{secrets.token_hex(16)}"
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def _append(path: str, text: str) -> None:
    # A path can hold bytes that are no text; they go as they came.
    append_to(Path(path), text.encode("utf-8", "surrogateescape"))
