"""The jobs of a plan, in the format of each platform."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.model import Shard
from gatekeeper.core.result_file.shards import PlannedSuite
from gatekeeper.errors import ConfigurationError
from gatekeeper.platforms.azure import Azure
from gatekeeper.platforms.github import GitHub
from gatekeeper.platforms.gitlab import GitLab
from gatekeeper.platforms.jenkins import Jenkins
from gatekeeper.settings.catalogue import TEST_SUITE
from gatekeeper.settings.sources import Reader
from gatekeeper.simulator import Simulator
from support.log_commands import commands_in
from support.program import ROOT, Program

HOSTILE = (
    'a "b" $HOME $(id) %s \\ : # ##[error]x {{ x }} é😀 \u202eevil ::add-mask::x '
    "##vso[task.complete result=Succeeded;]x ##teamcity[buildProblem] ##\u034fvso[x]"
)
SUITES = ["A", HOSTILE, "C", "D=ctr-1"]


def planned(program: Program, *arguments: str, **environ: str) -> str:
    environ = {"GATEKEEPER_TEST_SUITE": "\n".join(SUITES)} | environ
    done = program.run("plan", *arguments, **environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert commands_in(done.stdout) == []
    return done.stdout


def suites_of(texts: list[str]) -> list[str]:
    return sorted(line for text in texts for line in text.split("\n"))


def test_github_gets_a_matrix_in_one_line_and_as_an_output(program: Program) -> None:
    output = program.folder / "output"
    printed = planned(program, "--shards", "3", GITHUB_OUTPUT=str(output))
    assert printed.count("\n") == 1
    assert printed.isascii()
    matrix = json.loads(printed)
    assert [(job["shard"], job["shards"]) for job in matrix["include"]] == [(1, 3), (2, 3), (3, 3)]
    assert suites_of([job["suites"] for job in matrix["include"]]) == sorted(SUITES)
    head, value, end = output.read_text().splitlines()
    assert head == f"matrix<<{end}"
    assert json.loads(value) == matrix


def test_jenkins_gets_a_list_of_branches(program: Program) -> None:
    branches = json.loads(planned(program, "--shards", "2", "--format", "jenkins"))
    assert [(job["name"], job["shard"]) for job in branches] == [
        ("shard 1", "1/2"),
        ("shard 2", "2/2"),
    ]
    assert suites_of([job["suites"] for job in branches]) == sorted(SUITES)


@pytest.mark.parametrize(
    ("arguments", "job_image"),
    [((), "own/image:1"), (("--image", "own/image:1"), ""), (("--image", "own/image:1"), "other")],
)
def test_gitlab_gets_a_child_pipeline_with_a_job_that_merges_all(
    program: Program, arguments: tuple[str, ...], job_image: str
) -> None:
    command = ("--shards", "3", "--format", "gitlab", *arguments)
    printed = planned(program, *command, CI_JOB_IMAGE=job_image)
    jobs = yaml.safe_load(printed)
    stages, merge = jobs.pop("stages"), jobs.pop("merge")
    assert list(jobs) == merge["needs"] == ["shard 1", "shard 2", "shard 3"]
    assert merge["when"] == "always"
    assert {job["image"] for job in (*jobs.values(), merge)} == {"own/image:1"}
    assert {job["stage"] for job in (*jobs.values(), merge)} == set(stages)
    named = [job["variables"]["GATEKEEPER_TEST_SUITE"] for job in jobs.values()]
    assert suites_of([text.replace("$$", "$") for text in named]) == sorted(SUITES)
    assert not any("$" in text.replace("$$", "") for text in named)
    assert [job["variables"]["GATEKEEPER_SHARD"] for job in jobs.values()] == ["1/3", "2/3", "3/3"]
    folders = [job["artifacts"]["paths"] for job in jobs.values()]
    assert folders == [["shards/1"], ["shards/2"], ["shards/3"]]


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), min_size=1)


@given(st.lists(names, min_size=1, max_size=4))
def test_any_name_reaches_each_platform_as_it_is(suites: list[str]) -> None:
    shards = [[PlannedSuite(name, None)] for name in suites]
    matrix = json.loads(GitHub({}).plan(shards))["include"]
    assert [job["suites"] for job in matrix] == suites
    assert [job["suites"] for job in json.loads(Jenkins({}).plan(shards))] == suites
    jobs = yaml.safe_load(GitLab({}).plan(shards))
    for index, name in enumerate(suites, 1):
        variables = jobs[f"shard {index}"]["variables"]
        assert variables["GATEKEEPER_TEST_SUITE"].replace("$$", "$") == name
        assert variables["GATEKEEPER_SHARD"] == str(Shard(index, len(suites)))
    if not any("$(" in name for name in suites):
        variables = json.loads(Azure({}).plan(shards))
        assert [job["GATEKEEPER_TEST_SUITE"] for job in variables.values()] == suites


runs = st.none() | st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1).map(
    "ctr-{}".format
)
lookalikes = st.lists(
    st.sampled_from(["A", "=", "ctr-", "ctr-1", " ", "$", '"', "\u00a0", "é", "\t", "$X", "%"]),
    min_size=1,
).map("".join)
file_names = (names | lookalikes).map(str.strip).filter(lambda name: len(name.splitlines()) == 1)


@given(st.lists(st.builds(PlannedSuite, file_names, runs), min_size=1, max_size=4, unique=True))
def test_each_job_reads_exactly_its_suites(suites: list[PlannedSuite]) -> None:
    """A name from the file can look like a name with a run to attach to."""
    shards = [suites[::2], suites[1::2]] if len(suites) > 1 else [suites]
    matrix = json.loads(GitHub({}).plan(shards))["include"]
    branches = json.loads(Jenkins({}).plan(shards))
    jobs = yaml.safe_load(GitLab({}).plan(shards))
    azure = json.loads(Azure({}).plan(shards))
    for index, shard in enumerate(shards, 1):
        variables = jobs[f"shard {index}"]["variables"]
        for text in (
            matrix[index - 1]["suites"],
            branches[index - 1]["suites"],
            azure[f"shard_{index}"]["GATEKEEPER_TEST_SUITE"],
            variables["GATEKEEPER_TEST_SUITE"].replace("$$", "$"),
        ):
            reader = Reader({}, {TEST_SUITE.variable: text})
            assert list(reader.read(TEST_SUITE)) == shard, reader.problems


@pytest.mark.proves(
    "a suite in the configuration whose name looks like a suite and a run to attach to",
    "it is a name in the plan and in the gate: its own run is started",
)
def test_a_suite_named_like_a_run_stays_a_name(program: Program, simulator: Simulator) -> None:
    suites = ["A=ctr-1", "A=ctr-1=", "A", "=ctr-2"]
    for name in suites:
        simulator.add_scenario(name, "banking-transfer")
    tables = "".join(f'[[suite]]\nname = "{name}"\n' for name in suites)
    (program.folder / "gatekeeper.toml").write_text(tables, encoding="utf-8")
    environ = simulator.environment("")
    branches = json.loads(program.run("plan", "--shards", "2", "--format", "jenkins").stdout)
    shards = [environ | {"GATEKEEPER_TEST_SUITE": branch["suites"]} for branch in branches]
    ran: list[list[str]] = []
    for gate in (environ, *shards):
        done = program.run("gate", **gate)
        assert done.returncode == 0, done.stdout
        ran.append([run["test_suite"] for run in json.loads(program.report("result.json"))["runs"]])
    assert ran[0] == suites
    assert sorted(ran[1] + ran[2]) == sorted(suites)


def test_fewer_suites_than_shards_make_fewer_shards(program: Program) -> None:
    matrix = json.loads(planned(program, "--shards", "9"))
    assert [job["shards"] for job in matrix["include"]] == [4] * 4


def saved(program: Program, **seconds: float) -> str:
    """Write a result.json with the duration of suites, in seconds."""
    runs = [
        {"test_suite": name, "verdict": "passed", "duration": took}
        for name, took in seconds.items()
    ]
    result: dict[str, Any] = {"schema": 1, "verdict": "passed", "duration": 1, "runs": runs}
    folder: Path = program.folder / "before"
    folder.mkdir()
    result["started_at"] = "2026-05-04T03:02:01Z"
    (folder / "result.json").write_text(json.dumps(result))
    return "before"


def test_the_durations_of_before_balance_the_shards(program: Program) -> None:
    before = saved(program, A=100.0, B=10.0, C=20.0, D=30.0)
    for path in (before, f"{before}/result.json"):
        printed = planned(
            program, "--shards", "2", "--durations", path, GATEKEEPER_TEST_SUITE="A\nB\nC\nD"
        )
        assert [job["suites"] for job in json.loads(printed)["include"]] == ["A", "B\nC\nD"]


def test_a_dry_run_lists_the_suites_of_each_job_and_publishes_nothing(program: Program) -> None:
    before = saved(program, A=100.0, B=10.0, C=20.0)
    output = program.folder / "output"
    environ = {"GATEKEEPER_TEST_SUITE": "A\nB\nC\nD=ctr-1", "GITHUB_OUTPUT": str(output)}
    flags = ("--shards", "2", "--durations", before, "--dry-run")
    done = program.run("plan", *flags, **environ)
    assert (done.returncode, done.stderr, output.exists()) == (0, "", False)
    assert done.stdout.splitlines() == [
        "shard 1/2: 1 suite, 1 min 40 s in all",
        "   1 min 40 s  A",
        "shard 2/2: 3 suites, 50 s in all",
        "         10 s  B",
        "         20 s  C",
        "      unknown  D=ctr-1",
        "Suites of unknown duration count as the median of the others, 20 s.",
    ]


def test_a_dry_run_without_durations_says_how_to_balance_the_jobs(program: Program) -> None:
    done = program.run("plan", "--shards", "2", "--dry-run", GATEKEEPER_TEST_SUITE=HOSTILE)
    assert commands_in(done.stdout) == []
    first, _, last = done.stdout.splitlines()
    assert first == "shard 1/1: 1 suite"
    assert "--durations" in last


def test_a_dry_run_refuses_what_the_platform_cannot_run(program: Program) -> None:
    many = "\n".join(map(str, range(51)))
    flags = ("--shards", "51", "--format", "gitlab", "--dry-run")
    done = program.run("plan", *flags, GATEKEEPER_TEST_SUITE=many)
    assert (done.returncode, done.stdout) == (2, "")


def test_durations_that_cannot_be_read_are_told_and_passed_over(program: Program) -> None:
    done = program.run("plan", "--shards", "1", "--test-suite", "A", "--durations", "nowhere")
    assert done.returncode == 0
    assert json.loads(done.stdout)
    assert done.stderr == "warning: durations: nowhere cannot be read: No such file or directory\n"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--shards", "2"), "test-suite is missing"),
        (("--test-suite", "A"), "--shards"),
        (("--shards", "0", "--test-suite", "A"), "--shards"),
        (("--shards", "2", "--test-suite", "A", "--format", "nobody"), "nobody"),
        (("--shards", "2", "--test-suite", "A\nA"), "A is listed twice"),
        (("--shards", "2", "--test-suite", "A", "--image", "x"), "use --format gitlab"),
        *(
            (
                ("--shards", "2", "--test-suite", "A", "--format", "gitlab", "--image", name),
                "--image: ",
            )
            for name in ("", " ", "a b", "a\nb", "\x1b[1m")
        ),
    ],
)
def test_a_plan_that_cannot_be_made_is_a_wrong_setting(
    program: Program, arguments: tuple[str, ...], problem: str
) -> None:
    done = program.run("plan", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert problem in done.stderr


def test_more_jobs_than_gitlab_can_merge_are_refused() -> None:
    shards = [[PlannedSuite(str(number), None)] for number in range(51)]
    with pytest.raises(ConfigurationError, match="at most 50"):
        GitLab({}).plan(shards)


def test_a_plan_that_cannot_be_written_is_told(program: Program) -> None:
    command = f"{sys.executable} {ROOT / 'entrypoint.py'} plan --shards 1 --test-suite A"
    done = program.run("sh", "-c", f"exec {command} >/dev/full")
    assert done.returncode == 5
    assert "the plan could not be written: No space left" in done.stderr


def test_a_plan_is_run_and_joined_as_one_gate(program: Program, simulator: Simulator) -> None:
    suites = "banking-transfer\nhotel-arabic\nairline-arrival-de"
    printed = planned(program, "--shards", "2", "--format", "jenkins", GATEKEEPER_TEST_SUITE=suites)
    for branch in json.loads(printed):
        environ = simulator.environment(branch["suites"])
        environ["GATEKEEPER_SHARD"] = branch["shard"]
        environ["GATEKEEPER_REPORT_DIR"] = f"shards/{branch['name']}"
        assert program.run(**environ).returncode == 0
    assert program.run("merge", "shards").returncode == 0
    ran = json.loads(program.report("result.json"))["runs"]
    assert sorted(run["test_suite"] for run in ran) == sorted(suites.split("\n"))
