"""Reports of several jobs joined to one verdict: as one gate of all, and never green with a gap."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import junitparser
import pytest
from conftest import Program

from gatekeeper.simulator import Simulator

GREEN = ("banking-transfer", "hotel-arabic", "airline-arrival-de")
MIXED = ("banking-transfer", "banking-card-block", "aborted")


def sharded(program: Program, simulator: Simulator, suites: tuple[str, ...] = GREEN) -> Path:
    """Run each suite in a job of its own, and return where their reports lie."""
    for index, suite in enumerate(suites, 1):
        program.run(
            *("gate", "--shard", f"{index}/{len(suites)}", "--report-dir", f"shards/{index}"),
            **simulator.environment(suite),
        )
    return program.folder / "shards"


def result(program: Program) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(program.report("result.json"))
    return told


def runs(program: Program) -> list[tuple[Any, ...]]:
    """Return how each run ended: but for ids and times, which no two runs share."""
    told = result(program)["runs"]
    return [(one["test_suite"], one["verdict"], one["steps"], one["reasons"]) for one in told]


@pytest.fixture(scope="module")
def green(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run three suites that pass, each in a job of its own; a folder to be copied."""
    with Simulator(speed=20) as simulator:
        return sharded(Program(tmp_path_factory.mktemp("green")), simulator)


@pytest.fixture
def shards(program: Program, green: Path) -> Path:
    """Return the reports of three jobs that passed, where the program is run."""
    return Path(shutil.copytree(green, program.folder / "shards"))


@pytest.mark.parametrize(("suites", "code"), [(GREEN, 0), (MIXED, 1)])
def test_shards_joined_end_as_one_gate_of_all_suites(
    program: Program, simulator: Simulator, suites: tuple[str, ...], code: int
) -> None:
    alone = program.run(**simulator.environment("\n".join(suites)))
    whole = result(program)
    whole_runs = runs(program)
    cases = cases_of(program)
    folder = sharded(program, simulator, suites)
    done = program.run("merge", "shards")
    assert (alone.returncode, done.returncode) == (code, code), done.stdout
    joined = result(program)
    assert (joined["verdict"], joined["exit_code"]) == (whole["verdict"], code)
    assert runs(program) == whole_runs
    assert cases_of(program) == cases
    parts = [json.loads((folder / f"{at}/result.json").read_bytes()) for at in range(1, 4)]
    assert joined["started_at"] == min(part["started_at"] for part in parts)
    assert joined["duration"] == max(part["duration"] for part in parts)
    assert joined["shard"] is None
    for name in ("report.html", "summary.md", "badge.svg"):
        assert (program.folder / "gatekeeper-report" / name).exists()


