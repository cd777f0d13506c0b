"""Writes `result.json`: how a gate ended, for other programs, in a documented schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from gatekeeper.core.answer.shape import Response, Step
from gatekeeper.core.model import Case, Comparison, Gate, Reason, Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.result_file.schema import (
    SCHEMA,
    SavedCase,
    SavedGate,
    SavedReason,
    SavedResponse,
    SavedRun,
)
from gatekeeper.core.text import as_text, cut_middle, one_line, printable
from gatekeeper.core.wording.steps import name_by, step_of
from gatekeeper.core.wording.verdicts import reasons_of

_TEXT_LIMIT = 20_000


def result_json(gate: Gate) -> Iterator[bytes]:
    """Render the gate as indented JSON in UTF-8; durations are in seconds."""
    yield msgspec.json.format(msgspec.json.encode(_gate(gate)), indent=2)
    yield b"\n"


def _gate(gate: Gate) -> SavedGate:
    return SavedGate(
        schema=SCHEMA,
        verdict=gate.outcome,
        exit_code=gate.exit_code.value,
        started_at=gate.started_at.isoformat(timespec="milliseconds"),
        duration=round(gate.duration, 3),
        interrupted_by=gate.interrupted_by,
        shard=gate.shard,
        commit=gate.pipeline.commit and _bounded(gate.pipeline.commit),
        pipeline_id=gate.pipeline.id and _bounded(gate.pipeline.id),
        pipeline_url=gate.pipeline.url and _bounded(gate.pipeline.url),
        unwritten=tuple(map(_bounded, gate.unwritten)),
        runs=tuple(map(_run, gate.runs)),
    )


def _run(run: Run) -> SavedRun:
    verdict = run.verdict
    started = run.result.result.start_time if run.result and run.result.result else None
    return SavedRun(
        test_suite=printable(run.test_suite),
        test_run_id=run.test_run_id and one_line(run.test_run_id),
        stream_id=run.stream_id and one_line(run.stream_id),
        language=run.language and one_line(run.language),
        bot_version=run.bot_version and one_line(run.bot_version),
        verdict=verdict.outcome,
        flaky=run.is_flaky,
        steps=verdict.steps,
        reasons=tuple(map(_bounded, reasons_of(verdict))),
        warnings=_lines(verdict.warnings),
        next_step=_bounded(verdict.next_step),
        failures=tuple(map(_reason, verdict.reasons)),
        remarks=tuple(map(_reason, verdict.warnings)),
        results_url=run.results_url and printable(run.results_url),
        started=_text(started),
        duration=None if run.duration is None else round(run.duration, 3),
        cases=tuple(_case(run, case) for case in verdict.cases),
        attempt=run.attempt,
        earlier=tuple(_run(replace(attempt, earlier=())) for attempt in run.earlier),
        label=one_line(run.label) or msgspec.UNSET,
    )


def _case(run: Run, case: Case) -> SavedCase:
    step = step_of(run, case)
    if case.outcome is Outcome.PASSED and not case.warnings:
        step_fields = _step_fields(step)
    else:
        step_fields = _step_fields(step) | _response_fields(step, case)
    return SavedCase(
        index=case.index,
        name=name_by(case.index, step),
        id=_bounded(run.id_of(case)),
        outcome=case.outcome,
        reasons=_lines(case.reasons),
        failures=tuple(map(_reason, case.reasons)),
        remarks=tuple(map(_reason, case.warnings)),
        **step_fields,
    )


def _step_fields(step: Step | None) -> dict[str, Any]:
    if step is None:
        return {}
    return {
        "said": _text(step.input) or "",
        "event": _text(step.event or None),
        "request_id": _text(step.request_id or None),
    }


def _response_fields(step: Step | None, case: Case) -> dict[str, Any]:
    """Return the actual responses, and the expected ones after the last of these."""
    if step is None:
        return {}
    actual = step.actual_output or []
    # A step that was not executed has no missing responses.
    missing = [] if case.outcome is Outcome.SKIPPED else (step.outputs or [])[len(actual) :]
    return {"answers": tuple(map(_response, actual)), "never_came": tuple(map(_response, missing))}


def _response(response: Response) -> SavedResponse:
    path = response.path or ()
    nodes = path if isinstance(path, list | tuple) else [path]
    return SavedResponse(
        text=_text(response.text),
        node=_text(response.node_name or None),
        node_id=_text(response.node_id or None),
        dialog=_text(response.dialog_name or None),
        intent=_text(response.intent_id or None),
        path=tuple(_bounded(as_text(node)) for node in nodes),
    )


def _reason(reason: Reason) -> SavedReason:
    mismatch = reason.mismatch
    if mismatch is None:
        return SavedReason(text=_bounded(reason.text), outcome=reason.outcome, check=reason.check)
    expected, actual = (tuple(map(_bounded, path)) for path in mismatch.paths)
    return SavedReason(
        text=_bounded(reason.text),
        outcome=reason.outcome,
        check=reason.check,
        kind=printable(mismatch.kind),
        response=mismatch.response,
        comparisons=tuple(map(_comparison, mismatch.comparisons)),
        paths=(expected, actual) if expected or actual else None,
    )


def _comparison(comparison: Comparison) -> Comparison:
    return Comparison(
        _bounded(comparison.subject),
        tuple(map(_bounded, comparison.expected)),
        None if comparison.actual is None else _bounded(comparison.actual),
    )


def _lines(reasons: tuple[Reason, ...]) -> tuple[str, ...]:
    return tuple(_bounded(str(reason)) for reason in reasons)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    # An input without visible characters stays an input: a reader takes an empty one for an event.
    return _bounded(as_text(value)) or (" " if value != "" else "")


def _bounded(text: str) -> str:
    return cut_middle(printable(text), _TEXT_LIMIT)
