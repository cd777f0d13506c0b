"""Fixtures and hooks of all tests."""

import gc
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from xdist.remote import Producer

from gatekeeper.simulator import Simulator
from support.program import Program
from support.scheduling import Scheduling, in_order, share_rewriting

# No deadline: the time that an example takes depends on how busy the machine is.
settings.register_profile("gatekeeper", deadline=None)
# A mutant meets the same few examples in each run of `make mutation`, and fails without shrinking.
settings.register_profile(
    "mutation",
    deadline=None,
    max_examples=20,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    report_multiple_bugs=False,
)
# A few examples, always the same: the lines that they reach are counted, not what they prove.
settings.register_profile("coverage", deadline=None, derandomize=True, max_examples=10)
settings.load_profile("gatekeeper")


def pytest_xdist_auto_num_workers() -> int:
    """Return the number of test processes: most tests wait half the time, and some for long."""
    return 3 * (os.cpu_count() or 1)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """Return the scheduler that distributes the tests."""
    return Scheduling(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Share the work of collecting with the other processes, if there are any."""
    # Of the many objects that this makes, none is garbage.
    gc.disable()
    if worker := getattr(session.config, "workerinput", None):
        share_rewriting(session.config, worker)


def pytest_collection_finish() -> None:
    """Have Python look for garbage among newer objects only."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the tests that take longest; end with them where a first failure is enough."""
    is_mutation = settings.get_current_profile_name() == "mutation"
    if is_mutation or hasattr(config, "workerinput"):
        in_order(items)
    if is_mutation:
        items.reverse()


@pytest.fixture
def say_held(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Return a function that prints a number of checked cases below the test results."""
    return partial(record_property, "held")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the numbers of cases that tests have checked."""
    for report in terminalreporter.getreports("passed"):
        for name, figure in report.user_properties:
            if name == "held":
                terminalreporter.write_line(f"held: {figure}")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Return the program, which runs in an empty folder."""
    return Program(tmp_path)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """Serve the simulator, so fast that the first poll finds a run ended."""
    with Simulator(speed=1_000_000) as serving:
        yield serving
