"""Merging: reports of several jobs make one verdict, which is never green with a report missing."""

import json
import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import junitparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.commands.merge import merge
from gatekeeper.core.model import Gate, Pipeline
from gatekeeper.core.result_file.write import result_json
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.simulator import Simulator
from support.builders import Json, copy_of, finished, greeting, run_of
from support.program import Program

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


def run_changed(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    """Change the run of the second shard."""

    def harm(shards: Path) -> None:
        file = shards / "2/result.json"
        told = json.loads(file.read_bytes())
        change(told["runs"][0])
        file.write_text(json.dumps(told), encoding="utf-8")

    return harm


def counting(**steps: int) -> Callable[[Path], None]:
    """Count steps of which nothing more is told."""

    def change(run: dict[str, Any]) -> None:
        run["steps"] = steps
        run["cases"] = []
        run["remarks"] = [{"text": "the answer has no step details", "outcome": "passed"}]

    return run_changed(change)


def case(**fields: Any) -> Callable[[Path], None]:
    """Change the first step, the second being named and known as `again`."""

    def change(run: dict[str, Any]) -> None:
        run["cases"][1] |= {"name": "002 again", "id": "again"}
        run["cases"][0] |= fields

    return run_changed(change)


def tolerating_all(shards: Path) -> None:
    def change(run: dict[str, Any]) -> None:
        for one in run["cases"]:
            one["outcome"] = "tolerated"
        run["steps"] |= {"passed": 0, "tolerated": len(run["cases"])}

    run_changed(change)(shards)


def attempted_before(shards: Path) -> None:
    other = json.loads((shards / "1/result.json").read_bytes())["runs"][0]
    run_changed(lambda run: run.update(earlier=[other]))(shards)


def with_a_file_beside(shards: Path) -> None:
    (shards / "notes.txt").write_text("hello")


def with_a_pipe_beside(shards: Path) -> None:
    os.mkfifo(shards / "pipe")


def nested(shards: Path) -> None:
    (shards / "2/old").mkdir()
    shutil.copy(shards / "2/result.json", shards / "2/old/result.json")


def as_a_pipe(shards: Path) -> None:
    (shards / "2/result.json").unlink()
    os.mkfifo(shards / "2/result.json")


def as_a_folder(shards: Path) -> None:
    (shards / "2/result.json").unlink()
    (shards / "2/result.json").mkdir()


def of_another_suite(shards: Path) -> None:
    file = shards / "2/result.json"
    told = json.loads(file.read_bytes())
    told["runs"] = json.loads((shards / "1/result.json").read_bytes())["runs"]
    file.write_text(json.dumps(told), encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (without_one, "there is no report of this shard"),
        (without_a_result, "shards/2/result.json cannot be read: No such file or directory"),
        (cut, "shards/2/result.json cannot be read: not a valid result.json"),
        (twice, "there is more than one report of this shard: shards/1 and shards/2"),
        (of_another_suite, "the suite is in both shards/1 (shard 1/3) and shards/2 (shard 2/3)"),
        (changed(schema=7), "schema 7 is not supported"),
        (changed(shard={"index": 2, "total": 4}), "the reports are from different plans"),
        (changed(exit_code=5, unwritten=["x"]), "could not write a report (exit code 5): x"),
        (changed(exit_code=130, interrupted_by=2), "interrupted (exit code 130)"),
        (changed(exit_code=143, interrupted_by=15), "interrupted (exit code 143)"),
        (changed(exit_code=0, interrupted_by=15), "its verdict does not match its runs"),
        (changed(exit_code=143), "its verdict does not match its runs"),
        (changed(interrupted_by=9), "invalid signal 9"),
        (changed(exit_code=2), "settings were invalid (exit code 2)"),
        (changed(shard=None), "the result does not say which shard it is"),
        (
            changed(commit="abc"),
            "not all from one commit: unknown (shards/1, shards/3); abc (shards/2)",
        ),
        (changed(pipeline_id="x"), "not all from one pipeline: unknown (shards/1, shards/3); x"),
        (changed(verdict="failed"), "its verdict does not match its runs"),
        (changed(exit_code=1), "its verdict does not match its runs"),
        (changed(exit_code=None), "its verdict does not match its runs"),
        (changed(runs=[]), "its verdict does not match its runs"),
        (lying, "its counts do not match its"),
        (tolerating, "but some of its steps failed"),
        (counting(total=5, passed=0), "its verdict is passed, but none of its steps passed"),
        (counting(total=1, passed=99), "it counts 1 steps, but 99 outcomes"),
        (counting(total=1, passed=2, failed=-1), "one of its step counts is negative"),
        (counting(total=5, passed=4, tolerated=1), "some of its steps are tolerated"),
        (case(outcome="timeout"), "but step 1 is not"),
        (
            case(failures=[{"text": "x", "outcome": "failed"}]),
            "the reasons of step 1 do not match its",
        ),
        (case(name="002 again"), "several steps have the same name"),
        (case(id="again"), "several steps have the same id"),
        (case(id=None), "only some of its steps have an id"),
        (tolerating_all, "its verdict is passed, but some of its steps are tolerated"),
        (attempted_before, "the run is reported 2 times, but counts only once"),
        (with_a_file_beside, "! ERROR     shards/notes.txt\n"),
        (with_a_file_beside, "it is next to report folders, but is not one"),
        (with_a_pipe_beside, "it is next to report folders, but is not one"),
        (nested, "both it and its subfolder shards/2/old have a result.json"),
        (as_a_pipe, "shards/2/result.json cannot be read: not a regular file"),
        (as_a_folder, "shards/2/result.json cannot be read: Is a directory"),
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
    assert f"! ERROR     {place}\n" in done.stdout
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
        assert f"--shards is {asked}, but 3 reports can be read" in done.stdout
    again = program.run("merge", "shards", "shards/1")
    assert again.returncode == 3
    assert "the run is reported 2 times, but counts only once: shards/1, shards/1" in again.stdout


GITHUB = {"GITHUB_RUN_ID": "7", "GITHUB_REPOSITORY": "owner/bot", "GITHUB_SHA": "abc"}
OF_IT = {"commit": "abc", "pipeline_id": "github/owner/bot/7"}


def in_all(shards: Path, **fields: Any) -> None:
    for file in shards.glob("*/result.json"):
        file.write_text(json.dumps(json.loads(file.read_bytes()) | fields), encoding="utf-8")


@pytest.mark.proves(
    "shards of an earlier pipeline or another commit, with or without current ones",
    "exit 3, with the commit and pipeline of each job; a re-run of failed jobs still merges",
)
@pytest.mark.parametrize(
    ("recorded", "environ", "told"),
    [
        ({}, {}, ""),
        ({}, GITHUB, ""),
        (OF_IT, {}, ""),
        (OF_IT, GITHUB | {"GITHUB_RUN_ATTEMPT": "2", "GITHUB_JOB": "verdict"}, ""),
        (OF_IT | {"commit": "old"}, GITHUB, "old (shards/1, shards/2, shards/3); abc (this job)"),
        (OF_IT | {"pipeline_id": "github/owner/bot/6"}, GITHUB, "not all from one pipeline"),
        (OF_IT | {"pipeline_id": None}, GITHUB, ""),
    ],
)
def test_shards_are_of_the_commit_and_pipeline_of_the_job_that_merges(
    program: Program, shards: Path, recorded: dict[str, str], environ: dict[str, str], told: str
) -> None:
    in_all(shards, **recorded)
    done = program.run("merge", "shards", **environ)
    assert done.returncode == (3 if told else 0), done.stdout
    assert told in done.stdout


def test_hidden_files_beside_the_report_folders_are_passed_over(
    program: Program, shards: Path
) -> None:
    (shards / ".gitkeep").touch()
    assert program.run("merge", "shards").returncode == 0


@pytest.mark.proves(
    "a merge that finds its own earlier report among its inputs",
    "exit 3: it is named, and not counted a second time",
)
def test_its_own_earlier_report_is_no_part_of_a_merge(program: Program, shards: Path) -> None:
    arguments = ("merge", "shards", "--report-dir", "shards/all")
    assert program.run(*arguments).returncode == 0
    done = program.run(*arguments)
    assert done.returncode == 3
    assert "! ERROR     shards/all\n" in done.stdout
    assert "this merge writes its own report there" in done.stdout
    (shards / "2/again").symlink_to(shards / "all")
    shutil.rmtree(shards / "2")
    (shards / "2").symlink_to(shards / "all")
    assert "this merge writes its own report there" in program.run(*arguments).stdout


def test_a_merge_beside_what_it_joined_is_told(program: Program, shards: Path) -> None:
    assert program.run("merge", "shards", "--report-dir", "shards").returncode == 0
    done = program.run("merge", "shards", "--report-dir", str(shards / "../elsewhere"))
    assert done.returncode == 3
    assert "! ERROR     shards\n" in done.stdout
    assert "both it and its subfolder shards/1 have a result.json" in done.stdout


@pytest.mark.proves(
    "a signal while a merge reads its inputs", "it ends at once, with the signal's exit code"
)
@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.usefixtures("shards")
def test_a_signal_ends_it_while_it_reads(
    program: Program, tmp_path: Path, signum: int, code: int
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import builtins, os\n"
        "real = open\n"
        "def signalled(file, *more, **fields):\n"
        "    if str(file) == 'shards/2/result.json':\n"
        f"        os.kill(os.getpid(), {int(signum)})\n"
        "    return real(file, *more, **fields)\n"
        "builtins.open = signalled\n"
    )
    done = program.run("merge", "shards", PYTHONPATH=str(tmp_path))
    assert done.returncode == code
    assert "PASSED" not in done.stdout


def green_gate(told: dict[str, Any]) -> bool:
    """Whether a gate can have written this with everything passed."""
    ends = [told.get(name) for name in ("schema", "verdict", "exit_code", "interrupted_by")]
    runs = told.get("runs")
    return (
        ends == [1, "passed", 0, None]
        and not told.get("unwritten")
        and isinstance(runs, list)
        and bool(runs)
        and all(map(green_run, runs))
    )


def green_run(run: dict[str, Any]) -> bool:
    """Whether it passed, or is tolerated with nothing but plain failures that are."""
    cases, steps = run.get("cases"), run.get("steps")
    if not cases or not steps:
        return False
    counts = {name: count for name, count in steps.items() if count}
    ended = Counter(case["outcome"] for case in cases)
    names = {case.get("name") for case in cases}
    return (
        counts == {"total": len(cases)} | ended
        and run.get("verdict") == ("tolerated" if "tolerated" in ended else "passed")
        and not run.get("failures")
        and all(map(green_case, cases))
        and len(names) == len(cases)
        and [case.get("index") for case in cases] == list(range(1, len(cases) + 1))
    )


def green_case(case: dict[str, Any]) -> bool:
    reasons = {one["outcome"] for one in case.get("failures") or ()}
    if case["outcome"] == "passed":
        return not reasons and not case.get("reasons")
    return case["outcome"] == "tolerated" and {"tolerated"} <= reasons <= {"tolerated", "failed"}


VALUES: tuple[Any, ...] = (
    *(None, 0, 1, -1, 2, 99, 10**30, 0.5, "", "2026-05-04", [], {}, [{}], True),
    *("passed", "failed", "tolerated", "error", "skipped", "timeout"),
    [{"text": "x", "outcome": "failed"}],
)


@st.composite
def mutations(draw: st.DrawFn, whole: dict[str, Any]) -> dict[str, Any]:
    """Draw a file in which something was removed, replaced, repeated or taken from elsewhere."""
    told: dict[str, Any] = copy_of(whole)
    for _ in range(draw(st.integers(1, 4))):
        places = list(containers(told))
        place = places[draw(st.integers(0, len(places) - 1))]
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            continue
        key: Any = draw(st.sampled_from(keys))
        how = draw(st.sampled_from(["drop", "value", "graft", "repeat"]))
        if how == "drop":
            del place[key]
        elif how == "value":
            place[key] = copy_of(draw(st.sampled_from(VALUES)))
        elif how == "graft":
            place[key] = copy_of(places[draw(st.integers(0, len(places) - 1))])
        elif isinstance(place, list):
            place.append(copy_of(place[key]))
    return told


def containers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from containers(inner)


def tolerated_gate(answer: Json) -> bytes:
    """Write the result of a suite that does not block."""
    run = run_of(answer, policy=Policy(blocking=False))
    return b"".join(result_json(Gate((run,), datetime(2026, 5, 4, tzinfo=UTC), 1.0)))


@pytest.mark.proves(
    "a result.json changed in any way: fields removed, replaced, repeated or copied",
    "merge is green only if a gate in which everything passed could have written it",
)
@pytest.mark.parametrize("tolerated", [False, True])
def test_no_change_of_a_file_makes_a_merge_green_that_no_gate_would_have_written(
    green: Path, tmp_path: Path, tolerated: bool
) -> None:
    whole = json.loads((green / "1/result.json").read_bytes()) | {"shard": None}
    if tolerated:
        failing = finished(greeting("failed"), greeting(), status="failed")
        whole["runs"] = json.loads(tolerated_gate(failing))["runs"]
    file = tmp_path / "result.json"
    codes = Counter[int]()

    @settings(deadline=None, max_examples=700, derandomize=True)
    @given(mutations(whole))
    def hold(told: dict[str, Any]) -> None:
        file.write_text(json.dumps(told), encoding="utf-8")
        end = merge([str(file)], None, Pipeline(), tmp_path / "reports")
        codes[end.exit_code] += 1
        assert end.exit_code != 0 or green_gate(told)

    hold()
    assert codes[0] > 50
    assert codes[3] > 300


def test_a_run_without_a_passed_step_is_tolerated_by_a_policy_and_the_verdict_says_so(
    program: Program,
) -> None:
    answer = finished(greeting("failed"), status="failed") | {"_id": None, "streamId": None}
    with Simulator(speed=1000) as simulator:
        simulator.add_suite("Booking", answer)
        given = simulator.environment("Booking")
        (program.folder / "gatekeeper.toml").write_text("blocking = false\n")
        done = program.run("gate", "--report-dir", "shards/1", "--shard", "1/1", **given)
    for one in (done, program.run("merge", "shards")):
        assert one.returncode == 0, one.stdout
        assert "PASSED by policy alone: 0 of 1 step passed, 1 tolerated" in one.stdout


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
    assert f"--shard: '{given}' is not a valid shard: write 2/3" in done.stderr
