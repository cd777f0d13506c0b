"""Baselines: which failures an earlier result.json excuses."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.simulator import Simulator
from support.builders import Json, finished, response, step, text
from support.program import Program

SUITE = "Booking"
TABLE = f"""
[[suite]]
name = "{SUITE}"
baseline = "baseline/result.json"
"""
EXPIRED = """
[[known-failure]]
step = "pay"
reason = "BOT-1"
until = 2026-01-31
"""
KNOWN = EXPIRED.replace("2026", "2126")


def fails(said: str) -> Json:
    return step(said, response("No.", text=text("Yes.", status="failed")), status="failed")


def passes(said: str) -> Json:
    return step(said, response("Yes.", text=text("Yes.")))


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """Serve the simulator, so fast that a run has ended by the first poll."""
    with Simulator(speed=1_000_000) as serving:
        yield serving


class Project:
    """A project with a gatekeeper.toml, and what its gates say."""

    def __init__(self, program: Program, simulator: Simulator) -> None:
        self.program = program
        self.simulator = simulator

    def gate(self, *steps: Json, file: str = TABLE, **environ: str) -> tuple[int, str]:
        """Run the suite; return the exit code and the log."""
        status = "failed" if any(one["status"] == "failed" for one in steps) else "passed"
        version = environ.get("GATEKEEPER_BOT_VERSION", "published")
        answer: Any = finished(*steps, status=status) | {"_id": None, "streamId": None}
        answer["result"]["version"] = {"inDevelopment": "configured"}.get(version, version)
        self.simulator.add_suite(SUITE, answer)
        (self.program.folder / "gatekeeper.toml").write_text(file, encoding="utf-8")
        given = self.simulator.environment(SUITE) | environ
        done = self.program.run("gate", "--reports", "result", **given)
        return done.returncode, done.stdout + done.stderr

    def keep(self, **fields: object) -> None:
        """Keep the last result as the baseline, with other fields of its run."""
        told = json.loads(self.program.report("result.json"))
        told["runs"][0] |= fields
        place: Path = self.program.folder / "baseline/result.json"
        place.parent.mkdir(exist_ok=True)
        place.write_text(json.dumps(told), encoding="utf-8")


@pytest.fixture
def project(program: Program, simulator: Simulator) -> Project:
    """Return a project of which the simulator runs the suite."""
    return Project(program, simulator)


def test_a_step_put_in_front_makes_no_old_failure_new(project: Project) -> None:
    code, log = project.gate(passes("hello"), fails("pay"))
    assert code == 1
    assert "baseline/result.json does not exist, so every failure counts as new" in log
    [run] = json.loads(project.program.report("result.json"))["runs"]
    assert "the baseline baseline/result.json is ignored: the file is missing" in run["warnings"]
    project.keep()
    assert project.gate(passes("hello"), fails("pay"))[0] == 0
    assert project.gate(passes("new"), passes("hello"), fails("pay"))[0] == 0
    assert project.gate(passes("hello"), fails("pay"), fails("pay"))[0] == 1
    assert project.gate(fails("new"), passes("hello"), fails("pay"))[0] == 1


@pytest.mark.proves(
    "a baseline of another stream, language or version, or of an unknown one",
    "it excuses nothing; a warning names what it is for",
)
@pytest.mark.parametrize(
    "fields",
    [
        {"stream_id": "st-other"},
        {"stream_id": None},
        {"language": "de"},
        {"bot_version": "inDevelopment"},
        {"bot_version": "configured"},
        {"bot_version": None},
        {"test_suite": "Refund"},
    ],
    ids=str,
)
def test_a_baseline_of_something_else_excuses_nothing(
    project: Project, fields: dict[str, str]
) -> None:
    project.gate(fails("pay"))
    project.keep(**fields)
    code, log = project.gate(fails("pay"))
    assert code == 1
    assert "the baseline baseline/result.json is ignored: it has" in log


def test_a_baseline_of_the_version_in_development_counts_in_each_spelling(
    project: Project,
) -> None:
    environ = {"GATEKEEPER_BOT_VERSION": "inDevelopment"}
    project.gate(fails("pay"), **environ)
    project.keep(bot_version="configured")
    assert project.gate(fails("pay"), **environ)[0] == 0


def test_what_version_an_attached_run_is_of_its_result_tells(project: Project) -> None:
    project.gate(fails("pay"))
    project.keep()
    run = json.loads(project.program.report("result.json"))["runs"][0]["test_run_id"]
    assert project.gate(fails("pay"), GATEKEEPER_TEST_RUN_ID=run)[0] == 0


@pytest.mark.proves(
    "a known failure that has expired, and a baseline in which it was tolerated",
    "exit 1: it counts again",
)
def test_what_was_tolerated_until_a_day_counts_again_after_it(project: Project) -> None:
    assert project.gate(fails("pay"), file=TABLE + KNOWN)[0] == 0
    project.keep()
    code, log = project.gate(fails("pay"), file=TABLE + EXPIRED)
    assert code == 1
    assert "expired on 2026-01-31: its failures count again" in log


def test_a_baseline_that_no_gate_writes_is_a_wrong_setting(project: Project) -> None:
    project.gate(fails("pay"))
    project.keep(steps={"total": 2, "failed": 1})
    code, log = project.gate(fails("pay"))
    assert code == 2
    assert f"its run of {SUITE} is inconsistent: its counts do not match its 1 steps" in log


def test_a_baseline_whose_verdict_is_not_that_of_its_runs_is_a_wrong_setting(
    project: Project,
) -> None:
    project.gate(fails("pay"))
    project.keep(verdict="tolerated")
    code, log = project.gate(fails("pay"))
    assert code == 2
    assert "its verdict does not match its runs" in log


def test_a_baseline_that_has_a_run_twice_is_a_wrong_setting(project: Project) -> None:
    project.gate(fails("pay"))
    project.keep()
    place = project.program.folder / "baseline/result.json"
    baseline = json.loads(place.read_text(encoding="utf-8"))
    place.write_text(json.dumps(baseline | {"runs": baseline["runs"] * 2}), encoding="utf-8")
    code, log = project.gate(fails("pay"))
    assert code == 2
    assert "is in it more than once" in log
