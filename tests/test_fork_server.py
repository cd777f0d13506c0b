"""Runs that are forked from a process with everything imported end as those of a fresh process."""

import subprocess
from pathlib import Path

import pytest

from gatekeeper.simulator import Simulator
from support.program import ROOT, Program

ANSWER = str(ROOT / "tests/golden/banking-card-block.answer.json")
FRESH = {"PYTHONHASHSEED": "random"}


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
