"""Events: JSON Lines that are written as things happen."""

import json
import os
import resource
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.console import Console
from gatekeeper.core.model import Run, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.events import ended, json_line
from gatekeeper.core.text import inert, printable
from gatekeeper.events import open_events
from gatekeeper.simulator import Fault, Simulator
from support.builders import Json, finished, greeting
from support.program import ROOT, Program
from support.trials import started, wait_for

ANSWERS = [str(path) for path in sorted((ROOT / "tests/golden").glob("*.answer.json"))]
FAILED, PASSED = (
    finished(greeting(how), status=how) | {"_id": None, "streamId": None}
    for how in ("failed", "passed")
)
COMMON = ("event", "time", "test_suite", "language", "test_run_id", "attempt")


def lines(file: Path) -> list[Json]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def events(program: Program, name: str = "events.jsonl") -> list[Json]:
    """Return the events, which are in order."""
    listed = lines(program.folder / name)
    times = [datetime.fromisoformat(event["time"]) for event in listed]
    assert times == sorted(times)
    assert {time.utcoffset() for time in times} == {timedelta(0)}
    return listed


def agree(verdict: Json, result: Any) -> None:
    """Check that the last event says what `result.json` says."""
    assert verdict["event"] == "verdict"
    for name in ("verdict", "exit_code", "interrupted_by"):
        assert verdict[name] == result[name]
    assert len(verdict["runs"]) == len(result["runs"])
    for run, saved in zip(verdict["runs"], result["runs"], strict=True):
        assert run == {name: saved[name] for name in run}


def test_a_gate_reports_each_attempt_as_it_happens_and_then_its_verdict(program: Program) -> None:
    """The suite fails at first, and passes on its second attempt."""
    with Simulator(speed=1_000_000, faults=[Fault("status", at=1, body=json.dumps(FAILED))]) as on:
        on.add_suite("Booking", PASSED)
        environ = on.environment("Booking") | {"GATEKEEPER_EVENTS": "a/b/events.jsonl"}
        done = program.run("gate", "--retries", "1", **environ)
    assert done.returncode == 0, done.stdout + done.stderr
    listed = events(program, "a/b/events.jsonl")
    kinds = [(event["event"], event.get("attempt")) for event in listed]
    first, second = ([(kind, at) for kind in ("started", "progress", "ended")] for at in (1, 2))
    assert kinds == [*first, *second, ("verdict", None)]
    result = json.loads(program.report("result.json"))
    [run] = result["runs"]
    for event in listed[:-1]:
        assert tuple(event)[:6] == COMMON
        assert (event["test_suite"], event["language"]) == ("Booking", "en")
    assert listed[0]["test_run_id"] == run["earlier"][0]["test_run_id"]
    assert listed[3]["test_run_id"] == run["test_run_id"]
    assert listed[0]["attached"] is False
    assert listed[1]["percentage"] == 100
    assert (listed[2]["verdict"], listed[2]["reasons"]) == ("failed", ["1 of 1 step failed"])
    assert listed[2]["steps"] == run["earlier"][0]["steps"]
    assert (listed[5]["verdict"], listed[5]["reasons"]) == ("passed", [])
    agree(listed[-1], result)
    assert listed[-1]["runs"][0]["flaky"] is True


def test_suites_that_run_at_the_same_time_share_the_file(program: Program) -> None:
    suites = [f"Suite {number}" for number in range(12)]
    with Simulator(speed=1_000_000) as simulator:
        for suite in suites:
            simulator.add_suite(suite, PASSED)
        environ = simulator.environment("\n".join(suites))
        assert program.run("gate", "--events", "events.jsonl", **environ).returncode == 0
    listed = events(program)
    for suite in suites:
        of_suite = [event["event"] for event in listed if event.get("test_suite") == suite]
        assert of_suite == ["started", "progress", "ended"]
    agree(listed[-1], json.loads(program.report("result.json")))


def test_check_and_merge_have_a_verdict_alone(program: Program) -> None:
    """Of runs with every outcome, and a second time into the same file."""
    code = program.run("check", *ANSWERS, "--events", "events.jsonl").returncode
    [verdict] = events(program)
    agree(verdict, json.loads(program.report("result.json")))
    assert verdict["exit_code"] == code == 1
    arguments = ("gatekeeper-report", "--report-dir", "merged", "--events", "events.jsonl")
    assert program.run("merge", *arguments).returncode == 1
    [merged] = events(program)
    agree(merged, json.loads((program.folder / "merged/result.json").read_bytes()))


