"""Progress: a run must end with at least what it reported while in progress."""

import json
from typing import Any

import pytest

from gatekeeper.simulator import Fault, Simulator
from support.builders import Json, finished, greeting
from support.program import Program

ANYBODYS: Json = {"_id": None, "streamId": None}
GOING_ON: Json = {"status": "inprogress", "result": {"status": "inprogress"}}


def gate(program: Program, announced: Json, *, accept: str = "") -> tuple[int, Any]:
    """Have a run announce something, and end with three steps that passed."""
    end = finished(*[greeting()] * 3) | ANYBODYS
    faults = [
        Fault("status", at=1, body=json.dumps(GOING_ON | announced)),
        Fault("status", at=2, body=json.dumps(end)),
    ]
    with Simulator(speed=1_000_000, faults=faults) as simulator:
        done = program.run("--accept", accept, **simulator.environment())
    return done.returncode, json.loads(program.report("result.json"))["runs"][0]


@pytest.mark.parametrize(
    ("announced", "check"),
    [
        ({"totalTestStepsCount": 7}, "counters"),
        ({"totalTestStepsCount": "7"}, "counters"),
        ({"result": {"status": "inprogress", "stepDetails": {"total": 9}}}, "counters"),
        (
            {"result": {"status": "inprogress", "executionResults": [greeting()] * 5}},
            "counters",
        ),
        (
            {"result": {"status": "inprogress", "stepDetails": {"passed": 1, "failed": 1}}},
            "contradiction",
        ),
        (
            {"result": {"status": "inprogress", "executionResults": [greeting("failed")]}},
            "contradiction",
        ),
    ],
    ids=["steps", "steps as text", "details", "results", "a failure counted", "a failed step"],
)
@pytest.mark.proves(
    "a run that ends with fewer steps, or fewer failed steps, than it reported before",
    "exit 3, by the checks `counters` and `contradiction`",
)
def test_a_run_that_ends_with_less_than_it_announced_is_an_error(
    program: Program, announced: Json, check: str
) -> None:
    code, run = gate(program, announced)
    assert code == 3
    assert any(reason.startswith(f"[{check}] ") for reason in run["reasons"])
    assert gate(program, announced, accept=check)[0] == 0


@pytest.mark.parametrize(
    ("announced", "words"),
    [
        ({"errors": [{"msg": "Busy"}]}, "reported errors while the run was in progress"),
        ({"_id": "ctr-other"}, "a response was about another run: ctr-other"),
    ],
)
def test_what_is_odd_while_a_run_goes_on_is_a_warning(
    program: Program, announced: Json, words: str
) -> None:
    code, run = gate(program, announced)
    assert code == 0
    assert any(words in warning for warning in run["warnings"])
