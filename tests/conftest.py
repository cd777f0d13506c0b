"""The real program as a process, and the simulator that it talks to."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from gatekeeper.simulator import Simulator

ROOT = Path(__file__).parents[1]
# What a process needs to run at all; everything else of this machine's environment stays out.
KEPT = ("PATH", "HOME", "SYSTEMROOT", "COVERAGE_PROCESS_START")
# Tests of these files share nothing and mostly wait: each goes to whichever process is free. The
# tests of another file stay together in one process, for what they share is made once.
APART = {
    "tests/platforms/test_composite.py",
    "tests/reliability/test_earlier_reports.py",
    "tests/reliability/test_hostile_text.py",
    "tests/reliability/test_interruption.py",
    "tests/test_commands.py",
    "tests/test_fleet.py",
    "tests/test_gate.py",
    "tests/test_live.py",
}
# These run several programs at a time and hold them to deadlines: never one beside the other.
MEASURED = {"tests/reliability/test_faults.py", "tests/reliability/test_time.py"}

# How long an example takes says how busy the machine is.
settings.register_profile("gatekeeper", deadline=None)
# A mutant meets the same few examples in each run of `make mutation`.
settings.register_profile(
    "mutation", deadline=None, max_examples=20, derandomize=True, database=None
)
settings.load_profile("gatekeeper")


@dataclass(frozen=True)
class Program:
    """Runs the program in a folder of its own."""

    folder: Path

    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        """Return the whole environment that a run of the program gets."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return kept | environ

    def start(self, *arguments: str, **environ: str) -> subprocess.Popen[str]:
        """Start the program; standard output and error are piped, apart."""
        return subprocess.Popen(
            [sys.executable, str(ROOT / "entrypoint.py"), *arguments],
            cwd=self.folder,
            env=self.environ(environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run the program to its end."""
        return self.feed("", *arguments, **environ)

    def feed(
        self, stdin: str, /, *arguments: str, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the program to its end, with something on its standard input."""
        return subprocess.run(
            [sys.executable, str(ROOT / "entrypoint.py"), *arguments],
            cwd=self.folder,
            env=self.environ(environ),
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    def report(self, name: str = "junit.xml") -> str:
        """Return a report that the program wrote."""
        return (self.folder / "gatekeeper-report" / name).read_text(encoding="utf-8")


def pytest_xdist_auto_num_workers() -> int:
    """Return how many processes run tests: two a processor, as most tests wait half of the time."""
    return 2 * (os.cpu_count() or 1)


class Scheduling(LoadFileScheduling):  # type: ignore[misc]
    """Hands out whole files, and the tests of some files by themselves."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        if path in MEASURED:
            return "measured"
        return nodeid if path in APART else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """Return what hands out the tests."""
    return Scheduling(config, log)


@pytest.fixture
def say_held(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Return what has a figure of the cases that were held stand below the tests' results."""
    return partial(record_property, "held")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say the figures of the tests that hold many cases."""
    for report in terminalreporter.getreports("passed"):
        for name, figure in report.user_properties:
            if name == "held":
                terminalreporter.write_line(f"held: {figure}")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Return the program, to be run in an empty folder."""
    return Program(tmp_path)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """Serve the simulator, twenty times as fast as life."""
    with Simulator(speed=20) as serving:
        yield serving
