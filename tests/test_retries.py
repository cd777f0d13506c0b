"""Retries: only an attempt that passed replaces a failure; reports show every attempt."""

import html
import json
import re
import signal
import subprocess
from typing import Any

import junitparser
import pytest

from gatekeeper.simulator import Fault, Simulator
from support.builders import Json, finished, greeting
from support.program import Program
from support.trials import ATTACH, row

ANYBODYS: Json = {"_id": None, "streamId": None}
FAILING = finished(greeting(), greeting("failed"), status="failed") | ANYBODYS
GOING_ON = {"status": "inprogress", "percentageCompleted": 50, "result": {"status": "inprogress"}}
RUN_CASE = "the run as a whole"
OTHER_FAILURE = """
[[known-failure]]
suite = "*"
step = "001 *"
reason = "BOT-1"
until = 2099-01-31
"""


def answered(at: int, body: object, count: int | None = 1) -> Fault:
    """Have the `at`-th request for a status answered so."""
    return Fault("status", at=at, count=count, body=json.dumps(body))


def failing_first(times: int) -> list[Fault]:
    """Have the first runs end as failed; each is asked for once, since it ends at once."""
    return [answered(number + 1, FAILING) for number in range(times)]


def attempted(
    program: Program, faults: list[Fault], *arguments: str, **more: str
) -> tuple[subprocess.CompletedProcess[str], int]:
    """Run the gate; return what came of it, and how often a run was started."""
    with Simulator(speed=1_000_000, faults=faults) as simulator:
        done = program.run(*arguments, **simulator.environment("no-step-detail") | more)
        return done, sum(request.call == "start" for request in simulator.requests)


def run(program: Program) -> Any:
    [only] = json.loads(program.report("result.json"))["runs"]
    return only


def texts(program: Program, log: str) -> list[str]:
    """Return what each report for people says: the log, the summary, the page and the XML."""
    page = re.sub("</?(?:span|code)[^>]*>", "", program.report("report.html"))
    page = page.replace('<dt>Attempt</dt><dd dir="auto">', "attempt ")
    reports = (program.report("summary.md"), page, program.report("junit.xml"))
    # What keeps a text from being a link is not part of it.
    return [log, *(html.unescape(report).replace("\N{WORD JOINER}", "") for report in reports)]


def run_case(program: Program) -> Any:
    """Return what the XML says of the run as a whole, and hold its counters to its cases."""
    [suite] = junitparser.JUnitXml.fromstring(program.report().encode())
    cases = list(suite)
    assert suite.tests == len(cases)
    red = [result for case in cases for result in case.result]
    assert suite.failures == sum(isinstance(one, junitparser.Failure) for one in red)
    assert suite.errors == sum(isinstance(one, junitparser.Error) for one in red)
    [whole] = [case for case in cases if case.name == RUN_CASE]
    return whole


BROKEN = {
    "start gets HTTP 500": (
        [Fault("start", at=2, status=500)],
        ("error", "HTTP 500", "look for the run in the platform's test results"),
    ),
    "start is rejected": (
        [Fault("start", at=2, status=400)],
        ("error", "HTTP 400", "compare the settings with the app's"),
    ),
    "run never ends": ([answered(2, GOING_ON, None)], ("timeout", "no verdict within 2 s", ATTACH)),
    "run contradicts itself": (
        [answered(2, finished(greeting()) | {"_id": "ctr-another", "streamId": None})],
        ("error", "but it is about ctr-another", ""),
    ),
    "response is malformed": (
        [answered(2, finished(greeting(), totalTestStepsCount=["2"]) | ANYBODYS)],
        ("error", "malformed response", "look at the run on the platform"),
    ),
}


@pytest.mark.parametrize(
    ("name", "retries", "policy"),
    [
        row(
            f"a failed attempt, then one whose {name}",
            "exit 1: the failure stands; every report shows the other attempt too",
            *(name, retries, policy),
            name=f"{retries} {'known' if policy else ''}",
        )
        for name in BROKEN
        for retries, policy in (("1", ""), ("2", ""), ("1", OTHER_FAILURE))
    ],
)
def test_an_attempt_without_a_verdict_replaces_no_failure(
    program: Program, name: str, retries: str, policy: str
) -> None:
    (program.folder / "gatekeeper.toml").write_text(policy, encoding="utf-8")
    faults, (outcome, why, advice) = BROKEN[name]
    faults = [*failing_first(1), *faults]
    done, starts = attempted(program, faults, "--retries", retries, "--timeout", "2s")
    assert (done.returncode, starts) == (1, 2), done.stdout
    whole = run(program)
    [broken] = whole["earlier"]
    assert (whole["verdict"], whole["attempt"], whole["flaky"]) == ("failed", 1, False)
    assert (broken["verdict"], broken["attempt"]) == (outcome, 2)
    assert broken["test_run_id"] != whole["test_run_id"]
    assert advice in whole["next_step"]
    stands = "the failure of attempt 1 stands: attempt 2 ended without a verdict ("
    for text in texts(program, done.stdout):
        assert stands in text
        assert "attempt 2 ended without a verdict: " in text
        assert "attempt 1 of 2" in text
        for part in (why, advice):
            assert part in text
        # The summary has no ids, for lack of room.
        for run_id in (whole["test_run_id"], broken["test_run_id"] or ""):
            assert run_id in text or text.startswith("### ")
    [red] = run_case(program).result
    assert isinstance(red, junitparser.Failure)
    assert red.message.startswith(stands)


