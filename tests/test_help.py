"""Help, version and shell completion of the installed program."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gatekeeper import __version__
from support.program import ROOT, Program

# As an installer makes it, but for the checkout.
INSTALLED = f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m gatekeeper "$@"\n'
# What bash does when the user presses Tab after these words.
COMPLETING = """
eval "$(_GATEKEEPER_COMPLETE=bash_source gatekeeper)"
for line in "gatekeeper de" "gatekeeper gate --bot-version in"; do
  COMP_WORDS=($line) COMP_CWORD=$(($(wc -w <<<"$line") - 1)) COMPREPLY=()
  _gatekeeper_completion gatekeeper
  echo "${COMPREPLY[@]}"
done
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Return a folder of commands with the program as its package installs it."""
    command = tmp_path / "bin/gatekeeper"
    command.parent.mkdir()
    command.write_text(INSTALLED, encoding="utf-8")
    command.chmod(0o755)
    return command.parent


def call(
    *command: str, folder: Path, path: Path, **environ: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env={"PATH": f"{path}{os.pathsep}{os.environ['PATH']}"} | environ,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.proves(
    "a job that calls the installed program without a command",
    "help and exit code 2: nothing looks as if a gate had passed",
)
def test_without_a_command_the_installed_program_shows_its_help_and_mentions_the_demo(
    tmp_path: Path, installed: Path
) -> None:
    done = call("gatekeeper", folder=tmp_path, path=installed)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: gatekeeper")
    assert "nothing was run" in done.stderr
    assert done.stderr.endswith("run: gatekeeper demo\n")


def test_without_a_command_the_image_runs_the_gate(program: Program) -> None:
    done = program.run()
    assert done.returncode == 2
    assert "host is missing" in done.stderr


def test_bash_completes_commands_and_the_values_of_flags(tmp_path: Path, installed: Path) -> None:
    done = call("bash", "-c", COMPLETING, folder=tmp_path, path=installed)
    assert (done.stdout, done.stderr) == ("demo\ninDevelopment\n", "")


@pytest.mark.proves(
    "the variable by which a shell asks for completions, in the environment of a job",
    "the gate runs as without it",
)
def test_the_variable_of_completion_keeps_no_command_from_running(program: Program) -> None:
    done = program.run("gate", _GATEKEEPER_COMPLETE="bash_source")
    assert (done.returncode, done.stdout) == (2, "")
    assert "host is missing" in done.stderr


def test_the_short_flag_shows_the_version(program: Program) -> None:
    assert program.run("-V").stdout == f"gatekeeper {__version__}\n"


def test_help_shows_what_the_flag_help_does(program: Program) -> None:
    assert program.run("help").stdout == program.run("--help").stdout
    assert program.run("help", "plan").stdout == program.run("plan", "--help").stdout
    unknown = program.run("help", "nonsense")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "No such command 'nonsense'" in unknown.stderr


def test_a_wrong_call_says_where_the_help_is(program: Program) -> None:
    for words, call in ((("gaet",), "gatekeeper --help"), (("plan",), "gatekeeper plan --help")):
        done = program.run(*words)
        assert done.returncode == 2
        assert done.stderr.endswith(f"\nFor help, run: {call}\n")
