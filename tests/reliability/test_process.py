"""The process around a command: whatever the environment does to it, its exit code is right."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from gatekeeper.simulator import Simulator
from support.program import PROGRAM, ROOT, Program
from support.shadowing import AFTER_START, MODULES, SHADOW, shadow_modules
from support.trials import ended_by, nothing_lost, row, started, wait_for

MODULE = (sys.executable, "-m", "gatekeeper")
# Found by Python before anything else: a module cannot be imported.
BROKEN = """
import sys


class Broken:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "{module}":
            raise {error}


sys.meta_path.insert(0, Broken)
"""


def in_folder(
    program: Program, command: tuple[str, ...], **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in the program's folder."""
    return subprocess.run(
        command,
        cwd=program.folder,
        env=program.environ(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("command", "path", "modules"),
    [
        row(
            f"`click.py`, `typing.py`, `secrets.py` … {where}",
            "not imported",
            *(command, path, modules),
            name=path,
        )
        for where, command, path, modules in (
            ("in a folder of PYTHONPATH", PROGRAM, ".", MODULES),
            ("in a folder of PYTHONPATH", PROGRAM, f"{os.pathsep}{ROOT}", MODULES),
            ("beside `python -m gatekeeper`", MODULE, str(ROOT), AFTER_START),
        )
    ],
)
def test_modules_of_the_job_are_not_imported(
    program: Program,
    simulator: Simulator,
    command: tuple[str, ...],
    path: str,
    modules: tuple[str, ...],
) -> None:
    shadow_modules(program.folder, modules)
    environ = simulator.environment("banking-card-block") | {"PYTHONPATH": path}
    done = in_folder(program, (*command, "gate"), **environ)
    assert SHADOW not in done.stdout + done.stderr
    nothing_lost(program, done, 1)


def test_packages_that_only_pythonpath_has_are_still_found(program: Program) -> None:
    """As of a folder that `pip install --target` has filled."""
    command = (sys.executable, "-P", "-m", "gatekeeper", "--version")
    assert in_folder(program, command, PYTHONPATH=str(ROOT)).returncode == 0


@pytest.mark.parametrize(
    ("module", "error"),
    [
        row(
            f"before any command runs: {what}",
            "exit 3, with one line",
            *(module, error),
            name=module,
        )
        for what, error in (
            ("a missing or broken package", "ImportError('cannot import')"),
            ("a module that ends the program", "SystemExit(1)"),
            ("no memory", "MemoryError"),
            ("too deep a recursion", "RecursionError('too deep')"),
        )
        for module in ("gatekeeper.__main__", "gatekeeper.signals", "click", "requests")
    ],
)
def test_a_failure_before_any_command_has_no_verdict(
    program: Program, simulator: Simulator, module: str, error: str
) -> None:
    broken = BROKEN.format(module=module, error=error)
    (program.folder / "sitecustomize.py").write_text(broken, encoding="utf-8")
    environ = simulator.environment() | {"PYTHONPATH": str(program.folder)}
    done = program.run(**environ)
    assert done.returncode == 3, done.stdout + done.stderr
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("gatekeeper: ")
    assert "Traceback" not in done.stderr
    assert simulator.requests == []


@pytest.mark.parametrize(
    "script",
    [
        row("stdout on a full disk or closed, for `--help`", "never exit 1 or 120", script)
        for script in ('"$@" --help >/dev/full', '"$@" --version >&-', '"$@" --help <&- >&- 2>&-')
    ],
)
def test_a_help_that_cannot_be_written_is_no_failed_test(program: Program, script: str) -> None:
    done = in_folder(program, ("/bin/sh", "-c", script, "sh", *PROGRAM))
    assert done.returncode in {0, 3}
    assert "Traceback" not in done.stderr


@pytest.mark.proves("PYTHONINSPECT", "no prompt; the exit code is that of the gate")
def test_it_ends_where_python_would_wait_for_input(program: Program) -> None:
    assert program.run("gate", PYTHONINSPECT="1").returncode == 2


@pytest.mark.proves("SIGHUP to a gate started with `nohup`", "ignored; it ends with its verdict")
def test_an_ignored_hangup_stays_ignored(program: Program) -> None:
    with (
        Simulator(speed=4) as simulator,
        subprocess.Popen(
            ["nohup", *PROGRAM],
            cwd=program.folder,
            env=program.environ(simulator.environment()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        ) as running,
    ):
        wait_for(lambda: len(simulator.requests) >= 2)
        for _ in range(3):
            running.send_signal(signal.SIGHUP)
            time.sleep(0.1)
        stdout, _ = running.communicate(timeout=30)
    nothing_lost(program, subprocess.CompletedProcess([], running.returncode, stdout, ""), 0)


@pytest.mark.proves("SIGHUP while waiting for the next poll", "exit 129 within 2 s; the reports")
def test_a_hangup_ends_it_like_sigterm(program: Program, simulator: Simulator) -> None:
    with started(program, **simulator.environment("never-ends")) as running:
        wait_for(lambda: len(simulator.requests) >= 2)
        time.sleep(0.3)
        done = ended_by(signal.SIGHUP, running)
    assert "interrupted by SIGHUP" in done.stdout
    assert done.returncode == 129
    assert '"interrupted_by": 1' in program.report("result.json")
    merged = program.run("merge", "gatekeeper-report", "--report-dir", "merged")
    assert merged.returncode == 3
    assert "exit code 129" in merged.stdout


@pytest.mark.parametrize(
    "setting",
    [
        row(f"a pipe that nobody writes to, as {setting}", "exit 2, with the reason", setting)
        for setting in ("config", "client-secret-file", "ca-bundle")
    ],
)
def test_a_pipe_that_nobody_writes_to_is_refused(
    program: Program, simulator: Simulator, setting: str
) -> None:
    os.mkfifo(program.folder / "pipe")
    environ = simulator.environment()
    if setting == "client-secret-file":
        del environ["GATEKEEPER_CLIENT_SECRET"]
    done = program.run("gate", f"--{setting}", "pipe", **environ)
    assert done.returncode == 2
    assert "pipe" in done.stderr
    assert simulator.requests == []


@pytest.mark.proves(
    "SIGTERM while a pipe that nobody writes to is read", "exit 143 within 2 s; nothing is sent"
)
def test_a_signal_ends_the_wait_for_a_pipe(program: Program, simulator: Simulator) -> None:
    os.mkfifo(program.folder / "pipe")
    with started(program, "--config", "pipe", **simulator.environment()) as running:
        time.sleep(1.5)
        done = ended_by(signal.SIGTERM, running)
    assert (done.returncode, done.stdout, done.stderr) == (143, "", "")
    assert simulator.requests == []


def test_a_secret_may_come_from_a_process(program: Program, simulator: Simulator) -> None:
    """As of a password manager, after a while and in pieces."""
    environ = simulator.environment()
    secret = environ.pop("GATEKEEPER_CLIENT_SECRET")
    half = len(secret) // 2
    vault = f"sleep 1; printf %s {secret[:half]}; sleep 1; echo {secret[half:]}"
    script = f'"$@" --client-secret-file <({vault})'
    done = in_folder(program, ("bash", "-c", script, "bash", *PROGRAM, "gate"), **environ)
    nothing_lost(program, done, 0)
