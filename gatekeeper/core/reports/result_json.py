"""`result.json`: the gate's end for programs, in a documented shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from gatekeeper.core.model import Case, Gate, Reason, Run
from gatekeeper.core.text import one_line, printable
from gatekeeper.core.wording import name_of, reasons_of

SCHEMA = 1


def result_json(gate: Gate) -> Iterator[bytes]:
    """Render the gate as indented JSON in UTF-8; durations are in seconds."""
    document = {
        "schema": SCHEMA,
        "verdict": gate.outcome.value,
        "exit_code": gate.exit_code.value,
        "started_at": gate.started_at.isoformat(timespec="milliseconds"),
        "duration": round(gate.duration, 3),
        "runs": [_run(run) for run in gate.runs],
    }
    yield msgspec.json.format(msgspec.json.encode(document), indent=2)
    yield b"\n"


def _run(run: Run) -> dict[str, Any]:
    steps = run.verdict.steps
    return {
        "test_suite": printable(run.test_suite),
        "test_run_id": run.test_run_id and one_line(run.test_run_id),
        "stream_id": run.stream_id and one_line(run.stream_id),
        "language": run.language and one_line(run.language),
        "bot_version": run.bot_version and one_line(run.bot_version),
        "verdict": run.verdict.outcome.value,
        "steps": {
            "total": steps.total,
            "passed": steps.passed,
            "failed": steps.failed,
            "error": steps.error,
            "skipped": steps.skipped,
            "tolerated": steps.tolerated,
        },
        "reasons": reasons_of(run.verdict),
        "warnings": _told(run.verdict.warnings),
        "results_url": run.results_url and printable(run.results_url),
        "duration": None if run.duration is None else round(run.duration, 3),
        "cases": [_case(run, case) for case in run.verdict.cases],
    }


def _case(run: Run, case: Case) -> dict[str, Any]:
    return {
        "index": case.index,
        "name": name_of(run, case),
        "outcome": case.outcome.value,
        "reasons": _told(case.reasons),
    }


def _told(reasons: tuple[Reason, ...]) -> list[str]:
    return [printable(str(reason)) for reason in reasons]
