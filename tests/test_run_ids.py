"""Run ids: a run counts once in a gate; suites that share an id get no verdict."""

import json
from typing import Any

import pytest

from gatekeeper.simulator import Fault, Simulator
from gatekeeper.watch.suites import RunIds
from support.builders import Json, finished, greeting
from support.program import Program

ONCE = "[contradiction] a run counts only once in a gate, but "
ANYBODYS: Json = {"_id": None, "streamId": None}
FAILING = finished(greeting("failed"), status="failed") | ANYBODYS
ACCEPTED = {"GATEKEEPER_ACCEPT": "contradiction", "GATEKEEPER_PARALLEL": "1"}


def started_as(run_id: str, count: int) -> Fault:
    """Have starts answered with the id of a run that goes on already."""
    body = json.dumps({"status": "IN_PROGRESS", "testRunId": run_id})
    return Fault("start", count=count, body=body)


def passing(at: int = 1) -> Fault:
    """Have every run pass, whatever its id is, from the `at`-th request for a status on."""
    return Fault("status", at=at, count=None, body=json.dumps(finished(greeting()) | ANYBODYS))


def runs(program: Program) -> list[Any]:
    return list(json.loads(program.report("result.json"))["runs"])


def polled(simulator: Simulator) -> set[str]:
    """Return the suites that the status was asked of."""
    return {one.path.split("/")[-3] for one in simulator.requests if one.call == "status"}


@pytest.mark.proves(
    "two starts that get the same run id",
    "exit 3: neither counts, each names the other; the second is not polled",
)
def test_of_two_starts_answered_with_one_id_neither_is_green(program: Program) -> None:
    faults = [passing(), started_as("ctr-1", count=2)]
    with Simulator(speed=1_000_000, faults=faults) as simulator:
        done = program.run(**simulator.environment("banking-transfer\nhotel-arabic"), **ACCEPTED)
    assert done.returncode == 3, done.stdout
    transfer, hotel = runs(program)
    assert transfer["reasons"][-1] == f"{ONCE}ctr-1 is also the id of hotel-arabic"
    assert f"{ONCE}ctr-1 is also the id of banking-transfer (en), attempt 1" in hotel["reasons"]
    assert (transfer["verdict"], hotel["verdict"]) == ("error", "error")
    assert polled(simulator) == {"banking-transfer"}


@pytest.mark.proves(
    "a suite in two languages whose starts get the same run id",
    "exit 3: neither language counts",
)
def test_of_two_languages_with_one_id_neither_is_green(program: Program) -> None:
    settings = '[[suite]]\nname = "banking-transfer"\nlanguages = ["en", "de"]\n'
    (program.folder / "gatekeeper.toml").write_text(settings, encoding="utf-8")
    faults = [passing(), started_as("ctr-1", count=2)]
    with Simulator(speed=1_000_000, faults=faults) as simulator:
        done = program.run(**simulator.environment("banking-transfer"), **ACCEPTED)
    assert done.returncode == 3, done.stdout
    english, german = runs(program)
    assert english["reasons"][-1].endswith("is also the id of banking-transfer (de)")
    assert german["reasons"][0].endswith("is also the id of banking-transfer (en), attempt 1")


@pytest.mark.proves(
    "two suites that are attached to the same run id",
    "exit 3: neither counts, each names the other; the second is not polled",
)
def test_of_two_suites_attached_to_one_id_neither_is_green(
    program: Program, simulator: Simulator
) -> None:
    run_id = simulator.start("banking-transfer")
    simulator.finish(run_id)
    suites = f"banking-transfer={run_id}\nhotel-arabic={run_id}"
    done = program.run(**simulator.environment(suites), **ACCEPTED)
    assert done.returncode == 3, done.stdout
    assert [run["verdict"] for run in runs(program)] == ["error", "error"]
    assert all(ONCE in told for told in (done.stdout, *map(str, runs(program))))
    assert "next: attach to each run only once" in done.stdout
    assert polled(simulator) == {"banking-transfer"}


