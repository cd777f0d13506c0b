"""Interruption: signals, and reports that cannot be written."""

from __future__ import annotations

import functools
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import junitparser
import pytest

from gatekeeper.simulator import Simulator
from support.faults import answering, drip, error_body, hang, late
from support.program import FRESH, PROGRAM, Program
from support.relay import Override, Relay, Stage
from support.trials import (
    ATTACH,
    MAY_HAVE_BEGUN,
    REPORTS,
    ended_by,
    nothing_lost,
    row,
    started,
    wait_for,
)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """Serve the simulator, so fast that a run has ended by the first poll."""
    with Simulator(speed=1_000_000) as serving:
        yield serving


SIGNALS = ((signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGTERM, 143))


BUSY = "You've exceeded the per-minute rate limit. Please wait for sometime before retrying."


class Moment(NamedTuple):
    """When a signal comes: at this request, or while what follows upon it is waited for."""

    when: str
    outcome: str
    overrides: tuple[Override, ...]
    stage: Stage
    number: int
    told: tuple[str, ...]


MOMENTS = (
    Moment(
        "before the response to the start",
        "the run may have started",
        (Override("start", hang),),
        "start",
        1,
        (MAY_HAVE_BEGUN, "set test-run-id to its id"),
    ),
    Moment(
        "while waiting to retry a rejected start",
        "nothing has started",
        (Override("start", answering(b"", 429, Retry_After="30")),),
        "start",
        1,
        ("before the run was started", "retrying in 30 s"),
    ),
    Moment(
        "before the response to the first poll",
        "run id and how to attach",
        (Override("poll", hang),),
        "poll",
        1,
        ("while the run was in progress",),
    ),
    Moment(
        "while a response arrives byte by byte",
        "run id, progress and how to attach",
        (Override("poll", drip, at=2),),
        "poll",
        2,
        ("0 % done when last seen",),
    ),
    Moment(
        "while waiting for the next poll",
        "run id, progress and how to attach",
        (),
        "poll",
        2,
        ("0 % done when last seen",),
    ),
    Moment(
        "while waiting for a server with errors",
        "run id and how to attach",
        (Override("poll", answering(b"", 503, Retry_After="30")),),
        "poll",
        1,
        ("retrying in 30 s",),
    ),
    Moment(
        "while waiting for a rate limit",
        "run id and how to attach",
        (Override("poll", answering(error_body(BUSY))),),
        "poll",
        1,
        ("retrying in 1 min",),
    ),
)


@pytest.mark.parametrize(
    ("moment", "signum", "code"),
    [
        row(
            f"SIGHUP, SIGINT and SIGTERM {moment.when}",
            f"exit 129, 130 and 143 within 2 s; {moment.outcome}",
            *(moment, signum, code),
            name=signum.name,
        )
        for moment in MOMENTS
        for signum, code in SIGNALS
    ],
)
def test_a_signal_at_any_moment_ends_it_with_what_is_known(
    program: Program, moment: Moment, signum: signal.Signals, code: int
) -> None:
    with (
        Simulator(speed=0.001) as simulator,
        Relay(simulator, *moment.overrides, polls=99) as relay,
        started(program, "--timeout", "5m", **relay.environment()) as running,
    ):
        wait_for(lambda: relay.count(moment.stage) == moment.number)
        # Until the answer has arrived, where there is one.
        time.sleep(0.3)
        done = ended_by(signum, running)
        known = relay.run_id if moment.stage != "start" else None
    nothing_lost(program, done, code, attach_to=known)
    assert f"interrupted by {signum.name}" in done.stdout
    for text in moment.told:
        assert text in done.stdout
    assert (MAY_HAVE_BEGUN in done.stdout) is (MAY_HAVE_BEGUN in moment.told)


@pytest.mark.proves(
    "SIGTERM just before the response to the start",
    "the run id and how to attach are in the reports",
)
def test_a_start_that_is_answered_right_after_the_signal_is_not_lost(program: Program) -> None:
    with (
        Simulator(speed=0.001) as simulator,
        Relay(simulator, Override("start", late(0.1)), polls=99) as relay,
        started(program, **relay.environment()) as running,
    ):
        wait_for(lambda: relay.count("start") == 1)
        done = ended_by(signal.SIGTERM, running)
        nothing_lost(program, done, 143, attach_to=relay.run_id)


