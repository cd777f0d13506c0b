"""The example's suites and policies, through one gate, and through three jobs and their merge."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.simulator import Simulator
from support.builders import Json, finished, greeting
from support.program import ROOT, Program

EXAMPLE = ROOT / "examples" / "gatekeeper.toml"
ANYBODYS: Json = {"_id": None, "streamId": None}
PASSING = finished(greeting()) | ANYBODYS


def answered(passed: int, failed: int = 0, skipped: int = 0, version: str = "published") -> Json:
    """Build the answer about a run whose steps ended so, in this order."""
    states = ["passed"] * passed + ["failed"] * failed + ["notexecuted"] * skipped
    status = "failed" if failed else "passed"
    answer = finished(*map(greeting, states), status=status) | ANYBODYS
    answer["result"]["version"] = version
    return answer


@contextmanager
def platform(*, new_failure: bool = False) -> Iterator[Simulator]:
    """Serve the example's suites: each would fail, but for its policy; one does anyway."""
    with Simulator(speed=1_000_000) as simulator:
        simulator.add_suite("Money transfer", answered(1, 1), PASSING)
        simulator.add_suite("Arrival information", PASSING)
        simulator.add_suite("Card block", answered(19, 1))
        simulator.add_suite("Rebooking", answered(1, 2 if new_failure else 1))
        claim = answered(3, 1, 2)
        claim["result"]["executionResults"][3]["input"] = "last night"
        simulator.add_suite("Insurance claim", claim)
        simulator.add_suite("Returns, next version", answered(0, 3, version="configured"))
        yield simulator


@pytest.fixture
def project(program: Program) -> Program:
    """Make a project with the example, and the baseline that it names."""
    shutil.copy(EXAMPLE, program.folder)
    with platform() as simulator:
        settings = settings_of(simulator) | {"GATEKEEPER_REPORT_DIR": "baseline"}
        # Without the file, nothing is tolerated.
        (program.folder / "empty.toml").touch()
        settings |= {"GATEKEEPER_CONFIG": "empty.toml", "GATEKEEPER_TEST_SUITE": "Rebooking"}
        assert program.run(**settings).returncode == 1
    return program


def settings_of(simulator: Simulator) -> dict[str, str]:
    """Return what of the settings is the simulator's own; the file says the rest."""
    settings = simulator.environment()
    del settings["GATEKEEPER_TEST_SUITE"]
    return settings


def ends(program: Program, report: str = "gatekeeper-report") -> dict[str, Any]:
    """Return how each run ended, by its suite and language."""
    result = json.loads((program.folder / report / "result.json").read_text(encoding="utf-8"))
    return {
        f"{run['test_suite']} {run['language']}": (run["verdict"], run["steps"], run["flaky"])
        for run in result["runs"]
    }


def in_three_jobs(program: Program, simulator: Simulator) -> int:
    """Plan three shards, run each of them, join them; return the exit code."""
    planned = program.run("plan", "--shards", "3", "--format", "jenkins", **settings_of(simulator))
    shards = json.loads(planned.stdout)
    assert len(shards) == 3
    for shard in shards:
        program.run(
            *("--shard", shard["shard"], "--report-dir", f"shards/{shard['name']}"),
            **settings_of(simulator),
            GATEKEEPER_TEST_SUITE=shard["suites"],
        )
    return program.run("merge", "shards", "--report-dir", "merged").returncode


@pytest.mark.parametrize(("new_failure", "code"), [(False, 0), (True, 1)])
def test_one_gate_and_three_jobs_come_to_the_same(
    project: Program, new_failure: bool, code: int
) -> None:
    with platform(new_failure=new_failure) as simulator:
        done = project.run(**settings_of(simulator))
    assert done.returncode == code, done.stdout
    whole = ends(project)
    assert len(whole) == 7
    with platform(new_failure=new_failure) as simulator:
        assert in_three_jobs(project, simulator) == code
    assert ends(project, "merged") == whole


def test_each_suite_ends_as_its_policy_says(project: Program) -> None:
    with platform() as simulator:
        done = project.run(**settings_of(simulator))
    verdicts = {name: (verdict, flaky) for name, (verdict, _, flaky) in ends(project).items()}
    assert verdicts == {
        "Money transfer en": ("passed", True),
        "Arrival information en": ("passed", False),
        "Arrival information de": ("passed", False),
        "Card block en": ("tolerated", False),
        "Rebooking en": ("tolerated", False),
        "Insurance claim en": ("tolerated", False),
        "Returns, next version en": ("tolerated", False),
    }
    for told in (
        "flaky: passed only on attempt 2",
        "95 % of the steps passed, 95 % required",
        "it failed in the baseline too",
        "known failure until 2030-01-31: BOT-1432",
        "the suite is not blocking",
        "Arrival information (de)",
    ):
        assert told in done.stdout
        assert told in project.report("report.html")


def test_a_tag_selects_the_suites_that_have_it(project: Program) -> None:
    with platform() as simulator:
        assert project.run("--tag", "smoke", **settings_of(simulator)).returncode == 0
    suites = Counter(name.rpartition(" ")[0] for name in ends(project))
    assert suites == {"Money transfer": 1, "Arrival information": 2}


def test_a_shard_that_is_missing_is_never_green(project: Program) -> None:
    with platform() as simulator:
        assert in_three_jobs(project, simulator) == 0
    lost = sorted(Path(project.folder / "shards").iterdir())[1]
    shutil.rmtree(lost)
    done = project.run("merge", "shards", "--report-dir", "merged")
    assert done.returncode == 3
    assert "! ERROR     shard 2/3: there is no report of this shard\n" in done.stdout
    [headline] = done.stdout.splitlines()[-1:]
    assert re.search(r"of [34] suites .*; a problem with the merged reports, ", headline)
