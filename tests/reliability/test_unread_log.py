"""A log that nobody reads: full pipes and stopped terminals."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from gatekeeper.simulator import Simulator
from support.program import ROOT, Program
from support.trials import ATTACH, REPORTS, row, wait_for

# What the program may take beyond the end of its work: a process that starts on a busy machine, and
# the time that a reader is given to read on.
GRACE_SECONDS = 10
ANSWER = ROOT / "tests/golden/banking-card-block.answer.json"
ENDINGS = (
    ("passes", "banking-transfer", "1m", 0),
    ("fails", "banking-card-block", "1m", 1),
    ("times out", "never-ends", "3s", 4),
)


def fill(stream: int) -> None:
    """Write to a stream until it takes nothing more."""
    os.set_blocking(stream, False)
    with suppress(BlockingIOError):
        while True:
            os.write(stream, bytes(4096))
    os.set_blocking(stream, True)


@contextmanager
def full_pipe() -> Iterator[int]:
    """Yield the end to write to of a pipe that nobody reads and that takes nothing more."""
    reader, writer = os.pipe()
    fill(writer)
    try:
        yield writer
    finally:
        os.close(reader)
        os.close(writer)


@contextmanager
def stopped_terminal() -> Iterator[int]:
    """Yield a terminal that nobody reads and that takes nothing more."""
    main, side = pty.openpty()
    fill(side)
    try:
        yield side
    finally:
        os.close(main)
        os.close(side)


@contextmanager
def unread(
    program: Program, output: int, *arguments: str, **environ: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Start the program with both of its streams there; kill it if it has not ended by itself."""
    with program.process(
        arguments, environ, stdin=subprocess.DEVNULL, stdout=output, stderr=output
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def all_reports_say(program: Program, code: int) -> None:
    """Check that all reports were written, with this exit code."""
    assert {path.name for path in (program.folder / "gatekeeper-report").iterdir()} == REPORTS
    assert json.loads(program.report("result.json"))["exit_code"] == code


@pytest.mark.parametrize(
    ("suite", "timeout", "code", "environ"),
    [
        row(
            f"a full pipe as log, which nobody reads; the run {ends}",
            f"exit {code} soon after its end; all reports",
            *(suite, timeout, code, environ),
            name=platform,
        )
        for platform, environ in (
            ("none", {"GATEKEEPER_DEBUG": "true"}),
            ("GitHub", {"GITHUB_ACTIONS": "true"}),
        )
        for ends, suite, timeout, code in ENDINGS
    ],
)
def test_a_log_that_nobody_reads_changes_no_verdict(
    program: Program, suite: str, timeout: str, code: int, environ: dict[str, str]
) -> None:
    with (
        Simulator(speed=1_000_000 if code != 4 else 1) as simulator,
        full_pipe() as pipe,
        unread(
            program, pipe, "--timeout", timeout, **simulator.environment(suite), **environ
        ) as running,
    ):
        limit = GRACE_SECONDS + (3 if code == 4 else 0)
        assert running.wait(timeout=limit) == code
    all_reports_say(program, code)


@pytest.mark.parametrize(
    ("signum", "code"),
    [
        row(
            "SIGHUP, SIGINT or SIGTERM with a full pipe as log, which nobody reads",
            "exit 129, 130 or 143 within seconds; reports with the run id",
            *case,
            name=case[0].name,
        )
        for case in ((signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGTERM, 143))
    ],
)
def test_a_signal_ends_a_gate_whose_log_nobody_reads(
    program: Program, signum: signal.Signals, code: int
) -> None:
    with (
        Simulator(speed=0.001) as simulator,
        full_pipe() as pipe,
        unread(program, pipe, **simulator.environment("never-ends")) as running,
    ):
        wait_for(lambda: len(simulator.requests) >= 2)
        begun = time.monotonic()
        running.send_signal(signum)
        assert running.wait(timeout=GRACE_SECONDS) == code
        assert time.monotonic() - begun < 4
    all_reports_say(program, code)
    [run] = json.loads(program.report("result.json"))["runs"]
    assert f"{ATTACH} {run['test_run_id']}" in program.report()


@pytest.mark.parametrize(
    ("ending", "timeout", "code"),
    [
        row("a stopped terminal at the timeout", "exit 4; all reports", None, "3s", 4),
        row("SIGTERM on a stopped terminal", "exit 143; all reports", signal.SIGTERM, "1m", 143),
    ],
)
def test_bars_on_a_stopped_terminal_hold_nothing_up(
    program: Program, ending: signal.Signals | None, timeout: str, code: int
) -> None:
    with (
        Simulator(speed=1) as simulator,
        stopped_terminal() as terminal,
        unread(
            program,
            terminal,
            *("--timeout", timeout),
            **simulator.environment("never-ends"),
            TERM="xterm",
        ) as running,
    ):
        wait_for(lambda: len(simulator.requests) >= 2)
        time.sleep(0.5)
        if ending:
            running.send_signal(ending)
        assert running.wait(timeout=GRACE_SECONDS + 3) == code
    all_reports_say(program, code)


@pytest.mark.proves("invalid settings, with a full pipe as log", "exit 2; all reports")
def test_invalid_settings_are_reported_without_a_reader(program: Program) -> None:
    with full_pipe() as pipe, unread(program, pipe, "--timeout", "soon") as running:
        assert running.wait(timeout=GRACE_SECONDS) == 2
    all_reports_say(program, 2)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        row("SIGTERM while `plan` writes to a full pipe", "exit 143", *case)
        if case[0][0] == "plan"
        else row(
            "SIGTERM while `check -` waits for a standard input that never ends", "exit 143", *case
        )
        if case[0][0] == "check"
        else pytest.param(*case, id=case[0][0])
        for case in (
            (("plan", "--shards", "2", "--test-suite", "A"), 143),
            (("check", "-"), 143),
            (("--help",), 143),
            (("gate", "--help"), 143),
            (("simulate",), 0),
        )
    ],
)
def test_a_signal_ends_every_command_that_waits(
    program: Program, arguments: tuple[str, ...], code: int
) -> None:
    reader, writer = os.pipe()
    with (
        full_pipe() as pipe,
        program.process(arguments, {}, stdin=reader, stdout=pipe, stderr=pipe) as running,
    ):
        try:
            time.sleep(2)
            assert running.poll() is None
            running.terminate()
            assert running.wait(timeout=GRACE_SECONDS) == code
        finally:
            running.kill()
            os.close(reader)
            os.close(writer)


@pytest.mark.proves(
    "a log that is read slowly", "the exit code is right, and no line of the log is lost"
)
def test_a_slow_reader_gets_the_whole_log(program: Program) -> None:
    names = [f"suite-{number}" for number in range(120)]
    for name in names:
        shutil.copy(ANSWER, program.folder / f"{name}.json")
    with program.start("check", *(f"{name}.json" for name in names)) as running:
        assert running.stdout is not None
        # From its start on, and less than it waits for a reader at its end.
        time.sleep(3)
        log = ""
        while text := running.stdout.read(4096):
            log += text
            time.sleep(0.01)
        assert running.wait(timeout=10) == 1
    assert "lines are missing" not in log
    assert "(exit code 1)" in log.splitlines()[-1]
    for name in names:
        assert log.count(f"✗ FAILED    {name}: 6 of 8 steps passed") == 2
