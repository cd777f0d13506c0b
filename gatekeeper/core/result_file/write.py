"""Writes `result.json`: how a gate ended, for other programs, in a documented schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from gatekeeper.core.answer.shape import Step
from gatekeeper.core.model import Case, Comparison, Gate, Reason, Run, StartedBy
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.result_file.responses import (
    bounded,
    saved_response,
    saved_text,
    shortened_responses,
)
from gatekeeper.core.result_file.schema import (
    SCHEMA,
    SavedCase,
    SavedGate,
    SavedReason,
    SavedResponse,
    SavedRun,
)
from gatekeeper.core.text import one_line, printable
from gatekeeper.core.wording.steps import name_by, step_of
from gatekeeper.core.wording.verdicts import reasons_of

# In a file, of the responses of steps that passed. What a response takes besides its texts counts.
_PASSED_CHARACTERS = 4_000_000
_RESPONSE_CHARACTERS = 100
# A large result spends no time on shortening what will not fit: no further steps are tried.
_MOST_MISFITS = 10


class _Space:
    """The space that is left for the responses of a run's passed steps, in characters."""

    def __init__(self, characters: int) -> None:
        self.left = characters
        self.left_out = 0

    def fitting(self, step: Step) -> tuple[SavedResponse, ...]:
        """Return the shortened responses of a step, or none if they do not fit."""
        actual = step.actual_output or ()
        if self.left_out < _MOST_MISFITS:
            responses = shortened_responses(step)
            needed = sum(map(_size, responses))
            if needed <= self.left:
                self.left -= needed
                return responses
        self.left_out += bool(actual)
        return ()


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
        commit=gate.pipeline.commit and bounded(gate.pipeline.commit),
        pipeline_id=gate.pipeline.id and bounded(gate.pipeline.id),
        pipeline_url=gate.pipeline.url and bounded(gate.pipeline.url),
        unwritten=tuple(map(bounded, gate.unwritten)),
        partial=gate.partial or msgspec.UNSET,
        runs=tuple(_runs(gate.runs)),
    )


def _runs(runs: Sequence[Run]) -> Iterator[SavedRun]:
    """Yield the runs; each has an equal share of the space that those before it left."""
    characters = _PASSED_CHARACTERS
    for number, run in enumerate(runs):
        share = characters // (len(runs) - number)
        space = _Space(share)
        yield _run(run, space)
        characters -= share - space.left


def _run(run: Run, space: _Space | None = None) -> SavedRun:
    """Return a run; without `space`, the responses of its passed steps are left out."""
    verdict = run.verdict
    cases = tuple(_case(run, case, space) for case in verdict.cases)
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
        reasons=tuple(map(bounded, reasons_of(verdict))),
        warnings=_lines(verdict.warnings),
        next_step=bounded(verdict.next_step),
        failures=tuple(map(_reason, verdict.reasons)),
        remarks=tuple(map(_reason, verdict.warnings)),
        results_url=run.results_url and printable(run.results_url),
        started=saved_text(started),
        duration=None if run.duration is None else round(run.duration, 3),
        cases=cases,
        answers_left_out=run.answers_left_out + (space.left_out if space else 0),
        attempt=run.attempt,
        earlier=tuple(_run(replace(attempt, earlier=())) for attempt in run.earlier),
        label=one_line(run.label) or msgspec.UNSET,
        started_by=_started_by(run) or msgspec.UNSET,
    )


def _started_by(run: Run) -> StartedBy | None:
    by = run.started_by
    return by and StartedBy(one_line(by.at), by.url and bounded(by.url))


def _case(run: Run, case: Case, space: _Space | None) -> SavedCase:
    step = step_of(run, case)
    step_fields = _step_fields(step)
    if case.outcome is not Outcome.PASSED or case.warnings:
        step_fields |= _response_fields(step, case)
    elif step is not None and space is not None:
        step_fields["answers"] = space.fitting(step)
    return SavedCase(
        index=case.index,
        name=name_by(case.index, step),
        id=bounded(run.id_of(case)),
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
        "said": saved_text(step.input) or "",
        "event": saved_text(step.event or None),
        "request_id": saved_text(step.request_id or None),
    }


def _response_fields(step: Step | None, case: Case) -> dict[str, Any]:
    """Return the actual responses, and the expected ones after the last of these."""
    if step is None:
        return {}
    actual = step.actual_output or []
    # A step that was not executed has no missing responses.
    missing = [] if case.outcome is Outcome.SKIPPED else (step.outputs or [])[len(actual) :]
    return {
        "answers": tuple(map(saved_response, actual)),
        "never_came": tuple(map(saved_response, missing)),
    }


def _size(response: SavedResponse) -> int:
    texts = (response.text, response.node, response.node_id, response.dialog, response.intent)
    return _RESPONSE_CHARACTERS + sum(len(text) for text in (*texts, *response.path) if text)


def _reason(reason: Reason) -> SavedReason:
    mismatch = reason.mismatch
    if mismatch is None:
        return SavedReason(text=bounded(reason.text), outcome=reason.outcome, check=reason.check)
    expected, actual = (tuple(map(bounded, path)) for path in mismatch.paths)
    return SavedReason(
        text=bounded(reason.text),
        outcome=reason.outcome,
        check=reason.check,
        kind=printable(mismatch.kind),
        response=mismatch.response,
        comparisons=tuple(map(_comparison, mismatch.comparisons)),
        paths=(expected, actual) if expected or actual else None,
    )


def _comparison(comparison: Comparison) -> Comparison:
    return Comparison(
        bounded(comparison.subject),
        tuple(map(bounded, comparison.expected)),
        None if comparison.actual is None else bounded(comparison.actual),
    )


def _lines(reasons: tuple[Reason, ...]) -> tuple[str, ...]:
    return tuple(bounded(str(reason)) for reason in reasons)
