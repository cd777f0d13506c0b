"""A suite that failed is tried again, as often as it may; every try is told."""

import json
import subprocess
from typing import Any

import junitparser
from building import finished, greeting
from conftest import Program

from gatekeeper.simulator import Fault, Simulator

FAILING = finished(greeting(), greeting("failed"), status="failed") | {
    "_id": None,
    "streamId": None,
}


def failing_first(times: int) -> list[Fault]:
    """Have the first runs end as failed; each is asked for once, since it ends at once."""
    body = json.dumps(FAILING)
    return [Fault("status", at=number + 1, body=body) for number in range(times)]


def tried(
    program: Program, failures: int, *arguments: str, **more: Any
) -> tuple[subprocess.CompletedProcess[str], int]:
    """Run the gate; return what came of it, and how often a run was started."""
    with Simulator(speed=1_000_000, faults=failing_first(failures)) as simulator:
        done = program.run(*arguments, **simulator.environment("no-step-detail") | more)
        return done, sum(request.call == "start" for request in simulator.requests)


def run(program: Program) -> Any:
    [only] = json.loads(program.report("result.json"))["runs"]
    return only


def test_a_suite_that_passes_on_a_later_try_is_flaky_and_passes(program: Program) -> None:
    done, starts = tried(program, 2, "--retries", "3")
    assert (done.returncode, starts) == (0, 3), done.stdout
    assert run(program)["verdict"] == "passed"
    for told in (done.stdout, program.report("summary.md"), program.report("report.html")):
        assert "flaky: passed only on attempt 3" in told
        assert "attempt 1 failed" in told
        assert "attempt 2, step 002 hello failed" in told
    xml = junitparser.JUnitXml.fromstring(program.report().encode())
    assert (xml.failures, xml.errors) == (0, 0)
    assert "attempt 2, step 002 hello failed" in program.report()


def test_one_that_goes_on_failing_has_failed(program: Program) -> None:
    done, starts = tried(program, 9, "--retries", "1")
    assert (done.returncode, starts) == (1, 2)
    assert "flaky" not in done.stdout
    assert "attempt 1 failed" in done.stdout


def test_without_retries_there_is_one_try(program: Program) -> None:
    done, starts = tried(program, 1)
    assert (done.returncode, starts) == (1, 1)


def test_flaky_can_be_made_to_fail(program: Program) -> None:
    done, _ = tried(program, 1, "--retries", "1", "--fail-on-flaky")
    assert done.returncode == 1
    assert run(program)["verdict"] == "failed"
    assert "flaky: passed only on attempt 2" in program.report()


def test_an_error_of_the_platform_is_no_reason_to_try_again(
    program: Program, simulator: Simulator
) -> None:
    for suite, code in (("aborted", 3), ("never-ends", 4)):
        before = len(simulator.requests)
        environ = simulator.environment(suite) | {"GATEKEEPER_TIMEOUT": "3s"}
        assert program.run("--retries", "2", **environ).returncode == code
        requests = simulator.requests[before:]
        assert sum(request.call == "start" for request in requests) == 1


def test_a_run_that_was_attached_to_is_not_started_again(
    program: Program, simulator: Simulator
) -> None:
    run_id = simulator.start("banking-card-block")
    simulator.finish(run_id)
    environ = simulator.environment("banking-card-block") | {"GATEKEEPER_TEST_RUN_ID": run_id}
    assert program.run("--retries", "2", **environ).returncode == 1
    assert {request.call for request in simulator.requests} == {"status"}