@pytest.mark.proves(
    "a suite that failed, and another suite with the same run id",
    "exit 1: the failure stands, the other suite gets no verdict",
)
def test_a_failure_stays_one_though_its_id_is_shared(program: Program) -> None:
    faults = [
        started_as("ctr-1", count=2),
        Fault("status", count=None, body=json.dumps(FAILING)),
    ]
    with Simulator(speed=1_000_000, faults=faults) as simulator:
        done = program.run(**simulator.environment("banking-transfer\nhotel-arabic"), **ACCEPTED)
    assert done.returncode == 1, done.stdout
    assert [run["verdict"] for run in runs(program)] == ["failed", "error"]
    assert all(ONCE in text for text in (done.stdout, *map(str, runs(program))))


@pytest.mark.proves(
    "a retry whose start returns the id of the failed attempt",
    "exit 1: the failure stands, although that run passes when polled again",
)
def test_a_retry_with_the_id_of_the_failed_attempt_is_no_other_run(program: Program) -> None:
    faults = [
        started_as("ctr-1", count=3),
        Fault("status", body=json.dumps(FAILING)),
        passing(at=2),
    ]
    with Simulator(speed=1_000_000, faults=faults) as simulator:
        environ = simulator.environment("banking-transfer") | ACCEPTED
        done = program.run("--retries", "2", **environ)
    assert done.returncode == 1, done.stdout
    assert [request.call for request in simulator.requests] == ["start", "status", "start"]
    [run] = runs(program)
    [second] = run["earlier"]
    assert (run["verdict"], run["attempt"]) == ("failed", 1)
    assert second["reasons"][0] == f"{ONCE}ctr-1 is also the id of banking-transfer (en), attempt 1"
    assert f"attempt 2 ended without a verdict: {ONCE}" in done.stdout


@pytest.mark.proves("saved responses with the same run id", "exit 3: neither counts")
def test_of_two_saved_answers_with_one_id_neither_is_green(program: Program) -> None:
    for name in ("one", "other"):
        answer = json.dumps(finished(greeting()))
        (program.folder / f"{name}.json").write_text(answer, encoding="utf-8")
    done = program.run("check", "one.json", "other.json", "--accept", "contradiction")
    assert done.returncode == 3, done.stdout
    assert [run["reasons"][-1] for run in runs(program)] == [
        f"{ONCE}ctr-1 is also the id of {other}" for other in ("other", "one")
    ]


def test_an_id_is_claimed_once_and_its_claimant_is_named() -> None:
    run_ids = RunIds()
    assert run_ids.claim("ctr-1", "A") is None
    assert run_ids.claim("ctr-2", "B") is None
    assert run_ids.claim("ctr-1", "B") == "A"
    assert run_ids.claim("ctr-1", "C") == "A"


def test_an_answer_that_is_given_twice_is_a_wrong_setting(program: Program) -> None:
    (program.folder / "a.json").write_text(json.dumps(finished(greeting()) | {"_id": None}))
    (program.folder / "link.json").symlink_to("a.json")
    for files in (("a.json", "a.json"), ("a.json", "./a.json"), ("a.json", "link.json")):
        done = program.run("check", *files)
        assert done.returncode == 2
        assert "is given twice, but a run counts only once" in done.stderr


@pytest.mark.proves(
    "a report of runs without an id, merged twice", "exit 3: the two cannot be told apart"
)
def test_runs_without_an_id_count_once_as_well(program: Program) -> None:
    (program.folder / "a.json").write_text(json.dumps(finished(greeting()) | {"_id": None}))
    assert program.run("check", "a.json", "--report-dir", "kept").returncode == 0
    assert program.run("merge", "kept").returncode == 0
    assert program.run("merge", "kept", "kept").returncode == 3