# Found by Python before anything else: stops at the import of a module, and tells that it has.
STOP = """
import os
import sys
import time


class Stop:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == os.environ["STOP_AT"]:
            open("here", "w").close()
            time.sleep(20)


sys.meta_path.insert(0, Stop)
"""


@pytest.mark.parametrize(
    ("module", "signum", "code"),
    [
        row(
            f"SIGHUP, SIGINT and SIGTERM {when}",
            "exit 129, 130 and 143 within 2 s; nothing is sent, nothing is written",
            module,
            signum,
            code,
            name=signum.name,
        )
        for when, module in (
            ("before the program is loaded", "gatekeeper.cli"),
            ("while the program is loaded", "requests"),
            ("while the settings are read", "jwt"),
        )
        for signum, code in SIGNALS
    ],
)
def test_a_signal_before_anything_has_begun_leaves_nothing_behind(
    program: Program, simulator: Simulator, module: str, signum: int, code: int
) -> None:
    (program.folder / "sitecustomize.py").write_text(STOP, encoding="utf-8")
    environ = simulator.environment() | {"PYTHONPATH": str(program.folder), "STOP_AT": module}
    with started(program, **environ) as running:
        wait_for((program.folder / "here").exists)
        done = ended_by(signum, running)
    assert done.returncode == code
    assert (done.stdout, done.stderr) == ("", "")
    assert simulator.requests == []
    assert not (program.folder / "gatekeeper-report").exists()


@pytest.mark.proves(
    "SIGHUP, SIGINT or SIGTERM at two dozen moments in the first second",
    "exit 129, 130 or 143 within 2 s; every request that was sent is in the reports",
)
@pytest.mark.parametrize("tenth", range(6))
def test_there_is_no_moment_at_which_a_signal_loses_anything(program: Program, tenth: int) -> None:
    for part in range(4):
        signum, code = SIGNALS[(tenth + part) % 3]
        with (
            Simulator(speed=0.001) as simulator,
            Relay(simulator, polls=99) as relay,
            started(program, **relay.environment(), **FRESH) as running,
        ):
            wait_for(functools.partial(catches_signals, running.pid))
            time.sleep(0.1 * tenth + 0.025 * part)
            done = ended_by(signum, running)
        assert done.returncode == code
        assert "Traceback" not in done.stdout + done.stderr
        if relay.requests:
            known = relay.run_id if "started run" in done.stdout else None
            nothing_lost(program, done, code, attach_to=known)
            assert known or MAY_HAVE_BEGUN in done.stdout or relay.count("start") == 0


# Found by Python before anything else: at SIGUSR1, a SIGTERM comes while an object is finalized.
IGNORING = """
import os
import signal


class Thing:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)


signal.signal(signal.SIGUSR1, lambda *_: Thing() and None)
"""


@pytest.mark.proves(
    "a signal in a moment in which Python ignores exceptions", "exit 143 with all reports"
)
def test_a_signal_is_not_lost_where_python_ignores_exceptions(program: Program) -> None:
    (program.folder / "sitecustomize.py").write_text(IGNORING, encoding="utf-8")
    with (
        Simulator(speed=0.001) as simulator,
        Relay(simulator, polls=99) as relay,
        started(program, **relay.environment(), PYTHONPATH=str(program.folder)) as running,
    ):
        wait_for(lambda: relay.count("poll") > 0)
        done = ended_by(signal.SIGUSR1, running)
    nothing_lost(program, done, 143, attach_to=relay.run_id)


def catches_signals(pid: int) -> bool:
    """Whether a process handles SIGTERM: before that, it is Python that starts, not the program."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


@pytest.mark.parametrize(
    ("second", "code"),
    [
        row("Ctrl-C twice", "exit 130 at once, even with work left", signal.SIGINT, 130),
        row("Ctrl-C, then SIGTERM", "exit 143 at once", signal.SIGTERM, 143),
    ],
)
def test_a_second_signal_ends_it_at_once(
    program: Program, simulator: Simulator, second: int, code: int
) -> None:
    (program.folder / "sitecustomize.py").write_text(LINGER, encoding="utf-8")
    linger = {"PYTHONPATH": str(program.folder), "LINGER": "20", "LINGER_AT": "report.html"}
    environ = simulator.environment(suite="never-ends") | linger
    with started(program, **environ) as running:
        wait_for(lambda: len(simulator.requests) >= 2)
        running.send_signal(signal.SIGINT)
        wait_for((program.folder / "here").exists)
        assert running.poll() is None
        begun = time.monotonic()
        running.send_signal(second)
        running.communicate(timeout=10)
        assert time.monotonic() - begun < 1
    assert running.returncode == code
    assert "<error" in program.report()


# Found by Python before anything else: tells that a report is whole, and waits before it is put
# into its place.
LINGER = """
import os
import time