@pytest.mark.proves(
    "a signal while runs are in progress, and a file of events",
    "each run has ended in it, and the verdict is its last line",
)
@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_the_verdict_as_the_last_event(
    program: Program, signum: signal.Signals, code: int
) -> None:
    file = program.folder / "events.jsonl"
    with Simulator(speed=0.001) as simulator:
        environ = simulator.environment("never-ends\nbanking-transfer")
        with started(program, "--events", "events.jsonl", **environ) as running:
            wait_for(lambda: file.exists() and file.read_bytes().count(b'"progress"') >= 2)
            running.send_signal(signum)
            running.communicate(timeout=30)
    assert running.returncode == code
    listed = events(program)
    ends = [event for event in listed if event["event"] == "ended"]
    assert sorted(event["test_suite"] for event in ends) == ["banking-transfer", "never-ends"]
    assert all("interrupted by" in event["reasons"][0] for event in ends)
    assert [event["event"] for event in listed].count("verdict") == 1
    agree(listed[-1], json.loads(program.report("result.json")))
    assert listed[-1]["interrupted_by"] == signum


def test_invalid_settings_are_an_event_too(program: Program) -> None:
    for arguments in (("--retries", "9"), ("--no-such-flag",)):
        done = program.run("gate", "--events", "events.jsonl", *arguments)
        assert done.returncode == 2
        [verdict] = events(program)
        assert (verdict["verdict"], verdict["exit_code"]) == ("error", 2)
        assert verdict["runs"][0]["test_suite"] == "settings"


def test_config_writes_no_events(program: Program) -> None:
    assert "events = events.jsonl" in program.run("config", "--events", "events.jsonl").stdout
    assert not (program.folder / "events.jsonl").exists()


@pytest.mark.proves(
    "a file of events that cannot be written", "exit 2 before anything is sent, with the reason"
)
def test_a_file_that_cannot_be_written_is_a_wrong_setting(program: Program) -> None:
    with Simulator(speed=1_000_000) as simulator:
        environ = simulator.environment("banking-transfer")
        done = program.run("gate", "--events", ".", "--retries", "9", **environ)
        assert done.returncode == 2
        assert "--events: . cannot be written: Is a directory" in done.stderr
        # Together with all others.
        assert "--retries: must be a number" in done.stderr
        assert simulator.requests == []


@pytest.mark.proves("a file of events with the path of another file", "exit 2; it is untouched")
def test_no_other_file_is_replaced(program: Program, tmp_path: Path) -> None:
    for name in ("notes", "taken.jsonl"):
        (tmp_path / name).write_text('{"a": 1}\n', encoding="utf-8")
        with pytest.raises(ValueError, match="it is not a file of events: remove it"):
            open_events(tmp_path / name, tmp_path)
        assert (tmp_path / name).read_text(encoding="utf-8") == '{"a": 1}\n'
    (tmp_path / "link").symlink_to(tmp_path / "new")
    with pytest.raises(ValueError, match="it is a symbolic link"):
        open_events(tmp_path / "link", tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "in").mkdir()
    (tmp_path / "in/folder").symlink_to(tmp_path / "out")
    with pytest.raises(ValueError, match="a symbolic link out of the workspace"):
        open_events(tmp_path / "in/folder/events", tmp_path / "in")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="no process is reading from this pipe"):
        open_events(tmp_path / "pipe", tmp_path)
    report = ("check", ANSWERS[0], "--events", "gatekeeper-report/summary.md")
    done = program.run(*report)
    assert done.returncode == 2
    assert (
        "--events: gatekeeper-report/summary.md is the path of another report: sum" in done.stderr
    )
    assert program.report("summary.md").startswith("### ")


@pytest.mark.proves(
    "a disk that fills while events are written", "a warning; the verdict and reports are complete"
)
def test_a_disk_that_fills_later_is_a_warning_alone(program: Program) -> None:
    done = program.run("check", ANSWERS[0], "--events", "/dev/full")
    alone = program.run("check", ANSWERS[0])
    assert done.returncode == alone.returncode == 1
    warning = "warning: an event could not be written: No space left on device"
    assert done.stdout.splitlines().count(warning) == 1
    assert [line for line in done.stdout.splitlines() if line != warning] == (
        alone.stdout.splitlines()
    )


def run_that_ended(suite: str = "Booking", run_id: str | None = "ctr-1") -> Any:
    return ended(Run(suite, run_id, Verdict(Outcome.PASSED), language="en"), 1)


