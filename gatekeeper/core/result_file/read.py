"""A gate as its `result.json` tells it, to draw its reports anew or to join it to others.

What a file leaves out cannot be drawn: raw JSON and particulars such as intents, the answers of
steps with nothing against them, and the middle of very long texts.
"""

from __future__ import annotations

from gatekeeper.core.answer.shape import Execution, Response, Result, Step
from gatekeeper.core.model import (
    Case,
    Gate,
    Mismatch,
    Pipeline,
    Reason,
    Run,
    Verdict,
    told_apart,
)
from gatekeeper.core.result_file.schema import (
    SavedCase,
    SavedGate,
    SavedReason,
    SavedResponse,
    SavedRun,
)
from gatekeeper.core.step_ids import ids_saved
from gatekeeper.errors import ExitCode


def gate_of(saved: SavedGate) -> Gate:
    """Make the gate that a `result.json` tells of."""
    return Gate(
        runs=told_apart(map(_run, saved.runs)),
        started_at=saved.start_time,
        duration=saved.duration,
        pipeline=Pipeline(saved.commit, saved.pipeline_url, saved.pipeline_id),
        interrupted_by=saved.interrupted_by,
        unwritten=saved.unwritten,
        shard=saved.shard,
        misconfigured=saved.exit_code == ExitCode.CONFIGURATION,
    )


def _run(saved: SavedRun) -> Run:
    result = _result(saved)
    verdict = Verdict(
        saved.verdict,
        tuple(map(_reason, saved.failures)),
        tuple(map(_reason, saved.remarks)),
        tuple(map(_case, saved.cases)),
        saved.steps,
        saved.next_step,
    )
    return Run(
        test_suite=saved.test_suite,
        test_run_id=saved.test_run_id,
        verdict=verdict,
        stream_id=saved.stream_id,
        bot_version=saved.bot_version,
        language=saved.language,
        duration=saved.duration,
        # Only what can be followed safely, as of any answer.
        results_url=result.results_url,
        result=result,
        attempt=saved.attempt,
        earlier=tuple(map(_run, saved.earlier)),
        saved_ids=ids_saved([(case.id, case.name) for case in saved.cases]),
    )


def _result(saved: SavedRun) -> Result:
    """Make as much of the platform's answer as the reports need beside the verdict."""
    told = any(case.said is not None for case in saved.cases)
    steps = [_step(case) for case in saved.cases] if told else None
    return Result(
        result=Execution(
            start_time=saved.started, file_url=saved.results_url, execution_results=steps
        )
    )


def _step(case: SavedCase) -> Step:
    came = [_response(answer) for answer in case.answers]
    # What was expected beside what came is told by the comparisons.
    due = [*came, *map(_response, case.never_came)]
    return Step(
        input=case.said,
        event=case.event,
        request_id=case.request_id,
        actual_output=came or None,
        outputs=due or None,
    )


def _response(answer: SavedResponse) -> Response:
    return Response(
        text=answer.text,
        node_id=answer.node_id,
        node_name=answer.node,
        intent_id=answer.intent,
        dialog_name=answer.dialog,
        transition_node_names=list(answer.path),
    )


def _case(saved: SavedCase) -> Case:
    return Case(
        saved.index,
        saved.outcome,
        tuple(map(_reason, saved.failures)),
        tuple(map(_reason, saved.remarks)),
    )


def _reason(saved: SavedReason) -> Reason:
    mismatch = None
    if saved.kind is not None:
        paths = saved.paths or ((), ())
        mismatch = Mismatch(saved.kind, saved.response or 0, saved.comparisons, paths)
    return Reason(saved.outcome, saved.text, saved.check, mismatch=mismatch)
