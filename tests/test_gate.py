"""The main job as a process against a real server: every ending, its exit code, its reports."""

import json
import re
import signal
import socket
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import junitparser
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gatekeeper.simulator import Fault, Simulator, scenario_names
from support.builders import finished, greeting, response, step, text
from support.program import Program

TRUTHS = {
    "banking-transfer": 0,
    "banking-card-block": 1,
    "airline-rebooking": 1,
    "airline-arrival-de": 0,
    "hotel-arabic": 0,
    "retail-returns-ja": 1,
    "insurance-claim-stops": 1,
    "flaky": 1,
    "no-step-detail": 0,
    "no-step-detail-failed": 1,
    "lying-pass": 1,
    "counters-disagree": 3,
    "unknown-state": 3,
    "missing-status": 3,
    "not-evaluated": 3,
    "contradiction": 3,
    "empty": 3,
    "error-details": 3,
    "aborted": 3,
    "completed": 0,
    "malformed": 3,
    "hostile-text": 1,
    "never-ends": 4,
    "long": 0,
}
VERDICTS = {0: "passed", 1: "failed", 3: "error", 4: "timeout"}


def result_of(program: Program) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(program.report("result.json"))
    return result


def test_every_scenario_has_a_truth_to_be_held_to() -> None:
    assert set(scenario_names()) == set(TRUTHS)


@pytest.mark.parametrize(("scenario", "code"), TRUTHS.items())
def test_each_scenario_ends_with_its_exit_code_and_every_report_says_the_same(
    program: Program, scenario: str, code: int
) -> None:
    with Simulator(speed=1000) as simulator:
        timeout = "3s" if scenario == "never-ends" else "1m"
        done = program.run("--timeout", timeout, **simulator.environment(suite=scenario))
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stderr == ""
    result = result_of(program)
    assert (result["verdict"], result["exit_code"]) == (VERDICTS[code], code)
    xml = junitparser.JUnitXml.fromstring(program.report().encode())
    [suite] = xml
    assert suite.name == f"{scenario} (en)"
    assert suite.tests > 0
    assert bool(suite.failures) is (code == 1)
    assert bool(suite.failures + suite.errors) is (code != 0)
    assert f"(exit code {code})" in done.stdout.splitlines()[-1]
    if code:
        assert re.search(r"^  (why: |[✗!] step \d)", done.stdout, re.MULTILINE)
        assert "next: see gatekeeper-report/report.html" in done.stdout


def serving(
    simulator: Simulator, *steps: Any, name: str = "Suite", **fields: Any
) -> dict[str, str]:
    """Serve an answer under a suite's name; it leaves open which run and stream it is about."""
    simulator.add_suite(name, finished(*steps, **fields) | {"_id": None, "streamId": None})
    return simulator.environment(suite=name)


def test_a_failing_run_names_step_assertion_expected_and_answered(
    program: Program, simulator: Simulator
) -> None:
    failing = step(
        "Block my card",
        response("Which one?", text=text("Your card is blocked.", status="failed")),
        status="failed",
    )
    done = program.run(**serving(simulator, greeting(), failing, status="failed"))
    assert done.returncode == 1
    for told in ("step 2", "Block my card", "the text assertion of response 1 failed"):
        assert told in done.stdout
    assert re.search(r"expected:\s+Your card is blocked\.", done.stdout)
    assert re.search(r"actual:\s+Which one\?", done.stdout)


def test_one_failing_assertion_in_a_run_that_says_passed_everywhere_else_is_red(
    program: Program, simulator: Simulator
) -> None:
    lying = step("hello", response("Hi!", text=text("Bye!", status="failed")))
    done = program.run(**serving(simulator, greeting(), lying))
    assert done.returncode == 1
    assert "<failure" in program.report()
    assert any("[contradiction]" in reason for reason in result_of(program)["runs"][0]["reasons"])