@contextmanager
def limited(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_line_that_does_not_fit_leaves_nothing_and_later_ones_are_whole(tmp_path: Path) -> None:
    log = StringIO()
    file, console = tmp_path / "events", Console(log)
    opened = open_events(file, tmp_path)
    opened.write(run_that_ended(), console)
    before = file.read_bytes()
    with limited(len(before) + 40):
        opened.write(run_that_ended("lost"), console)
        opened.write(run_that_ended("lost as well"), console)
    assert file.read_bytes() == before
    opened.write(run_that_ended("Refund"), console)
    assert [event["test_suite"] for event in lines(file)] == ["Booking", "Refund"]
    assert log.getvalue() == "warning: an event could not be written: File too large\n"


def test_nothing_follows_the_last_event(tmp_path: Path) -> None:
    file, console = tmp_path / "events", Console(StringIO())
    opened = open_events(file, tmp_path)
    opened.write_last(run_that_ended(), console)
    opened.write(run_that_ended(), console)
    assert len(lines(file)) == 1


def test_a_pipe_gets_each_line_at_once(program: Program) -> None:
    """Its reader sees that the run has started while it goes on."""
    pipe = program.folder / "pipe"
    os.mkfifo(pipe)
    read: list[Json] = []
    has_progress, is_read = threading.Event(), threading.Event()

    def follow() -> None:
        with pipe.open(encoding="utf-8") as stream:
            for line in stream:
                read.append(json.loads(line))
                if read[-1]["event"] == "progress":
                    has_progress.set()
        is_read.set()

    threading.Thread(target=follow, daemon=True).start()
    with (
        Simulator(speed=0.001) as simulator,
        started(program, "--events", "pipe", **simulator.environment("never-ends")) as running,
    ):
        assert has_progress.wait(30)
        assert running.poll() is None
        running.terminate()
        running.communicate(timeout=30)
    assert is_read.wait(30)
    assert [event["event"] for event in read] == ["started", "progress", "ended", "verdict"]


@pytest.mark.proves(
    "a pipe for events that is full and that nobody reads",
    "a warning after 2 s; the verdict stands",
)
def test_a_pipe_that_nobody_reads_delays_the_end_by_little(program: Program) -> None:
    pipe = program.folder / "pipe"
    os.mkfifo(pipe)
    both = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while True:
            os.write(both, bytes(4096))
    done = program.run("check", ANSWERS[0], "--events", "pipe")
    os.close(both)
    assert done.returncode == 1
    assert "an event could not be written: its reader has read nothing for 2 s" in done.stdout


def test_standard_output_has_whole_lines_in_turn_with_the_log(program: Program) -> None:
    done = program.run("check", ANSWERS[0], "--events", "/dev/stdout")
    [line] = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert json.loads(line)["exit_code"] == done.returncode == 1
    assert done.stdout.rstrip().endswith("(exit code 1)")


@pytest.mark.proves(
    "a secret in the names and reasons of events; CI commands in them",
    "the secret is masked; no line is a command, and the names stay the same",
)
def test_secrets_are_masked_and_commands_are_none(program: Program) -> None:
    secret = "correct-horse-battery"
    suite = f"##vso[task] ##[error] travis_fold:start:x {secret}"
    with Simulator(speed=1_000_000) as simulator:
        simulator.add_suite(suite, PASSED)
        environ = simulator.environment(suite) | {"GATEKEEPER_JWT": ""}
        environ |= {"HTTPS_PROXY": f"http://me:{secret}@proxy.example", "NO_PROXY": "127.0.0.1"}
        assert program.run("gate", "--events", "events.jsonl", **environ).returncode == 0
    text = (program.folder / "events.jsonl").read_text(encoding="utf-8")
    assert secret not in text
    assert inert(text) == text
    for event in events(program)[:-1]:
        assert event["test_suite"] == suite.replace(secret, "***")


@given(st.text(), st.none() | st.text())
def test_any_text_makes_one_line_that_is_read_back_and_no_command(
    suite: str, run_id: str | None
) -> None:
    now = datetime(2026, 5, 4, tzinfo=UTC)
    for text in (suite, f"#{suite}#[x", f"{suite}time:start:", f"fold:end:{suite}"):
        run_id_shown = run_id and printable(run_id)
        line = json_line(run_that_ended(text, run_id_shown), now, str)
        assert line.splitlines() == [line.removesuffix("\n")]
        assert inert(line) == line
        event = json.loads(line)
        assert (event["test_suite"], event["test_run_id"]) == (printable(text), run_id_shown)
