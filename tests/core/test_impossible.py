"""What a gate writes is never taken for impossible; what it cannot have written always is."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from building import Json, context, finished, greeting, response, step, text
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gatekeeper.core.impossible import impossible
from gatekeeper.core.model import Gate, Run
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.policy import KnownFailure, Policy
from gatekeeper.core.reading import read_result
from gatekeeper.core.reports.result_json import result_json
from gatekeeper.core.saved import SavedRun, read_saved
from gatekeeper.core.tolerance import tolerate
from gatekeeper.core.verdict import judge

STEPS = [
    greeting(),
    greeting("failed"),
    greeting("notexecuted"),
    step("?", response("x", text=text("y", status="failed")), status="passed"),
    step("?", response("x", context=context("a", 1, status="perhaps")), status="failed"),
    step("?", response("x"), status=""),
    greeting() | {"status": "odd"},
]
policies = st.builds(
    Policy,
    accept=st.frozensets(st.sampled_from(list(Check))),
    strict_text=st.booleans(),
    min_pass_rate=st.none() | st.sampled_from([0.0, 50.0, 100.0]),
    blocking=st.booleans(),
    known_failures=st.sampled_from([(), (KnownFailure("hello", "BOT-1", date(2030, 1, 1)),)]),
)


@st.composite
def answers(draw: st.DrawFn) -> Json:
    """Draw an answer of any shape whose counters, where there are some, are those of its steps."""
    steps = draw(st.lists(st.sampled_from(STEPS), max_size=5))
    answer = finished(*steps, status=draw(st.sampled_from(["passed", "failed", "odd", ""])))
    result = answer["result"]
    for fields, name in ((result, "executionResults"), (result, "stepDetails")):
        if draw(st.booleans()):
            fields[name] = None
    if draw(st.booleans()):
        answer["totalTestStepsCount"] = None
    return answer


def saved(answer: Json, policy: Policy) -> SavedRun:
    result = read_result(json.dumps(answer).encode())
    run = Run("Booking", "ctr-1", judge(result, policy), result=result)
    run = replace(run, verdict=tolerate(run, policy, date(2026, 5, 4)))
    start = datetime(2026, 5, 4, tzinfo=UTC)
    [read] = read_saved(b"".join(result_json(Gate((run,), start, 1.0)))).runs
    return read


@settings(deadline=None)
@given(answers(), policies)
def test_nothing_that_a_gate_writes_is_impossible(answer: Json, policy: Policy) -> None:
    read = saved(answer, policy)
    if not (read.verdict == "passed" and not read.steps.passed):
        assert list(impossible(read)) == []


@pytest.mark.parametrize(
    "outcome", ["passed", "failed", "error", "skipped", "tolerated", "timeout"]
)
@pytest.mark.parametrize("reason", list(Outcome))
def test_a_step_ends_as_its_reasons_do(outcome: str, reason: str) -> None:
    case: dict[str, Any] = {"index": 1, "name": "001 a", "outcome": outcome}
    case["failures"] = [{"text": "x", "outcome": reason}]
    counted = {} if outcome == "timeout" else {outcome: 1}
    run = {"test_suite": "A", "verdict": "error", "cases": [case], "steps": {"total": 1} | counted}
    told = {"schema": 1, "verdict": "error", "started_at": "2026-05-04", "duration": 1}
    [read] = read_saved(json.dumps(told | {"runs": [run]}).encode()).runs
    sound = outcome == reason and outcome not in ("passed", "timeout")
    assert (not list(impossible(read))) is sound