def test_without_arguments_the_program_is_the_gate_and_inputs_are_enough(
    program: Program, simulator: Simulator
) -> None:
    environ = {
        f"INPUT_{name.removeprefix('GATEKEEPER_').replace('_', '-')}": value
        for name, value in serving(simulator, greeting()).items()
    }
    assert program.run(**environ, INPUT_JWT="").returncode == 0


def test_a_run_that_somebody_else_started_is_attached_to(
    program: Program, simulator: Simulator
) -> None:
    environ = simulator.environment() | {"GATEKEEPER_USER_EMAIL": ""}
    run_id = simulator.start("banking-transfer")
    done = program.run("gate", "--test-run-id", run_id, **environ)
    assert done.returncode == 0
    assert f"attached to run {run_id}" in done.stdout
    assert {request.call for request in simulator.requests} == {"status"}


@pytest.mark.parametrize(
    "name", ["a/b", "..", "50 %", "a b?c#d", "日本語", "../../status", "%2e%2e", "😀", "a;b&c=d+e"]
)
def test_a_suite_of_any_name_is_found(program: Program, simulator: Simulator, name: str) -> None:
    assert program.run(**serving(simulator, greeting(), name=name)).returncode == 0
    for request in simulator.requests:
        segments = request.path.split("/")
        assert len(segments) == (9 if request.call == "start" else 10)
        assert ".." not in segments


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"GATEKEEPER_CLIENT_SECRET": "wrong" * 10}, "Invalid SDK credentials"),
        ({"GATEKEEPER_STREAM_ID": "st-wrong"}, "stream-id"),
        ({"GATEKEEPER_JWT_ALGORITHM": "HS512"}, "HTTP 401"),
        ({"GATEKEEPER_TEST_SUITE": "No such suite"}, "Test Suite not found"),
        ({"GATEKEEPER_TEST_RUN_ID": "ctr-none"}, "Test Result not found."),
    ],
)
def test_a_refusal_ends_at_once_with_cause_and_next_step(
    program: Program, simulator: Simulator, change: dict[str, str], said: str
) -> None:
    done = program.run(**simulator.environment() | change)
    assert done.returncode == 3
    assert said in done.stdout
    assert "next: " in done.stdout
    assert len(simulator.requests) == 1
    assert "<error" in program.report()
    # No run is known: there is none to attach to.
    assert "attach to it" not in done.stdout
    if "GATEKEEPER_TEST_RUN_ID" not in change:
        assert "ERROR, no verdict: the suite could not run, " in done.stdout


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_points_to_doctor(program: Program, status: int) -> None:
    with Simulator(faults=[Fault("start", status=status)]) as simulator:
        done = program.run(**simulator.environment())
    assert done.returncode == 3
    assert "to find out more, run gatekeeper doctor" in done.stdout


@pytest.mark.parametrize("state", ["Paused", "Not Executed"])
def test_a_run_that_nothing_continues_ends_at_once_without_a_verdict(
    program: Program, simulator: Simulator, state: str
) -> None:
    halted = finished(greeting(), status=state, percentageCompleted=40, _id=None, streamId=None)
    halted["result"]["status"] = "inprogress"
    simulator.add_suite("Halted", halted)
    done = program.run(**simulator.environment(suite="Halted"))
    assert done.returncode == 3
    assert f"the run ended with status '{state}'" in done.stdout
    assert "next: look at the run on the platform" in done.stdout
    assert [request.call for request in simulator.requests] == ["start", "status"]


def test_an_app_without_the_scope_is_told_to_be_published(program: Program) -> None:
    with Simulator(scopes=()) as simulator:
        done = program.run(**simulator.environment())
    assert done.returncode == 3
    assert "then publish the app" in done.stdout


