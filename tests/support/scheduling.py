"""How the tests are distributed over the processes that run them."""

import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

# Tests of these files share nothing and mostly wait: each goes to whichever process is free. The
# tests of any other file stay together in one process, so that what they share is made once.
APART = {
    "tests/platforms/test_composite.py",
    "tests/reliability/test_earlier_reports.py",
    "tests/reliability/test_echoes.py",
    "tests/reliability/test_given_secrets.py",
    "tests/reliability/test_hostile_text.py",
    "tests/reliability/test_interruption.py",
    "tests/reliability/test_large_texts.py",
    "tests/reliability/test_late_imports.py",
    "tests/reliability/test_process.py",
    "tests/reliability/test_secrets.py",
    "tests/reliability/test_unread_log.py",
    "tests/test_baselines.py",
    "tests/test_commands.py",
    "tests/test_fleet.py",
    "tests/test_gate.py",
    "tests/test_live.py",
    "tests/test_many_suites.py",
    "tests/test_retries.py",
}
# These run several programs at a time and compare their times with deadlines: one after the other.
MEASURED = ("tests/reliability/test_faults.py", "tests/reliability/test_time.py")
# What takes longest in one process starts first: a long file that starts last is waited for.
FIRST = (
    *MEASURED,
    "tests/reliability/test_process.py",
    "tests/test_retries.py",
    "tests/soundness/test_histories.py",
    "tests/soundness/test_matrix.py",
    "tests/core/test_soundness.py",
    "tests/reliability/test_corpus.py",
    "tests/soundness/test_result_files.py",
    "tests/core/test_pacing.py",
    "tests/core/test_json_soundness.py",
    "tests/test_announced.py",
)


def _path(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def share_rewriting(config: pytest.Config, worker: dict[str, Any]) -> None:
    """Have each process begin to collect all tests at another file.

    A process that imports a file of tests first has to rewrite its asserts, and saves the result:
    the others find it when they come to that file, instead of rewriting all files as well.
    """
    if config.args != config.getini("testpaths"):
        return
    # Whatever the environment says: the runs of the program save what Python compiles, too.
    sys.dont_write_bytecode = False
    files = sorted(str(path) for place in config.args for path in Path(place).rglob("test_*.py"))
    number = int(worker["workerid"].removeprefix("gw"))
    first = len(files) * number // worker["workercount"]
    config.args = files[first:] + files[:first]


def in_order(items: list[pytest.Item]) -> None:
    """Sort the tests: the longest files first, then all others in an order that mixes them.

    By name, those that wait would be next to each other, with nothing to do for the processors.
    """
    rank = {path: number for number, path in enumerate(FIRST)}

    def place(item: pytest.Item) -> tuple[int, int]:
        part = _part(item.nodeid)
        return rank.get(_path(item.nodeid), len(FIRST)), zlib.crc32(part.encode())

    items.sort(key=place)


def _part(nodeid: str) -> str:
    """Return what of the tests goes to a process as a whole: a file or a single test."""
    path = _path(nodeid)
    return nodeid if path in APART else path


class Scheduling(LoadFileScheduling):  # type: ignore[misc]
    """Hands out whole files, and each test of the files in `APART` by itself."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        # By itself it begins with the files that have the most tests, which are not the longest.
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return "measured" if _path(nodeid) in MEASURED else _part(nodeid)
