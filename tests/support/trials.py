"""Runs of the real program against real faults, and the checks that every ending must pass."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import junitparser
import pytest

from gatekeeper.simulator import Simulator
from support.program import Program
from support.relay import Override, Relay

REPORTS = {"badge.svg", "junit.xml", "report.html", "result.json", "summary.md"}
ATTACH = "attach to it with test-run-id"
MAY_HAVE_BEGUN = "the run may have started anyway"
# Each trial mostly waits. Those that start together also end together, and would then compete for
# the processors while their times are measured.
_PARALLEL_TRIALS = 12
_STARTING = threading.Lock()
_BETWEEN_STARTS = 0.1  # seconds


def nothing_lost(
    program: Program,
    done: subprocess.CompletedProcess[str],
    code: int,
    attach_to: str | None = None,
    *,
    judged: bool = False,
) -> Any:
    """Check what holds for every ending, and return the content of `result.json`.

    The exit code is the expected one and all reports agree with it; there is no internal error; an
    ending without a response that could be judged says what to do next. `attach_to` is the id of a
    run that is still in progress.
    """
    output = done.stdout + done.stderr
    assert done.returncode == code, output
    for bug in ("Traceback", "report this as a bug"):
        assert bug not in output
    assert done.stderr == ""
    assert f"(exit code {code})" in done.stdout.splitlines()[-1]

    result = json.loads(program.report("result.json"))
    assert result["exit_code"] == code
    assert (result["verdict"] == "passed") is (code == 0)
    xml = junitparser.JUnitXml.fromstring(program.report().encode())
    assert xml.tests > 0
    assert bool(xml.failures) is (code == 1)
    assert bool(xml.failures + xml.errors) is (code != 0)
    written = {path.name for path in (program.folder / "gatekeeper-report").iterdir()}
    assert written == REPORTS

    [run] = result["runs"]
    for text in (done.stdout, program.report()):
        if attach_to:
            assert f"{ATTACH} {attach_to}" in text
        else:
            assert ATTACH not in text
    if attach_to:
        assert run["test_run_id"] == attach_to
    if code == 3 and not judged:
        assert "next: " in done.stdout
    return result


@contextmanager
def started(program: Program, *arguments: str, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """Start the program, and kill it if it has not ended by itself."""
    with program.start(*arguments, **environ) as running:
        try:
            yield running
        finally:
            running.kill()


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until a condition is true; fails after ten seconds."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def wait_until_gone(pid: int) -> None:
    """Wait until a process has ended; it stays a zombie if nobody waits for it."""

    def is_gone() -> bool:
        stat = Path(f"/proc/{pid}/stat")
        return not stat.exists() or stat.read_text("ascii").rpartition(")")[2].split()[0] == "Z"

    wait_for(is_gone)


def ended_by(signum: int, running: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Send a signal, which must end the program within 2 s, and return how it ended."""
    begun = time.monotonic()
    running.send_signal(signum)
    stdout, stderr = running.communicate(timeout=20)
    assert time.monotonic() - begun < 2
    return subprocess.CompletedProcess(running.args, running.returncode, stdout, stderr)


def row(fault: str, outcome: str, *values: object, name: str = "") -> Any:
    """Return a case of a test that is listed in docs/explanation/reliability.md."""
    mark = pytest.mark.proves(fault, outcome)
    return pytest.param(*values, marks=mark, id=re.sub(r"\W+", "-", f"{fault} {name}".strip()))


@dataclass(frozen=True)
class Trial:
    """A run of the program behind a relay: the faults there, and the settings.

    `first` is code that Python executes before anything else, as `sitecustomize`.
    """

    overrides: tuple[Override, ...]
    polls: int = 0
    timeout: str = "30s"
    environ: Mapping[str, str] = field(default_factory=dict)
    first: str = ""


@dataclass(frozen=True)
class Ended:
    """The ending of a trial; `seconds` is the time from its first request to its end."""

    program: Program
    done: subprocess.CompletedProcess[str]
    trial: Trial
    relay: Relay
    seconds: float

    @property
    def log(self) -> str:
        """The standard output of the program."""
        return self.done.stdout

    def nothing_lost(self, code: int, *, goes_on: bool = False, judged: bool = False) -> Any:
        """Check what holds for every ending; with `goes_on`, the run is still in progress."""
        run_id = self.relay.run_id if goes_on else None
        return nothing_lost(self.program, self.done, code, attach_to=run_id, judged=judged)


def run_trial(trial: Trial, folder: Path) -> Ended:
    """Run the program to its end, not right after another trial."""
    with _STARTING:
        time.sleep(_BETWEEN_STARTS)
    program = Program(folder)
    environ = dict(trial.environ)
    if trial.first:
        (folder / "sitecustomize.py").write_text(trial.first, encoding="utf-8")
        environ["PYTHONPATH"] = str(folder)
    # The relay decides when a run ends. A ready token is used more than once.
    with (
        Simulator(speed=0.001, enforce_jti="GATEKEEPER_JWT" not in environ) as simulator,
        Relay(simulator, *trial.overrides, polls=trial.polls) as relay,
    ):
        done = program.run("--timeout", trial.timeout, **relay.environment() | environ)
        return Ended(program, done, trial, relay, time.monotonic() - relay.requests[0].time)


@contextmanager
def trials_ahead(
    request: pytest.FixtureRequest, folders: pytest.TempPathFactory
) -> Iterator[Mapping[str, Future[Ended]]]:
    """Start the trials of a module's tests, several at a time; yields them by test id.

    A test has its trial as the parameter of the fixture `ended`.
    """
    with ThreadPoolExecutor(_PARALLEL_TRIALS) as pool:
        yield {
            item.nodeid: pool.submit(run_trial, trial, folders.mktemp("trial"))
            for item in request.session.items
            if isinstance(item, pytest.Function)
            and item.module is request.module
            and hasattr(item, "callspec")
            and isinstance(trial := item.callspec.params.get("ended"), Trial)
        }
        pool.shutdown(cancel_futures=True)