@pytest.mark.parametrize("algorithm", ["HS512", "RS256", "RS512"])
def test_every_algorithm_signs_what_the_platform_accepts(program: Program, algorithm: str) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    numbers = key.public_key().public_numbers()
    with Simulator(speed=1000, algorithm=algorithm, public_key=(numbers.n, numbers.e)) as simulator:
        environ = serving(simulator, greeting()) | {"GATEKEEPER_JWT_ALGORITHM": algorithm}
        if algorithm.startswith("RS"):
            environ |= {"GATEKEEPER_PRIVATE_KEY": pem, "GATEKEEPER_CLIENT_SECRET": ""}
        done = program.run(**environ)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_platform_that_nobody_answers_at_is_given_up_at_the_deadline(program: Program) -> None:
    with Simulator() as simulator:
        environ = simulator.environment()
    begun = time.monotonic()
    done = program.run("--timeout", "2s", **environ)
    assert done.returncode == 3
    assert time.monotonic() - begun < 10
    assert "Connection refused" in done.stdout
    assert "retrying" in done.stdout
    assert "<error" in program.report()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", status=500, count=2),
        Fault("status", status=503, headers={"Retry-After": "1"}),
        Fault("status", status=429, headers={"Retry-After": "1"}),
        Fault("status", body="<html>Bad gateway</html>", headers={"Content-Type": "text/html"}),
        Fault("status", body="[]"),
        Fault("status", drop="before"),
        Fault("status", drop="middle"),
        Fault("status", drop="reset"),
        Fault("start", status=429, headers={"Retry-After": "1"}),
        Fault(
            "start",
            status=400,
            body='{"errors": [{"msg": "Rate limit for this API has been reached"}]}',
            headers={"Retry-After": "1"},
        ),
    ],
    ids=lambda fault: f"{fault.call}-{fault.status or fault.drop or fault.body}",
)
def test_trouble_that_passes_by_itself_is_ridden_out(program: Program, fault: Fault) -> None:
    with Simulator(speed=1000, faults=[fault]) as simulator:
        done = program.run(**simulator.environment())
        starts = [request for request in simulator.requests if request.call == "start"]
    assert done.returncode == 0, done.stdout
    assert "retrying" in done.stdout
    assert len(starts) == (2 if fault.call == "start" else 1)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("start", status=500),
        Fault("start", status=503, headers={"Retry-After": "1"}),
        Fault("start", drop="before"),
        Fault("start", drop="middle"),
        Fault("start", body="<html></html>"),
        Fault("start", body="{}"),
    ],
    ids=lambda fault: str(fault.status or fault.drop or fault.body),
)
def test_a_start_whose_run_may_have_begun_is_never_repeated(program: Program, fault: Fault) -> None:
    with Simulator(speed=1000, faults=[fault]) as simulator:
        done = program.run(**simulator.environment())
        assert [request.call for request in simulator.requests] == ["start"]
    assert done.returncode == 3
    assert "the run may have started anyway" in done.stdout
    assert "test-run-id" in done.stdout


def test_an_hourly_limit_beyond_the_deadline_ends_at_once_with_the_reason(program: Program) -> None:
    hourly = "You've exceeded the hourly rate limit. Please wait for sometime before retrying."
    body = json.dumps({"errors": [{"msg": hourly, "code": 429}]})
    begun = time.monotonic()
    with Simulator(faults=[Fault("status", status=403, body=body)]) as simulator:
        done = program.run(**simulator.environment())
    assert done.returncode == 3
    assert time.monotonic() - begun < 10
    assert "has to wait 1 h 0 min" in done.stdout
    assert "attach to it with test-run-id ctr-" in done.stdout


def test_a_redirect_is_an_error_and_the_token_stays_here(program: Program) -> None:
    with Simulator() as elsewhere:
        target = f"{elsewhere.host}/api"
        fault = Fault("start", status=307, headers={"Location": target})
        with Simulator(faults=[fault]) as simulator:
            done = program.run(**simulator.environment())
        assert elsewhere.requests == []
    assert done.returncode == 3
    assert f"redirects to {target}" in done.stdout


