"""A run rises to its end, which comes after its duration."""

import time
from itertools import pairwise

import pytest

from gatekeeper.simulator import Simulator
from gatekeeper.simulator.library import scenario
from gatekeeper.simulator.runs import step_ends, suite_of_scenario
from support.caller import Caller

PLENTY = (10_000, 100_000)


def test_percentages_rise_step_by_step_and_end_at_100() -> None:
    with Simulator(speed=10, limits=PLENTY) as sim, Caller(sim) as caller:
        run_id = caller.start("banking-transfer").json["testRunId"]
        began = time.monotonic()
        seen = [caller.status("banking-transfer", run_id).json]
        while seen[-1]["status"] == "inprogress":
            seen.append(caller.status("banking-transfer", run_id).json)
        took = time.monotonic() - began

    percentages = [answer["percentageCompleted"] for answer in seen]
    assert percentages == sorted(percentages)
    assert set(percentages) <= set(range(0, 101, 10))
    assert len(set(percentages)) > 3
    assert {type(percentage) for percentage in percentages} == {int}
    assert 0.4 < took < 5
    assert (seen[-1]["status"], percentages[-1]) == ("passed", 100)


def test_percentages_are_rounded_down() -> None:
    with Simulator(speed=20, limits=PLENTY) as sim, Caller(sim) as caller:
        run_id = sim.start("airline-arrival-de")
        seen = set()
        while (answer := caller.status("airline-arrival-de", run_id).json)["status"] != "passed":
            seen.add(answer["percentageCompleted"])

    assert seen <= {0, 16, 33, 50, 66, 83}


def test_steps_take_unequal_times_which_are_the_same_in_every_run() -> None:
    suite = suite_of_scenario(scenario("banking-transfer"))

    ends = step_ends(suite)
    lengths = {round(end - start, 3) for start, end in pairwise((0.0, *ends))}

    assert ends == step_ends(suite)
    assert len(lengths) > 5
    assert ends[-1] == pytest.approx(suite.duration)


def test_a_run_goes_on_without_being_asked() -> None:
    with Simulator(speed=100) as sim, Caller(sim) as caller:
        run_id = sim.start("banking-transfer")
        time.sleep(0.06)

        assert caller.status("banking-transfer", run_id).json["status"] == "passed"


def test_a_run_that_never_ends_stands_at_99_percent() -> None:
    with Simulator(speed=10_000) as sim, Caller(sim) as caller:
        run_id = sim.start("never-ends")
        time.sleep(0.01)

        for _ in range(3):
            answer = caller.status("never-ends", run_id).json
            assert (answer["status"], answer["percentageCompleted"]) == ("inprogress", 99)


@pytest.mark.parametrize("suite", ["long", "never-ends"])
def test_a_run_can_be_made_to_end_now(caller: Caller, suite: str) -> None:
    run_id = caller.simulator.start(suite)

    assert caller.status(suite, run_id).json["status"] == "inprogress"
    caller.simulator.finish(run_id)
    assert caller.status(suite, run_id).json["status"] == "passed"


def test_the_answer_about_an_ended_run_stays_the_same(caller: Caller) -> None:
    run_id = caller.simulator.start("banking-transfer")
    caller.simulator.finish(run_id)

    first, second = (caller.status("banking-transfer", run_id).body for _ in range(2))

    assert first == second


def test_a_run_without_steps_ends_as_well() -> None:
    with Simulator(speed=1000) as sim, Caller(sim) as caller:
        run_id = sim.start("empty")
        time.sleep(0.01)

        assert caller.status("empty", run_id).json["status"] == "passed"


def test_a_run_can_be_begun_without_a_request(caller: Caller) -> None:
    run_id = caller.simulator.start("banking-transfer")

    assert caller.simulator.requests == []
    assert caller.status("banking-transfer", run_id).json["_id"] == run_id


def test_runs_of_one_suite_go_side_by_side(caller: Caller) -> None:
    one, other = (caller.start("banking-transfer").json["testRunId"] for _ in range(2))
    caller.simulator.finish(one)

    assert one != other
    assert caller.status("banking-transfer", one).json["status"] == "passed"
    assert caller.status("banking-transfer", other).json["status"] == "inprogress"


def test_what_is_unknown_cannot_be_started_or_finished(sim: Simulator) -> None:
    with pytest.raises(ValueError, match="unheard of"):
        sim.start("unheard of")
    with pytest.raises(ValueError, match="ctr-1"):
        sim.finish("ctr-1")


@pytest.mark.parametrize("speed", [0, -1, float("nan"), float("inf")])
def test_a_speed_has_to_lead_somewhere(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        Simulator(speed=speed)


def test_a_given_answer_ends_the_runs_of_its_suite(caller: Caller) -> None:
    answer = {"status": "failed", "totalTestStepsCount": 4, "half": "\ud83d", "x": [1, None]}
    caller.simulator.add_suite("mine", answer, duration=60)

    run_id = caller.start("mine").json["testRunId"]
    going = caller.status("mine", run_id).json
    caller.simulator.finish(run_id)

    assert (going["status"], going["totalTestStepsCount"]) == ("inprogress", 4)
    assert caller.status("mine", run_id).json == answer


@pytest.mark.parametrize("body", [b"", b"\xff\x00 no JSON", b'{"totalTestStepsCount": "many"}'])
def test_bytes_are_served_as_they_are(caller: Caller, body: bytes) -> None:
    caller.simulator.add_suite("mine", body)
    run_id = caller.simulator.start("mine")

    assert caller.status("mine", run_id).json["status"] == "inprogress"
    caller.simulator.finish(run_id)
    assert caller.status("mine", run_id).body == body


def test_a_given_suite_stands_in_for_a_scenario_of_its_name(caller: Caller) -> None:
    caller.simulator.add_suite("completed", {"mine": True})

    assert caller.result("completed") == {"mine": True}