replace = os.replace


def slowly(source, target):
    if os.environ.get("LINGER_AT", "") in str(target):
        open("here", "w").close()
        time.sleep(float(os.environ["LINGER"]))
    replace(source, target)


os.replace = slowly
"""


@pytest.mark.proves(
    "SIGTERM while the reports of a run that passed are written",
    "exit 143 within 2 s; the reports are completed and name the signal",
)
def test_a_signal_while_reports_are_written_lets_them_be_finished(
    program: Program, simulator: Simulator
) -> None:
    # Each of the reports is written twice then.
    with lingering(program, simulator, seconds=0.05) as running:
        done = ended_by(signal.SIGTERM, running)
    assert done.returncode == 143
    assert done.stderr == ""
    result = json.loads(program.report("result.json"))
    assert result["exit_code"] == 143
    assert result["runs"][0]["steps"] == {
        "total": 10,
        "passed": 10,
        "failed": 0,
        "error": 0,
        "skipped": 0,
        "tolerated": 0,
    }
    assert junitparser.JUnitXml.fromstring(program.report().encode()).tests == 10 + 1


@contextmanager
def lingering(
    program: Program, simulator: Simulator, seconds: float
) -> Iterator[subprocess.Popen[str]]:
    """Start a program that passes, and return it at the moment when its report is written.

    Writing one takes it so long.
    """
    (program.folder / "sitecustomize.py").write_text(LINGER, encoding="utf-8")
    environ = simulator.environment() | {"PYTHONPATH": str(program.folder), "LINGER": str(seconds)}
    with started(program, **environ) as running:
        wait_for((program.folder / "here").exists)
        yield running


@pytest.mark.proves(
    "SIGKILL while a report is written", "the earlier report is still there, and complete"
)
def test_a_killed_program_leaves_the_older_reports_whole(
    program: Program, simulator: Simulator
) -> None:
    older = older_reports(program)
    with lingering(program, simulator, seconds=1) as running:
        running.kill()
        running.communicate(timeout=10)
    assert running.returncode == -signal.SIGKILL
    assert {name: program.report(name) for name in older} == older


def older_reports(program: Program) -> dict[str, str]:
    """Have reports of an earlier run in the folder, and return them by their names."""
    folder = program.folder / "gatekeeper-report"
    folder.mkdir()
    older = {"junit.xml": "<testsuites/>" + "<!-- -->" * 1000, "result.json": '{"older": true}'}
    for name, content in older.items():
        (folder / name).write_text(content, encoding="utf-8")
    return older


@pytest.mark.parametrize(
    ("suite", "code"),
    [
        row("`| head -1` on a run that passes", "exit 0; the reports are written", *case)
        if case[1] == 0
        else row("`| head -1` on a run that fails", "exit 1; the reports are written", *case)
        for case in (("banking-transfer", 0), ("banking-card-block", 1))
    ],
)
def test_a_reader_that_leaves_early_changes_nothing(
    program: Program, suite: str, code: int
) -> None:
    pipeline = '{ "$@"; echo $? >code; } | head -1'
    # Slow enough for the reader to be gone before the end.
    with Simulator(speed=20) as simulator:
        done = shell(program, pipeline, **simulator.environment(suite))
    assert done.stdout.count("\n") == 1
    assert "started run" in done.stdout
    assert (program.folder / "code").read_text(encoding="utf-8") == f"{code}\n"
    written_all_the_same(program, done, code)


@pytest.mark.parametrize(
    ("script", "suite", "code"),
    [
        row(f"{name}, on a run that {ends}", f"exit {code}; the reports are written", *case)
        for name, script in (
            ("stdout closed from the start", '"$@" >&-'),
            ("both stdout and stderr closed from the start", '"$@" >&- 2>&-'),
            ("stdout on a full disk", '"$@" >/dev/full'),
        )
        for ends, suite, code in (("passes", "banking-transfer", 0), ("fails", "lying-pass", 1))
        for case in [(script, suite, code)]
    ],
)
def test_a_log_that_cannot_be_written_changes_nothing(
    program: Program, simulator: Simulator, script: str, suite: str, code: int
) -> None:
    done = shell(program, script, **simulator.environment(suite))
    assert done.returncode == code
    written_all_the_same(program, done, code)


def shell(program: Program, script: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a shell's script; in it, `"$@"` is the program."""
    return subprocess.run(
        ["/bin/sh", "-c", script, "sh", *PROGRAM],
        cwd=program.folder,
        env=program.environ(environ),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def written_all_the_same(
    program: Program, done: subprocess.CompletedProcess[str], code: int
) -> None:
    """Hold the reports to what they tell where the log is not there to tell it."""
    assert done.stderr == ""
    assert json.loads(program.report("result.json"))["exit_code"] == code
    xml = junitparser.JUnitXml.fromstring(program.report().encode())
    assert bool(xml.failures + xml.errors) is (code != 0)


@pytest.mark.proves(
    "SIGTERM when nobody reads the log anymore", "exit 143 within 2 s; reports with the run id"
)
def test_a_signal_when_nobody_reads_the_log_still_leaves_reports(
    program: Program, simulator: Simulator
) -> None:
    with started(program, **simulator.environment(suite="never-ends")) as running:
        assert running.stdout is not None
        running.stdout.close()
        wait_for(lambda: len(simulator.requests) >= 2)
        begun = time.monotonic()
        running.terminate()
        assert running.wait(timeout=10) == 143
        assert time.monotonic() - begun < 2
    [run] = json.loads(program.report("result.json"))["runs"]
    assert f"{ATTACH} {run['test_run_id']}" in program.report()


@pytest.mark.proves(
    "parent killed, and with it the reader of the log", "it continues, ends and writes its reports"
)
def test_a_program_whose_parent_was_killed_finishes_its_work(program: Program) -> None:
    with (
        Simulator(speed=4) as simulator,
        subprocess.Popen(
            ["/bin/sh", "-c", '"$@" & echo $!; wait', "sh", *PROGRAM],
            cwd=program.folder,
            env=program.environ(simulator.environment(suite="hotel-arabic")),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        ) as parent,
    ):
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        wait_for(lambda: len(simulator.requests) >= 1)
        assert not (program.folder / "gatekeeper-report").exists()
        parent.kill()
        parent.stdout.close()
        wait_for(lambda: not is_running(child))
    assert parent.returncode == -signal.SIGKILL
    result = json.loads(program.report("result.json"))
    assert (result["verdict"], result["exit_code"]) == ("passed", 0)
    assert junitparser.JUnitXml.fromstring(program.report().encode()).errors == 0


def is_running(pid: int) -> bool:
    """Whether a process that is nobody's child any more has not ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2] != "Z"
    return False


# Limits how large a file can become, which is what a disk that is full does as well.
LIMIT = """
import os, resource, sys
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


@pytest.mark.parametrize(
    ("limit", "suite", "code"),
    [
        row(
            f"no room for reports {when} (a limit on file size), after a run that {ends}",
            f"exit {code}, with a message; earlier reports are untouched",
            limit,
            suite,
            code,
        )
        for when, limit in (("from the first byte on", 0), ("in the middle of each report", 100))
        for ends, suite, code in (("passed", "banking-transfer", 5), ("failed", "lying-pass", 1))
    ],
)
def test_a_full_disk_is_said_and_spoils_no_older_report(
    program: Program, simulator: Simulator, limit: int, suite: str, code: int
) -> None:
    older = older_reports(program)
    done = subprocess.run(
        [sys.executable, "-c", LIMIT, str(limit), *PROGRAM[1:]],
        cwd=program.folder,
        env=program.environ(simulator.environment(suite)),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stdout
    assert done.stderr == ""
    for name in older:
        assert f"{name} could not be written: File too large" in done.stdout
    assert "reports: none" in done.stdout
    assert {name: program.report(name) for name in older} == older
    assert len(list((program.folder / "gatekeeper-report").iterdir())) == len(older)


@pytest.mark.parametrize(
    ("full", "other"),
    [
        row("disk full for GitHub's summary", "exit 5, in every report and output", *case)
        if case[0] == "GITHUB_STEP_SUMMARY"
        else row("disk full for GitHub's outputs", "exit 5, in every report and output", *case)
        for case in (
            ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"),
            ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"),
        )
    ],
)
def test_what_github_cannot_be_told_fails_the_gate_and_keeps_nothing_else_back(
    program: Program, simulator: Simulator, full: str, other: str
) -> None:
    environ = simulator.environment() | {full: "/dev/full", other: "github"}
    done = program.run(**environ)
    assert done.returncode == 5
    assert "/dev/full could not be written: No space left on device" in done.stdout
    assert json.loads(program.report("result.json"))["exit_code"] == 5
    assert "<testsuites" in program.report()
    told = (program.folder / "github").read_text(encoding="utf-8")
    if other == "GITHUB_OUTPUT":
        last = told.rpartition("exit-code<<")[2].splitlines()
        assert last[1] == "5"
    else:
        assert "| Suite | Steps |" in told


PRECIOUS = "precious"


def in_the_way(program: Program) -> None:
    """Put a folder with something in it, links, and a file where reports could go."""
    (program.folder / "folder" / "inside").mkdir(parents=True)
    (program.folder / "file").write_text(PRECIOUS, encoding="utf-8")
    (program.folder / "link").symlink_to("file")
    (program.folder / "dangling").symlink_to("nowhere")


@pytest.mark.parametrize(
    ("junit", "said"),
    [
        row(f"junit is {what}", "exit 5, with a message; the other report is written", junit, said)
        for what, junit, said in (
            ("a folder", "folder", "Is a directory"),
            ("a symbolic link", "link", "it is a symbolic link"),
            ("a symbolic link to nowhere", "dangling", "it is a symbolic link"),
            ("below a file", "file/junit.xml", ""),
            ("a name that is too long", "x" * 300, "File name too long"),
            ("no name of a file", ".", "not a valid file path"),
            ("in a folder that nothing can be created in", "/sys/junit.xml", ""),
            ("in a folder that cannot be made", "/proc/gatekeeper/junit.xml", ""),
        )
    ],
)
def test_a_place_that_no_report_can_go_to_is_said(
    program: Program, simulator: Simulator, junit: str, said: str
) -> None:
    in_the_way(program)
    done = program.run("--junit", junit, **simulator.environment())
    assert done.returncode == 5, done.stdout + done.stderr
    assert done.stderr == ""
    shown = junit if len(junit) < 100 else "xxx"
    assert f"{shown} could not be written: {said}" in done.stdout
    assert "but a report could not be written" in done.stdout
    result = json.loads(program.report("result.json"))
    assert (result["verdict"], result["exit_code"]) == ("passed", 5)
    untouched(program)


def untouched(program: Program) -> None:
    """Hold what was in the way to what it was, and see that nothing was left beside it."""
    assert (program.folder / "file").read_text(encoding="utf-8") == PRECIOUS
    assert (program.folder / "link").is_symlink()
    assert not (program.folder / "nowhere").exists()
    names = {path.name for path in program.folder.iterdir()}
    assert names <= {"folder", "file", "link", "dangling", "gatekeeper-report"}


@pytest.mark.parametrize(
    "folder",
    [
        row(f"report-dir is {what}", "exit 5, with a message for each report", folder)
        for what, folder in (
            ("a file", "file"),
            ("below a file", "file/reports"),
            ("a symbolic link to nowhere", "dangling"),
            ("a folder that nothing can be created in", "/sys"),
            ("a folder that cannot be made", "/proc/gatekeeper"),
            ("a name that is too long", "x" * 300),
        )
    ],
)
def test_a_report_folder_that_cannot_be_written_to_is_said(
    program: Program, simulator: Simulator, folder: str
) -> None:
    in_the_way(program)
    done = program.run("--report-dir", folder, **simulator.environment())
    assert done.returncode == 5, done.stdout + done.stderr
    assert done.stderr == ""
    for name in REPORTS:
        assert f"{name} could not be written: " in done.stdout
    assert "reports: none" in done.stdout
    untouched(program)


@pytest.mark.parametrize(
    "name",
    [
        row(f"a symbolic link at {name}", "exit 5, with a message; its target is untouched", name)
        for name in sorted(REPORTS)
    ],
)
def test_a_link_in_a_reports_place_is_not_followed(
    program: Program, simulator: Simulator, name: str
) -> None:
    in_the_way(program)
    (program.folder / "gatekeeper-report").mkdir()
    (program.folder / "gatekeeper-report" / name).symlink_to("../file")
    done = program.run(**simulator.environment())
    assert done.returncode == 5
    assert f"{name} could not be written: it is a symbolic link" in done.stdout
    assert "remove the link" in done.stdout
    untouched(program)