def test_at_the_timeout_the_log_and_the_xml_say_how_to_attach(program: Program) -> None:
    with Simulator() as simulator:
        environ = simulator.environment(suite="never-ends")
        done = program.run("--timeout", "3s", **environ)
    assert done.returncode == 4
    assert result_of(program)["duration"] < 6
    [run] = result_of(program)["runs"]
    for told in (done.stdout, program.report()):
        assert f"attach to it with test-run-id {run['test_run_id']}" in told
    assert run["verdict"] == "timeout"


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_gate_writes_what_it_knows_within_two_seconds(
    program: Program, simulator: Simulator, signum: int, code: int
) -> None:
    running = program.start(**simulator.environment(suite="never-ends"))
    wait_for(lambda: len(simulator.requests) >= 2)
    begun = time.monotonic()
    running.send_signal(signum)
    stdout, stderr = running.communicate(timeout=10)
    assert time.monotonic() - begun < 2
    assert (running.returncode, stderr) == (code, "")
    [run] = result_of(program)["runs"]
    assert f"attach to it with test-run-id {run['test_run_id']}" in stdout
    assert "<error" in program.report()
    assert result_of(program)["exit_code"] == code


def test_a_report_that_cannot_be_written_fails_a_gate_that_passed(
    program: Program, simulator: Simulator
) -> None:
    (program.folder / "in-the-way").mkdir()
    done = program.run("--junit", "in-the-way", **serving(simulator, greeting()))
    assert done.returncode == 5
    assert "in-the-way could not be written" in done.stdout
    assert result_of(program)["exit_code"] == 5


def test_a_report_that_cannot_be_written_does_not_hide_a_failure(
    program: Program, simulator: Simulator
) -> None:
    (program.folder / "gatekeeper-report").write_text("in the way", encoding="utf-8")
    environ = serving(simulator, greeting() | {"status": "failed"}, status="failed")
    assert program.run(**environ).returncode == 1


def test_the_documented_limits_are_kept_while_a_run_goes_on(program: Program) -> None:
    with Simulator() as simulator:
        program.run("--timeout", "8s", **simulator.environment(suite="never-ends"))
        times = [request.time for request in simulator.requests if request.call == "status"]
    assert all(later - earlier > 1 for earlier, later in pairwise(times[:-1]))
    assert 4 <= len(times) <= 10


def test_no_secret_is_anywhere_in_what_is_written(program: Program, simulator: Simulator) -> None:
    running = program.start(**simulator.environment())
    stdout, stderr = running.communicate(timeout=30)
    tokens = [request.headers["auth"] for request in simulator.requests]
    assert len(set(tokens)) == len(tokens) > 1
    written = stdout + stderr + program.report() + program.report("result.json")
    for secret in (simulator.client_secret, *tokens, *(token.split(".")[2] for token in tokens)):
        assert secret not in written


def test_a_bots_text_is_no_workflow_command(program: Program, simulator: Simulator) -> None:
    commands = "x\n::error::boom\n  ::set-output name=verdict::passed\n##[error]boom\r::warning::x"
    failing = step(
        commands, response(commands, text=text(commands, status="failed")), status="failed"
    )
    suite = "::error::suite"
    done = program.run(**serving(simulator, failing, name=suite, status="failed"))
    assert done.returncode == 1
    assert "boom" in done.stdout
    assert "##[" not in done.stdout
    assert not re.search(r"^\s*::", done.stdout.replace("\r", "\n"), re.MULTILINE)


def test_github_gets_outputs_and_a_summary(program: Program, simulator: Simulator) -> None:
    output, summary = program.folder / "output", program.folder / "summary"
    environ = serving(simulator, greeting())
    done = program.run(**environ, GITHUB_OUTPUT=str(output), GITHUB_STEP_SUMMARY=str(summary))
    assert done.returncode == 0
    assert "\npassed\n" in output.read_text(encoding="utf-8")
    assert "| Suite | Steps |" in summary.read_text(encoding="utf-8")