def cases_of(program: Program) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return each case of the XML: its suite, its name, and what is told of its result."""
    xml = junitparser.JUnitXml.fromstring(program.report().encode())
    return [
        (suite.name, case.name, [(type(one).__name__, one.message) for one in case.result])
        for suite in xml
        for case in suite
    ]


def without_one(shards: Path) -> None:
    (shards / "2/result.json").unlink()
    for file in (shards / "2").iterdir():
        file.unlink()
    (shards / "2").rmdir()


def without_a_result(shards: Path) -> None:
    (shards / "2/result.json").unlink()


def cut(shards: Path) -> None:
    file = shards / "2/result.json"
    file.write_bytes(file.read_bytes()[:-100])


def twice(shards: Path) -> None:
    (shards / "2/result.json").write_bytes((shards / "1/result.json").read_bytes())


def changed(**fields: Any) -> Callable[[Path], None]:
    def change(shards: Path) -> None:
        file = shards / "2/result.json"
        file.write_text(json.dumps(json.loads(file.read_bytes()) | fields), encoding="utf-8")

    return change


def lying(shards: Path) -> None:
    file = shards / "2/result.json"
    told = json.loads(file.read_bytes())
    told["runs"][0]["cases"][0]["outcome"] = "failed"
    file.write_text(json.dumps(told), encoding="utf-8")


def tolerating(shards: Path) -> None:
    """Say tolerated of what has failed, with counts that fit."""
    lying(shards)
    file = shards / "2/result.json"
    told = json.loads(file.read_bytes())
    run = told["runs"][0]
    run["verdict"] = "tolerated"
    run["steps"]["passed"] -= 1
    run["steps"]["failed"] += 1
    file.write_text(json.dumps(told), encoding="utf-8")


def of_another_suite(shards: Path) -> None:
    file = shards / "2/result.json"
    told = json.loads(file.read_bytes())
    told["runs"] = json.loads((shards / "1/result.json").read_bytes())["runs"]
    file.write_text(json.dumps(told), encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (without_one, "there is no result of this shard"),
        (without_a_result, "shards/2/result.json cannot be read: No such file or directory"),
        (cut, "shards/2/result.json cannot be read: it is no result.json"),
        (twice, "it is there more than once: shards/1 and shards/2"),
        (of_another_suite, "it is in shards/1 (shard 1/3) and in shards/2 (shard 2/3)"),
        (changed(schema=7), "its schema is 7"),
        (changed(shard={"index": 2, "total": 4}), "they are of different plans"),
        (changed(exit_code=5, unwritten=["x"]), "could not write a report (exit code 5): x"),
        (changed(exit_code=130), "interrupted (exit code 130)"),
        (changed(exit_code=143), "interrupted (exit code 143)"),
        (changed(verdict="failed"), "its verdict does not follow from its runs"),
        (changed(exit_code=1), "its verdict does not follow from its runs"),
        (changed(exit_code=None), "its verdict does not follow from its runs"),
        (changed(runs=[]), "its verdict does not follow from its runs"),
        (lying, "does not follow from its steps"),
        (tolerating, "does not follow from its steps"),
    ],
)
def test_a_gap_is_never_green_and_is_told(
    program: Program, shards: Path, harm: Callable[[Path], None], told: str
) -> None:
    harm(shards)
    done = program.run("merge", "shards")
    assert done.returncode == 3, done.stdout
    assert told in done.stdout
    assert "next: " in done.stdout
    for report in ("junit.xml", "result.json", "summary.md", "report.html"):
        assert program.report(report)
    assert result(program)["verdict"] == "error"


@pytest.mark.usefixtures("shards")
def test_folders_can_be_named_one_by_one_and_files_as_well(program: Program) -> None:
    places = ("shards/3", "shards/1/result.json", "shards/2")
    assert program.run("merge", *places, "--shards", "3").returncode == 0
    assert [run[0] for run in runs(program)] == list(GREEN)


@pytest.mark.parametrize("place", ["nowhere", "empty", "other", "notes.txt"])
@pytest.mark.usefixtures("shards")
def test_a_wrong_folder_is_never_green(program: Program, place: str) -> None:
    (program.folder / "empty").mkdir()
    (program.folder / "other/below").mkdir(parents=True)
    (program.folder / "notes.txt").write_text("hello")
    done = program.run("merge", "shards", place)
    assert done.returncode == 3
    assert f"! {place}: no step known" in done.stdout
    assert "cannot be read" in done.stdout


def test_where_no_job_says_which_shard_it_is_they_are_counted(
    program: Program, shards: Path
) -> None:
    for file in shards.glob("*/result.json"):
        told = json.loads(file.read_bytes()) | {"shard": None}
        file.write_text(json.dumps(told), encoding="utf-8")
    assert program.run("merge", "shards").returncode == 0
    assert program.run("merge", "shards", "--shards", "3").returncode == 0
    for asked in ("2", "4"):
        done = program.run("merge", "shards", "--shards", asked)
        assert done.returncode == 3
        assert f"--shards asks for {asked}, and there are 3" in done.stdout
    again = program.run("merge", "shards", "shards/1")
    assert again.returncode == 3
    assert "it is in shards/1 and in shards/1" in again.stdout


def test_what_was_merged_can_be_merged_again(program: Program, simulator: Simulator) -> None:
    sharded(program, simulator, MIXED)
    program.run("merge", "shards", "--report-dir", "once")
    before = json.loads((program.folder / "once/result.json").read_bytes())
    assert program.run("merge", "once").returncode == 1
    assert result(program)["runs"] == before["runs"]


@pytest.mark.parametrize("given", ["0/3", "4/3", "2", "a/b", "1/257"])
def test_a_shard_that_there_cannot_be_is_a_wrong_setting(program: Program, given: str) -> None:
    done = program.run("gate", "--shard", given)
    assert done.returncode == 2
    assert f"--shard: '{given}' is no part of a plan; write it as 2/3" in done.stderr