@pytest.mark.proves(
    "a failed attempt, then SIGTERM during the next one",
    "exit 1: the failure stands; every report shows the interrupted attempt too",
)
def test_an_attempt_that_is_interrupted_replaces_no_failure(program: Program) -> None:
    faults = [*failing_first(1), answered(2, GOING_ON, None)]
    with Simulator(speed=1_000_000, faults=faults) as simulator:
        environ = simulator.environment("no-step-detail") | {"GATEKEEPER_RETRIES": "2"}
        with program.start(**environ) as running:
            assert running.stdout is not None
            begun = ""
            while "50 %" not in begun:
                begun += running.stdout.readline()
            running.send_signal(signal.SIGTERM)
            stdout, _ = running.communicate(timeout=10)
    assert running.returncode == 1, stdout
    whole = run(program)
    [broken] = whole["earlier"]
    assert (whole["verdict"], whole["attempt"]) == ("failed", 1)
    assert (broken["verdict"], broken["attempt"]) == ("error", 2)
    for text in texts(program, begun + stdout):
        assert "attempt 2 ended without a verdict: interrupted by SIGTERM" in text
        assert "for attempt 2: the run itself continues" in text
        assert f"{ATTACH} {broken['test_run_id']}" in text
    assert "FAILED, INTERRUPTED: " in stdout.splitlines()[-1]
    assert len(run_case(program).result) == 1


@pytest.mark.proves(
    "two failed attempts, then one whose start gets HTTP 500",
    "exit 1: the last failure stands; every report shows both other attempts too",
)
def test_the_last_attempt_with_a_verdict_is_the_one_that_counts(program: Program) -> None:
    faults = [*failing_first(2), Fault("start", at=3, status=500)]
    done, starts = attempted(program, faults, "--retries", "5")
    assert (done.returncode, starts) == (1, 3), done.stdout
    whole = run(program)
    assert whole["attempt"] == 2
    assert [one["attempt"] for one in whole["earlier"]] == [1, 3]
    for text in texts(program, done.stdout):
        assert "attempt 1 failed: 1 of 2 steps passed, 1 failed" in text
        assert "the failure of attempt 2 stands: attempt 3 ended without a verdict" in text
        assert "attempt 2 of 3" in text


def test_a_suite_that_passes_on_a_later_attempt_is_flaky_and_passes(program: Program) -> None:
    done, starts = attempted(program, failing_first(2), "--retries", "3")
    assert (done.returncode, starts) == (0, 3), done.stdout
    whole = run(program)
    assert (whole["verdict"], whole["attempt"], whole["flaky"]) == ("passed", 3, True)
    for text in texts(program, done.stdout):
        assert "flaky: passed only on attempt 3" in text
        assert re.search("attempt 1 failed: .*" + whole["earlier"][0]["test_run_id"], text)
        assert "attempt 2, step 002 hello failed" in text
    assert not run_case(program).result
    xml = junitparser.JUnitXml.fromstring(program.report().encode())
    assert (xml.failures, xml.errors) == (0, 0)


def test_a_suite_that_goes_on_failing_has_failed(program: Program) -> None:
    done, starts = attempted(program, failing_first(9), "--retries", "1")
    assert (done.returncode, starts) == (1, 2)
    assert "flaky" not in done.stdout
    assert run(program)["attempt"] == 2
    assert "attempt 1 failed" in done.stdout
    assert "stands" not in done.stdout
    assert not run_case(program).result
    assert "attempt 1 failed" in run_case(program).system_out
    xml = junitparser.JUnitXml.fromstring(program.report().encode())
    assert (xml.failures, xml.errors) == (1, 0)


def test_without_retries_there_is_one_attempt(program: Program) -> None:
    done, starts = attempted(program, failing_first(1))
    assert (done.returncode, starts) == (1, 1)
    assert "attempt" not in done.stdout


def test_flaky_can_be_made_to_fail(program: Program) -> None:
    done, _ = attempted(program, failing_first(1), "--retries", "1", "--fail-on-flaky")
    assert done.returncode == 1
    assert run(program)["verdict"] == "failed"
    assert "flaky: passed only on attempt 2" in program.report()


@pytest.mark.parametrize(("flag", "code"), [((), 0), (("--fail-on-flaky",), 1)])
def test_an_attempt_that_is_tolerated_replaces_a_failure_and_is_flaky(
    program: Program, flag: tuple[str, ...], code: int
) -> None:
    (program.folder / "gatekeeper.toml").write_text(OTHER_FAILURE, encoding="utf-8")
    known = finished(greeting("failed"), greeting(), status="failed") | ANYBODYS
    faults = [*failing_first(1), answered(2, known)]
    done, starts = attempted(program, faults, "--retries", "3", *flag)
    assert (done.returncode, starts) == (code, 2), done.stdout
    assert run(program)["verdict"] == ("failed" if code else "tolerated")
    assert run(program)["attempt"] == 2
    for text in texts(program, done.stdout):
        assert "flaky: tolerated only on attempt 2" in text


def test_a_failure_of_a_suite_that_does_not_block_is_not_attempted_again(program: Program) -> None:
    policy = '[[suite]]\nname = "no-step-detail"\nblocking = false\n'
    (program.folder / "gatekeeper.toml").write_text(policy, encoding="utf-8")
    done, starts = attempted(program, failing_first(1), "--retries", "2")
    assert (done.returncode, starts) == (0, 1)


def test_an_error_of_the_platform_is_no_reason_for_another_attempt(
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