def test_nobody_reading_the_log_changes_nothing(program: Program, simulator: Simulator) -> None:
    with program.start(**serving(simulator, greeting())) as running:
        assert running.stdout is not None
        running.stdout.close()
        assert running.wait(timeout=30) == 0
    assert result_of(program)["verdict"] == "passed"


def test_a_server_that_never_answers_does_not_outlive_the_deadline(program: Program) -> None:
    with Simulator() as simulator, socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"http://127.0.0.1:{silent.getsockname()[1]}"
        environ = simulator.environment() | {"GATEKEEPER_HOST": host}
        done = program.run("--timeout", "2s", **environ)
    assert done.returncode == 3
    assert result_of(program)["duration"] < 6
    assert "the run may have started anyway" in done.stdout


def test_an_api_that_is_slow_at_the_last_look_is_a_timeout_and_no_trouble(program: Program) -> None:
    faults = [Fault("status", at=2, count=None, delay=3)]
    with Simulator(faults=faults) as simulator:
        done = program.run("--timeout", "3s", **simulator.environment(suite="never-ends"))
    assert done.returncode == 4
    assert "the last request: no " in done.stdout


def test_trouble_that_stays_until_the_deadline_is_no_verdict(program: Program) -> None:
    with Simulator(faults=[Fault("status", at=2, count=None, status=503)]) as simulator:
        done = program.run("--timeout", "6s", **simulator.environment(suite="never-ends"))
    assert done.returncode == 3
    assert "HTTP 503" in done.stdout
    assert "the platform has an outage" in done.stdout


@pytest.mark.parametrize(
    "body",
    [
        {"status": "failed", "errors": [{"msg": "You've exceeded the hourly rate limit."}]},
        {"message": "You've exceeded the hourly rate limit."},
        "You've exceeded the hourly rate limit.",
    ],
    ids=["with a state", "as a message", "as bare text"],
)
@pytest.mark.parametrize("call", ["start", "status"])
def test_a_rate_limit_that_comes_as_a_success_is_one(
    program: Program, call: Any, body: object
) -> None:
    told = body if isinstance(body, str) else json.dumps(body)
    with Simulator(faults=[Fault(call, status=200, body=told)]) as simulator:
        done = program.run(**simulator.environment())
    assert done.returncode == 3
    assert "has to wait 1 h 0 min" in done.stdout
    assert "may have started" not in done.stdout


def test_a_server_error_that_speaks_of_limits_is_no_rate_limit(program: Program) -> None:
    body = json.dumps({"errors": [{"msg": "run began, then the engine hit its rate limit"}]})
    with Simulator(faults=[Fault("start", status=500, body=body)]) as simulator:
        done = program.run(**simulator.environment())
        assert len(simulator.requests) == 1
    assert "the run may have started anyway" in done.stdout


def test_a_run_id_that_can_be_none_is_not_followed(program: Program) -> None:
    body = json.dumps({"status": "IN_PROGRESS", "testRunId": "\ud800 x"})
    with Simulator(faults=[Fault("start", body=body, effect=True)]) as simulator:
        done = program.run(**simulator.environment())
        assert len(simulator.requests) == 1
    assert (done.returncode, done.stderr) == (3, "")


def test_a_summary_that_cannot_be_written_keeps_nothing_else_from_being_told(
    program: Program, simulator: Simulator
) -> None:
    output = program.folder / "output"
    files = {"GITHUB_STEP_SUMMARY": "/nowhere/summary", "GITHUB_OUTPUT": str(output)}
    done = program.run(**serving(simulator, greeting()), **files)
    assert done.returncode == result_of(program)["exit_code"] == 5
    assert "\n5\n" in output.read_text(encoding="utf-8")


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so; fails after ten seconds."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
