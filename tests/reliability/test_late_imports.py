"""The end of a run, on a machine where nothing can be imported any more."""

from __future__ import annotations

import time

import pytest

from gatekeeper.simulator import Simulator
from support.comment_api import comment_server, write_event
from support.faults import answering, hang, late
from support.program import Program
from support.relay import Action, Override, Relay
from support.trials import REPORTS, row, started, wait_for

# Found by Python before anything else: as soon as there is a file, nothing more can be imported.
SEALED = """
import os
import sys


class Seal:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if os.path.exists("sealed"):
            raise ImportError(f"imported too late: {name}")


sys.meta_path.insert(0, Seal)
"""
# Until everything has been imported, even on a busy machine.
LOADING_SECONDS = 2.0


@pytest.mark.parametrize(
    ("suite", "last", "code"),
    [
        row(
            f"nothing can be imported any more once a run is in progress; it {ends}",
            f"exit {code}; all reports",
            *(suite, last, code),
        )
        for ends, suite, last, code in (
            ("passes", "banking-transfer", (), 0),
            ("fails", "banking-card-block", (), 1),
            ("ends in a response cut off", "banking-transfer", (answering(b"{"),), 3),
            ("times out", "never-ends", (hang,), 4),
        )
    ],
)
def test_the_end_of_a_run_imports_nothing(
    program: Program, suite: str, last: tuple[Action, ...], code: int
) -> None:
    with Simulator(speed=1_000_000) as simulator:
        program.run("--report-dir", "history", **simulator.environment("banking-card-block"))
    write_event(program.folder)
    (program.folder / "sitecustomize.py").write_text(SEALED, encoding="utf-8")
    overrides = [Override("last", action, lasting=True) for action in last]
    with (
        comment_server() as comments,
        Simulator(speed=0.001) as simulator,
        Relay(simulator, Override("poll", late(2 * LOADING_SECONDS)), *overrides, polls=1) as relay,
        started(
            program,
            *("--timeout", "8s", "--history", "history"),
            **relay.environment(suite),
            **comments.environ,
            PYTHONPATH=str(program.folder),
        ) as running,
    ):
        wait_for(lambda: relay.count("poll") == 1)
        time.sleep(LOADING_SECONDS)
        (program.folder / "sealed").touch()
        stdout, stderr = running.communicate(timeout=60)
    assert running.returncode == code, stdout + stderr
    assert len(comments.comments) == 1
    assert "too late" not in stdout + stderr
    written = program.folder / "gatekeeper-report"
    assert {path.name for path in written.iterdir()} == REPORTS
    assert "too late" not in program.report("result.json")
