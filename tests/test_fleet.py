"""Several suites in one gate: at the same time, within the limits, none hidden by another."""

import io
import json
import math
import signal
from typing import Any

import junitparser
import pytest

from gatekeeper.console import Console
from gatekeeper.core.progress import GateProgress
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.deadline import Deadline
from gatekeeper.errors import GatekeeperError
from gatekeeper.kore.client import KoreClient
from gatekeeper.kore.start_limit import StartLimit
from gatekeeper.settings.gate_settings import SuiteSettings
from gatekeeper.simulator import Fault, Simulator
from gatekeeper.watch.progress_log import ProgressLog
from gatekeeper.watch.suites import GateContext, RunIds, SuiteWatch
from support.program import Program


def suites(*names: str) -> str:
    return "\n".join(names)


def ended(program: Program) -> dict[str, Any]:
    """Return how each suite ended, by its name."""
    runs = json.loads(program.report("result.json"))["runs"]
    return {run["test_suite"]: run["verdict"] for run in runs}


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("banking-transfer", "hotel-arabic"), 0),
        (("banking-transfer", "banking-card-block", "aborted", "never-ends"), 1),
        (("banking-transfer", "aborted", "never-ends"), 3),
        (("banking-transfer", "never-ends"), 4),
        (("banking-transfer", "no such suite"), 3),
    ],
)
def test_the_worst_end_is_that_of_the_gate_and_every_suite_has_its_own(
    program: Program, simulator: Simulator, names: tuple[str, ...], code: int
) -> None:
    alone = {
        "banking-transfer": "passed",
        "hotel-arabic": "passed",
        "banking-card-block": "failed",
        "aborted": "error",
        "never-ends": "timeout",
        "no such suite": "error",
    }
    environ = simulator.environment(suites(*names))
    done = program.run("--timeout", "3s", **environ)
    assert done.returncode == code, done.stdout
    assert ended(program) == {name: alone[name] for name in names}
    xml = junitparser.JUnitXml.fromstring(program.report().encode())
    assert [suite.name for suite in xml] == [f"{name} (en)" for name in names]
    for name in names:
        assert name in program.report("report.html")
        assert name in program.report("summary.md")


def test_the_runs_go_on_at_the_same_time_but_no_more_than_may(program: Program) -> None:
    names = ["banking-transfer", "banking-card-block", "hotel-arabic", "airline-arrival-de"]
    for parallel in (1, 2, 4):
        with Simulator(speed=5) as simulator:
            environ = simulator.environment(suites(*names))
            program.run("--parallel", str(parallel), **environ)
            going, most = set[str](), 0
            for request in simulator.requests:
                suite = request.path.split("/")[-2 if request.call == "start" else -3]
                if request.call == "start":
                    going.add(suite)
                most = max(most, len(going))
                finished = json.loads(program.report("result.json"))["runs"]
                assert len(finished) == len(names)
                if request.call == "status" and request is last_of(simulator, suite):
                    going.discard(suite)
        assert most == parallel


def last_of(simulator: Simulator, suite: str) -> object:
    """Return the last request about a suite."""
    return [one for one in simulator.requests if f"/{suite}/" in one.path][-1]


def test_what_happens_to_one_suite_is_told_as_its_own(program: Program) -> None:
    faults = [Fault("status", status=503, headers={"Retry-After": "1"})]
    with Simulator(speed=1000, faults=faults) as simulator:
        environ = simulator.environment(suites("banking-transfer", "hotel-arabic"))
        done = program.run(**environ)
    assert done.returncode == 0
    [trouble] = [line for line in done.stdout.splitlines() if "retrying in" in line]
    assert trouble.strip().startswith(("banking-transfer: HTTP 503", "hotel-arabic: HTTP 503"))


def test_runs_can_be_attached_to_beside_runs_that_are_started(
    program: Program, simulator: Simulator
) -> None:
    run_id = simulator.start("hotel-arabic")
    names = suites(f"hotel-arabic={run_id}", "banking-transfer")
    assert program.run(**simulator.environment(names)).returncode == 0
    started = [one.path for one in simulator.requests if one.call == "start"]
    assert len(started) == 1
    assert json.loads(program.report("result.json"))["runs"][0]["test_run_id"] == run_id


def test_an_interruption_tells_of_every_run_how_to_attach(
    program: Program, simulator: Simulator
) -> None:
    simulator.add_scenario("another", "never-ends")
    names = suites("never-ends", "another", "banking-transfer")
    environ = simulator.environment(names) | {"GATEKEEPER_PARALLEL": "2"}
    with program.start(**environ) as running:
        assert running.stdout is not None
        started = 0
        while started < 2:
            started += "started run" in running.stdout.readline()
        running.send_signal(signal.SIGTERM)
        stdout, _ = running.communicate(timeout=10)
    assert running.returncode == 143
    assert stdout.count("attach to it with test-run-id") == 2
    assert "before the run was started" in stdout
    assert set(ended(program).values()) == {"error"}


def test_starts_of_an_app_keep_its_limits_together() -> None:
    now = 0.0
    start_limit = StartLimit(clock=lambda: now)
    starts: list[float] = []
    for number in range(200):
        # Some ask all at once, some later.
        now += 0.1 * (number % 3)
        starts.append(now + start_limit.reserve(math.inf))
    for at in starts:
        assert sum(at - 60 < other <= at for other in starts) <= 60
    assert starts == sorted(starts)
    assert starts[56] < 60 <= starts[57]
    assert starts[-1] < 4 * 60


def test_a_place_for_a_start_that_comes_too_late_is_left_to_others() -> None:
    now = 0.0
    start_limit = StartLimit(clock=lambda: now)
    for _ in range(57):
        assert start_limit.reserve(math.inf) == 0.0
    assert start_limit.reserve(30.0) == 60.0
    assert start_limit.reserve(90.0) == 60.0
    now = 60.0
    assert [start_limit.reserve(math.inf) for _ in range(57)] == [0.0] * 56 + [60.0]


def test_a_rate_limit_of_starts_is_waited_for(program: Program) -> None:
    limit = '{"errors": [{"msg": "You\'ve exceeded the per-minute rate limit."}]}'
    faults = [Fault("start", at=2, status=429, body=limit, headers={"Retry-After": "1"})]
    with Simulator(speed=1000, faults=faults) as simulator:
        environ = simulator.environment(suites("banking-transfer", "hotel-arabic"))
        assert program.run(**environ).returncode == 0


@pytest.mark.proves(
    "a signal while suites wait for their turn, and a thread that is free before the reports end",
    "no further run is started, as nobody would wait for it",
)
def test_no_suite_has_its_turn_after_a_signal() -> None:
    connected: list[SuiteSettings] = []

    def connect(settings: SuiteSettings, _: Deadline) -> KoreClient:
        connected.append(settings)
        raise GatekeeperError("no connection")

    settings = SuiteSettings("Booking", None, "st-1", "en", "published", "", 9.0, Policy(), 0)
    console = Console(io.StringIO())
    log = ProgressLog(console, lambda: GateProgress((), 0.0))
    suite = SuiteWatch(settings, GateContext(connect, console, log, RunIds(), fail_on_flaky=False))
    suite.interrupt(signal.SIGTERM, 0.0)
    suite.watch()
    assert connected == []
    [reason] = suite.run.verdict.reasons
    assert reason.text == "interrupted by SIGTERM before the run was started"
