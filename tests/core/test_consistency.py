"""What a gate writes is consistent; what it cannot have written is found to be inconsistent."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from building import Json, context, finished, greeting, response, step, text
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gatekeeper.core.answer.read import read_result
from gatekeeper.core.model import Gate, Run
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.result_file.consistency import (
    duplicate_run_ids,
    gate_inconsistencies,
    run_inconsistencies,
)
from gatekeeper.core.result_file.schema import SavedRun, read_saved
from gatekeeper.core.result_file.write import result_json
from gatekeeper.core.verdict.attempts import with_attempts
from gatekeeper.core.verdict.policy import KnownFailure, Policy
from gatekeeper.core.verdict.run import judge
from gatekeeper.core.verdict.tolerance import tolerate

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
def test_everything_that_a_gate_writes_is_consistent(answer: Json, policy: Policy) -> None:
    read = saved(answer, policy)
    if not (read.verdict == "passed" and not read.steps.passed):
        assert list(run_inconsistencies(read)) == []


@pytest.mark.parametrize(
    "outcome", ["passed", "failed", "error", "skipped", "tolerated", "timeout"]
)
@pytest.mark.parametrize("reason", list(Outcome))
def test_a_step_ends_as_its_reasons_do(outcome: str, reason: str) -> None:
    case: dict[str, Any] = {"index": 1, "name": "001 a", "outcome": outcome}
    case |= {"reasons": ["x"], "failures": [{"text": "x", "outcome": reason}]}
    counted = {} if outcome == "timeout" else {outcome: 1}
    run = {"test_suite": "A", "verdict": "error", "cases": [case], "steps": {"total": 1} | counted}
    told = {"schema": 1, "verdict": "error", "started_at": "2026-05-04", "duration": 1}
    [read] = read_saved(json.dumps(told | {"runs": [run]}).encode()).runs
    sound = outcome == reason and outcome not in ("passed", "timeout")
    assert ("the reasons of step 1" not in "".join(run_inconsistencies(read))) is sound


def flaky() -> Any:
    """Return what is written of a suite that failed first, then passed."""
    attempts = []
    for number, status in enumerate(("failed", "passed"), 1):
        answer = finished(greeting(status), greeting(), status=status)
        result = read_result(json.dumps(answer).encode())
        attempts.append(Run("Booking", f"ctr-{number}", judge(result), result=result))
    run = with_attempts(attempts, fail_on_flaky=False)
    gate = Gate((run,), datetime(2026, 5, 4, tzinfo=UTC), 1.0)
    return json.loads(b"".join(result_json(gate)))


def whys(document: Any) -> str:
    read = read_saved(json.dumps(document).encode())
    return "\n".join((*gate_inconsistencies(read), *duplicate_run_ids(read)))


def test_attempts_that_a_gate_writes_are_possible() -> None:
    assert whys(flaky()) == ""


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"attempt": -3}, "its attempts are numbered -3, 1"),
        ({"attempt": 3}, "its attempts are numbered 1, 3"),
        ({"earlier": []}, "its attempts are numbered 2"),
        ({"flaky": False}, "its flaky flag does not match its attempts"),
        ({"attempt": 1, "earlier": []}, "its flaky flag does not match its attempts"),
        ({"verdict": "tolerated"}, "its verdict is tolerated, but nothing in it failed"),
        ({"next_step": "call us"}, "its verdict is passed, but it has a next step"),
    ],
)
def test_attempts_that_no_gate_writes_are_inconsistent(changes: Json, why: str) -> None:
    document = flaky()
    document["runs"][0] |= changes
    assert why in whys(document)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"verdict": "error"}, "its verdict is error, but its reasons imply another"),
        ({"earlier": flaky()["runs"]}, "one of its attempts has attempts of its own"),
        (
            {
                "verdict": "error",
                "failures": [{"text": "x", "outcome": "error"}],
                "cases": [],
            },
            "its verdict is passed, but an earlier attempt did not fail",
        ),
    ],
)
def test_an_earlier_attempt_that_no_gate_writes_is_inconsistent(changes: Json, why: str) -> None:
    document = flaky()
    document["runs"][0]["earlier"][0] |= changes
    assert why in whys(document)


def test_a_red_run_whose_reasons_imply_another_verdict_is_inconsistent() -> None:
    document = flaky()
    failed = document["runs"][0]["earlier"][0]
    document |= {"verdict": "failed", "exit_code": 1, "runs": [failed]}
    assert whys(document) == ""
    failed["cases"] = []
    assert "its verdict is failed, but its reasons imply another" in whys(document)


def test_reasons_without_their_failures_are_inconsistent() -> None:
    document = flaky()
    document["runs"][0]["earlier"][0]["cases"][0]["reasons"] = []
    assert "the reasons of step 1 do not match its outcome" in whys(document)


def test_a_gate_that_ran_nothing_cannot_have_failed() -> None:
    document = flaky()
    document |= {"verdict": "failed", "runs": document["runs"][0]["earlier"], "exit_code": 2}
    assert "its exit code reports wrong settings" in whys(document)


def test_a_run_that_stands_twice_is_no_verdict_unless_both_say_so() -> None:
    document = flaky()
    document["runs"] *= 2
    assert whys(document) == "ctr-2"
