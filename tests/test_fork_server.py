"""Runs that are forked from a process with everything imported end as those of a fresh process."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from gatekeeper.simulator import Simulator
from support.program import FRESH, ROOT, Program
from support.trials import wait_for

ANSWER = str(ROOT / "tests/golden/banking-card-block.answer.json")


def ran(folder: Path, *arguments: str, **environ: str) -> tuple[int, str, str, set[str]]:
    """Run the program in a new folder; returns its exit code, outputs and files."""
    folder.mkdir()
    done = Program(folder).feed("[]", *arguments, **environ)
    files = {str(path.relative_to(folder)) for path in folder.rglob("*")}
    return done.returncode, done.stdout, done.stderr, files


@pytest.mark.parametrize(
    "arguments", [["check", ANSWER], ["check", "-"], ["gate"], ["plan"], ["nope"]]
)
def test_a_forked_run_ends_as_a_fresh_one_does(tmp_path: Path, arguments: list[str]) -> None:
    assert ran(tmp_path / "a", *arguments) == ran(tmp_path / "b", *arguments, **FRESH)


def test_a_forked_run_has_its_own_environment_and_nothing_of_another_run(
    program: Program, simulator: Simulator
) -> None:
    assert program.run(**simulator.environment(suite="banking-transfer")).returncode == 0
    assert program.run(**simulator.environment(suite="banking-card-block")).returncode == 1
    assert program.run().returncode == 2


def test_a_forked_run_that_takes_too_long_is_killed(program: Program, simulator: Simulator) -> None:
    environ = simulator.environment(suite="never-ends")
    with pytest.raises(subprocess.TimeoutExpired):
        program.run_bytes([], environ, timeout=1)


def test_a_forked_run_can_be_watched_and_killed(program: Program, simulator: Simulator) -> None:
    with program.start(**simulator.environment(suite="never-ends")) as running:
        wait_for(lambda: len(simulator.requests) >= 2)
        assert running.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(0.01)
        assert os.getpgid(running.pid) == os.getpgrp()
        running.kill()
        stdout, _ = running.communicate()
    assert running.returncode == running.poll() == -signal.SIGKILL
    assert "started run" in stdout
