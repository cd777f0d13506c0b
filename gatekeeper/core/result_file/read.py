"""Makes a gate from its `result.json`, to write its reports again or to merge it with others.

The file leaves out, and so do reports made from it: raw JSON, details such as intents, the end of
long responses of steps without reasons and warnings, and the middle of other very long texts.
"""

from __future__ import annotations

from msgspec.structs import replace

from gatekeeper.core.answer.shape import Execution, Response, Result, Step
from gatekeeper.core.model import (
    Case,
    Gate,
    Mismatch,
    Pipeline,
    Reason,
    Run,
    Verdict,
)
from gatekeeper.core.result_file.schema import (
    SavedCase,
    SavedGate,
    SavedReason,
    SavedResponse,
    SavedRun,
)
from gatekeeper.core.step_ids import ids_saved
from gatekeeper.core.variants import with_variants
from gatekeeper.errors import ExitCode


def gate_of(saved: SavedGate) -> Gate:
    """Return the gate that a `result.json` describes."""
    misconfigured = saved.exit_code == ExitCode.CONFIGURATION
    runs = with_variants(map(_run, saved.runs))
    return Gate(
        runs=tuple(replace(run, is_suite=False) for run in runs) if misconfigured else runs,
        started_at=saved.start_time,
        duration=saved.duration,
        pipeline=Pipeline(saved.commit, saved.pipeline_url, saved.pipeline_id),
        interrupted_by=saved.interrupted_by,
        unwritten=saved.unwritten,
        shard=saved.shard,
        misconfigured=misconfigured,
        partial=saved.partial or None,
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
        # Only a URL that is safe to follow, as from any response.
        results_url=result.results_url,
        result=result,
        attempt=saved.attempt,
        earlier=tuple(map(_run, saved.earlier)),
        saved_ids=ids_saved([(case.id, case.name) for case in saved.cases]),
        answers_left_out=saved.answers_left_out,
        label=saved.label or "",
        started_by=saved.started_by or None,
    )


def _result(saved: SavedRun) -> Result:
    """Return as much of the platform's response as reports need beside the verdict."""
    has_steps = any(case.said is not None for case in saved.cases)
    steps = [_step(case) for case in saved.cases] if has_steps else None
    return Result(
        result=Execution(
            start_time=saved.started, file_url=saved.results_url, execution_results=steps
        )
    )


def _step(case: SavedCase) -> Step:
    actual = [response_of(response) for response in case.answers]
    # What was expected of the actual responses is in the comparisons.
    expected = [*actual, *map(response_of, case.never_came)]
    return Step(
        input=case.said,
        event=case.event,
        request_id=case.request_id,
        actual_output=actual or None,
        outputs=expected or None,
    )


def response_of(saved: SavedResponse) -> Response:
    """Return a response as reports show it, from the file."""
    return Response(
        text=saved.text,
        node_id=saved.node_id,
        node_name=saved.node,
        intent_id=saved.intent,
        dialog_name=saved.dialog,
        transition_node_names=list(saved.path),
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
