"""`start`, and a later gate that judges what it started."""

import io
import json
import re
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
import yaml

from gatekeeper.commands.start import OUTPUT
from gatekeeper.console import Console
from gatekeeper.core.runs_file import read_starts, runs_json
from gatekeeper.platforms import detect
from gatekeeper.simulator import Simulator
from support.faults import also_saying, answering, error_body, hang, late
from support.github_runner.expressions import evaluated
from support.program import ROOT, Program
from support.relay import Exchange, Override, Relay
from support.trials import wait_for

RUNS = "gatekeeper-report/runs.json"
# Each suite's name is that of the scenario that it goes by.
PASSING, FAILING, UNKNOWN = "banking-transfer", "banking-card-block", "no-such-suite"
PIPELINE = {
    "GITHUB_RUN_ID": "7",
    "GITHUB_REPOSITORY": "team/bot",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_SHA": "0123abc",
}
JOB = "https://github.com/team/bot/actions/runs/7"


def suites(*names: str) -> list[str]:
    return [word for name in names for word in ("--test-suite", name)]


def runs_of(program: Program) -> Any:
    return json.loads(program.report("runs.json"))


def result_of(program: Program) -> Any:
    return json.loads(program.report("result.json"))


def started(simulator: Simulator) -> int:
    return sum(request.call == "start" for request in simulator.requests)


def test_a_later_gate_judges_the_runs_and_says_when_and_where_they_were_started(
    program: Program, simulator: Simulator
) -> None:
    output, summary = (program.folder / name for name in ("output", "summary"))
    environ = simulator.environment("") | PIPELINE
    published = {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)}
    start = program.run("start", *suites(PASSING, FAILING), **environ, **published)
    assert (start.returncode, start.stderr) == (0, "")
    runs = runs_of(program)
    assert (runs["commit"], runs["pipeline_id"]) == ("0123abc", "github/team/bot/7")
    first, second = (run["test_run_id"] for run in runs["runs"])
    assert re.search(rf"test-run-ids<<(\S+)\n{first},{second}\n\1\n", output.read_text())
    assert f"| {PASSING} | {first} |" in summary.read_text(encoding="utf-8")
    assert start.stdout.splitlines()[-2:] == [
        f"next: gatekeeper gate --attach {RUNS}",
        "2 of 2 runs started (exit code 0)",
    ]
    assert [request.call for request in simulator.requests] == ["start", "start"]
    # A retry would be a run that somebody waits for.
    later = program.run("gate", "--attach", RUNS, "--retries", "2", "--events", "events", **environ)
    assert later.returncode == 1, later.stdout + later.stderr
    assert started(simulator) == 2
    result = result_of(program)
    assert [run["verdict"] for run in result["runs"]] == ["passed", "failed"]
    when = runs["runs"][1]["started_at"]
    for run in result["runs"]:
        assert run["started_by"] == {"at": when, "url": JOB}
        # As in the job that started it: known by more than the platform's word for it.
        assert run["bot_version"] == "published"
    by = f"{when} by gatekeeper start in {JOB}"
    assert f"attached to run {first} on {simulator.host}, started {when}" in later.stdout
    assert f"  started: {by}" in later.stdout
    assert f'<property name="started-by" value="{by}"' in program.report()
    assert f'<dd dir="auto">{by}</dd>' in program.report("report.html")
    assert f'by <a href="{JOB}">gatekeeper start</a>' in program.report("summary.md")
    events = (program.folder / "events").read_text(encoding="utf-8")
    assert events.count('"attached":true') == 2


@pytest.mark.proves(
    "a suite that could not be started, while others could",
    "start names it and exits with 3; the later gate judges the others, and is not green",
)
def test_a_suite_that_did_not_start_is_an_error_of_the_later_gate(
    program: Program, simulator: Simulator
) -> None:
    environ = simulator.environment("") | {"GITHUB_ACTIONS": "true"}
    start = program.run("start", *suites(UNKNOWN, PASSING), **environ)
    assert start.returncode == 3
    assert f"! {UNKNOWN}: not started: HTTP 400 Test Suite not found" in start.stdout
    assert "::error title=" in start.stdout
    assert start.stdout.splitlines()[-1] == "1 of 2 runs started (exit code 3)"
    runs = runs_of(program)["runs"]
    assert (runs[0]["test_run_id"], runs[1]["problem"]) == (None, "")
    later = program.run("gate", "--attach", RUNS, **environ)
    assert later.returncode == 3
    assert f"gatekeeper start did not start this suite: {runs[0]['problem']}" in later.stdout
    assert f"next: {runs[0]['next_step']}" in later.stdout
    assert [run["verdict"] for run in result_of(program)["runs"]] == ["error", "passed"]
    assert "started_by" not in result_of(program)["runs"][0]


def test_doctor_names_the_suites_that_no_later_gate_can_judge(
    program: Program, simulator: Simulator
) -> None:
    environ = simulator.environment("")
    program.run("start", *suites(UNKNOWN, PASSING), **environ)
    # Whether it could be started now makes no difference.
    simulator.add_scenario(UNKNOWN, PASSING)
    done = program.run("doctor", "--attach", RUNS, **environ)
    assert done.returncode == 3
    what = f'✗ attach "{UNKNOWN}": gatekeeper start did not start this suite: HTTP 400'
    assert what in done.stdout
    assert "next: run gatekeeper start again" in done.stdout
    assert f'✗ attach "{PASSING}"' not in done.stdout


@pytest.mark.proves(
    "a runs.json of another pipeline, and one that is missing",
    "exit code 2, nothing requested; no earlier report is left to be taken for this gate's",
)
@pytest.mark.parametrize("path", [RUNS, "other.json"])
def test_runs_of_another_pipeline_are_not_judged(
    program: Program, simulator: Simulator, path: str
) -> None:
    environ = simulator.environment(PASSING) | PIPELINE
    assert program.run("start", **environ).returncode == 0
    again = environ | {"GITHUB_RUN_ID": "8"}
    later = program.run("gate", "--attach", path, **again)
    assert later.returncode == 2
    why = "team/bot/8 (this job)" if path == RUNS else "No such file or directory"
    assert f"{path}" in later.stderr
    assert why in later.stderr
    assert "test-suite is missing" not in later.stderr
    assert result_of(program)["exit_code"] == 2
    assert (program.folder / RUNS).exists()
    assert len(simulator.requests) == 1


def test_a_pipeline_whose_name_has_the_password_of_a_proxy_in_it_is_still_recognised(
    program: Program, simulator: Simulator
) -> None:
    proxy = {"HTTPS_PROXY": "http://user:team/bot@proxy:3128"}
    environ = simulator.environment(PASSING) | PIPELINE | proxy
    program.run("start", **environ)
    assert runs_of(program)["pipeline_id"] == "github/team/bot/7"
    assert program.run("gate", "--attach", RUNS, **environ).returncode == 0


def test_a_rerun_of_the_later_job_judges_the_same_runs_again(
    program: Program, simulator: Simulator
) -> None:
    environ = simulator.environment(PASSING) | PIPELINE
    program.run("start", **environ)
    # The reports of the first one, beside the file of the runs, are the history of the second.
    history = str(program.folder / "history")
    shutil.copytree(program.folder / "gatekeeper-report", history)
    for attempt in ("1", "2"):
        again = environ | {"GITHUB_RUN_ATTEMPT": attempt, "GATEKEEPER_HISTORY": history}
        later = program.run("gate", "--attach", RUNS, **again)
        assert later.returncode == 0
        assert f"{history}/runs.json" not in later.stdout
        shutil.copytree(program.folder / "gatekeeper-report", history, dirs_exist_ok=True)
    assert started(simulator) == 1


def test_a_run_that_the_platform_no_longer_knows_has_to_be_started_again(
    program: Program, simulator: Simulator
) -> None:
    environ = simulator.environment(PASSING)
    program.run("start", **environ)
    runs = program.report("runs.json").replace("ctr-", "ctr-0")
    (program.folder / RUNS).write_text(runs, encoding="utf-8")
    later = program.run("gate", "--attach", RUNS, **environ)
    assert later.returncode == 3
    assert "this suite has no run with this id" in later.stdout
    assert "next: run gatekeeper start again" in later.stdout


def test_a_later_gate_that_runs_out_of_time_says_how_to_attach_again(program: Program) -> None:
    with Simulator(speed=0.001) as slow:
        environ = slow.environment(PASSING)
        program.run("start", **environ)
        later = program.run("gate", "--attach", RUNS, "--timeout", "1s", **environ)
    assert later.returncode == 4
    assert "the run itself continues" in later.stdout
    assert "run this job again to attach to it" in later.stdout
    assert "test-run-id" not in later.stdout


def test_suites_and_policies_of_the_configuration_apply(
    program: Program, simulator: Simulator
) -> None:
    table = f'blocking = false\n[[suite]]\nname = "{FAILING}"\nlanguages = ["en", "de"]\n'
    (program.folder / "gatekeeper.toml").write_text(table, encoding="utf-8")
    environ = simulator.environment("")
    simulator.add_scenario(FAILING, FAILING)
    assert program.run("start", **environ).returncode == 0
    assert [run["language"] for run in runs_of(program)["runs"]] == ["en", "de"]
    assert program.run("gate", "--attach", RUNS, **environ).returncode == 0
    assert [run["verdict"] for run in result_of(program)["runs"]] == ["tolerated"] * 2
    later = program.run("gate", "--attach", RUNS, "--bot-language", "de", **environ)
    assert later.returncode == 2
    assert "it has suites that this gate does not ask for" in later.stderr


def test_a_start_refuses_what_only_a_gate_can_do_and_ignores_what_the_later_gate_needs(
    program: Program, simulator: Simulator
) -> None:
    environ = simulator.environment("")
    refused = program.run(
        "start", *suites(f"{PASSING}=ctr-9"), **environ, GATEKEEPER_FAILED_FROM="none.json"
    )
    assert refused.returncode == 2
    assert "run ctr-9 is started already: remove its id, or run the gate" in refused.stderr
    assert "start starts every suite: remove failed-from" in refused.stderr
    later = {"GATEKEEPER_ATTACH": RUNS, "GATEKEEPER_COMMENT": "always"}
    assert program.run("start", *suites(PASSING), **environ, **later).returncode == 0
    assert program.run("gate", **environ, **later).returncode == 0


@pytest.mark.proves(
    "a runs.json of an earlier start, and a start with wrong settings or flags",
    "the file is removed, so that no gate judges the runs in it",
)
@pytest.mark.parametrize("flags", [["--no-such-flag"], ["--timeout", "soon"]])
def test_the_file_of_an_earlier_start_does_not_outlive_a_failed_one(
    program: Program, simulator: Simulator, flags: list[str]
) -> None:
    environ = simulator.environment(PASSING) | {"GATEKEEPER_ATTACH": RUNS}
    program.run("start", **environ)
    assert program.run("start", *flags, **environ).returncode == 2
    assert not (program.folder / RUNS).exists()


def test_the_reports_of_an_earlier_gate_do_not_outlive_a_start(
    program: Program, simulator: Simulator
) -> None:
    environ = simulator.environment(PASSING)
    program.run("gate", **environ)
    program.run("start", **environ)
    left = sorted(path.name for path in (program.folder / "gatekeeper-report").iterdir())
    assert left == ["runs.json"]


@pytest.mark.proves(
    "a report folder that start cannot write to, or a symbolic link at the file's path",
    "exit code 5 before anything is started",
)
@pytest.mark.parametrize("obstacle", ["file", "link"])
def test_nothing_is_started_if_the_file_cannot_be_written(
    program: Program, simulator: Simulator, obstacle: str
) -> None:
    folder = program.folder / "gatekeeper-report"
    if obstacle == "file":
        folder.touch()
    else:
        folder.mkdir()
        (folder / "runs.json").symlink_to(program.folder / "elsewhere")
    start = program.run("start", **simulator.environment(PASSING))
    assert start.returncode == 5
    assert "runs.json could not be written" in start.stdout
    assert start.stdout.splitlines()[-1] == "gatekeeper: nothing was started"
    assert not simulator.requests


@pytest.mark.proves(
    "a folder that cannot be written to any more once the runs are started",
    "exit code 5; the log and the output have the ids",
)
def test_ids_are_not_lost_if_the_file_cannot_be_written_any_more(
    program: Program, simulator: Simulator
) -> None:
    folder = program.folder / "gatekeeper-report"

    def replace_folder(exchange: Exchange) -> None:
        (folder / "runs.json").unlink()
        folder.rmdir()
        folder.touch()
        answering(exchange.proper_body())(exchange)

    with Relay(simulator, Override("start", replace_folder)) as relay:
        environ = relay.environment() | {"GITHUB_OUTPUT": str(program.folder / "output")}
        start = program.run("start", **environ)
    assert start.returncode == 5
    assert f"started run {relay.run_id} on {relay.host}" in start.stdout
    assert relay.run_id in (program.folder / "output").read_text(encoding="utf-8")


@pytest.mark.proves(
    "SIGINT in the middle of a start of several suites",
    "runs.json has those that are started, and why the others are not; no later gate is green",
)
def test_what_was_started_before_a_signal_is_written(
    program: Program, simulator: Simulator
) -> None:
    names = (PASSING, FAILING, "airline-rebooking")
    # One after the other, so that the last one has not begun.
    config = "parallel = 1\n" + "".join(f'[[suite]]\nname = "{name}"\n' for name in names)
    (program.folder / "gatekeeper.toml").write_text(config, encoding="utf-8")
    with Relay(simulator, Override("start", hang, at=2)) as relay:
        process = program.start("start", **relay.environment(""))
        wait_for(lambda: relay.count("start") == 2)
        process.send_signal(signal.SIGINT)
        log, _ = process.communicate(timeout=30)
        later = program.run("gate", "--attach", RUNS, **relay.environment(""))
        assert relay.count("start") == 2
    assert process.returncode == 130
    assert "1 of 3 runs started (exit code 130)" in log
    first, second, third = runs_of(program)["runs"]
    assert first["test_run_id"] == relay.run_id
    assert "the run may have started anyway" in second["problem"]
    assert "set test-run-id to its id" in second["next_step"]
    assert third["problem"] == "interrupted by SIGINT before the run was started"
    assert later.returncode == 3
    assert [run["verdict"] for run in result_of(program)["runs"]] == ["passed", "error", "error"]


@pytest.mark.proves(
    "SIGTERM just before the response to a start of `start`", "runs.json has the run's id"
)
def test_a_run_whose_start_is_answered_right_after_the_signal_is_written(
    program: Program, simulator: Simulator
) -> None:
    with Relay(simulator, Override("start", late(0.1))) as relay:
        process = program.start("start", **relay.environment())
        wait_for(lambda: relay.count("start") == 1)
        process.send_signal(signal.SIGTERM)
        log, _ = process.communicate(timeout=30)
        assert process.returncode == 143
        assert runs_of(program)["runs"][0]["test_run_id"] == relay.run_id
    assert "1 of 1 run started (exit code 143)" in log


@pytest.mark.proves(
    "a job that is killed in the middle of a start",
    "runs.json has what was started until then; the suites without a run are errors",
)
def test_what_was_started_before_a_kill_is_written(program: Program, simulator: Simulator) -> None:
    with Relay(simulator, Override("start", hang, at=2)) as relay:
        process = program.start("start", *suites(PASSING, FAILING), **relay.environment(""))
        path = program.folder / RUNS
        wait_for(lambda: relay.count("start") == 2 and "ctr-" in path.read_text(encoding="utf-8"))
        process.kill()
        process.communicate(timeout=30)
    runs = runs_of(program)["runs"]
    assert sorted(run["test_run_id"] or "" for run in runs) == ["", relay.run_id]
    assert "gatekeeper start ended before it started this suite" in [run["problem"] for run in runs]
    assert not list(path.parent.glob(".*"))


@pytest.mark.proves(
    "a start that is refused with a text that repeats the client secret",
    "neither runs.json nor the log nor the summary has it",
)
def test_no_secret_is_written(program: Program, simulator: Simulator) -> None:
    body = error_body(f"no access for {simulator.client_secret}")
    with Relay(simulator, Override("start", answering(body, 400))) as relay:
        environ = relay.environment() | {"GITHUB_STEP_SUMMARY": str(program.folder / "summary")}
        start = program.run("start", **environ)
    assert start.returncode == 3
    summary = (program.folder / "summary").read_text(encoding="utf-8")
    for text in (program.report("runs.json"), start.stdout + start.stderr, summary):
        assert "no access for" in text
        assert simulator.client_secret not in text
    assert "next: gatekeeper gate" not in start.stdout


@pytest.mark.proves(
    "a refused start whose response names a run",
    "the suite counts as not started: that run may be somebody else's",
)
def test_a_run_that_an_error_names_is_not_taken(program: Program, simulator: Simulator) -> None:
    with Relay(simulator, Override("start", also_saying(500, "Oops"))) as relay:
        assert program.run("start", **relay.environment()).returncode == 3
    [run] = runs_of(program)["runs"]
    assert run["test_run_id"] is None
    assert f"names run {relay.run_id}" in run["problem"]


@pytest.mark.proves(
    "a platform that gives two suites the same run",
    "one of them counts as not started, so no later gate is green",
)
def test_a_run_is_started_for_one_suite_only(program: Program, simulator: Simulator) -> None:
    body = json.dumps({"status": "IN_PROGRESS", "testRunId": "ctr-1"})
    with Relay(simulator, Override("start", answering(body), lasting=True)) as relay:
        start = program.run("start", *suites(PASSING, FAILING), **relay.environment(""))
    assert start.returncode == 3
    assert sorted(run["test_run_id"] or "" for run in runs_of(program)["runs"]) == ["", "ctr-1"]
    assert "a run counts only once in a gate" in program.report("runs.json")


def test_the_shard_of_a_start_is_that_of_its_gate(program: Program, simulator: Simulator) -> None:
    environ = simulator.environment(PASSING) | {"GATEKEEPER_SHARD": "2/3"}
    program.run("start", **environ)
    assert runs_of(program)["shard"] == {"index": 2, "total": 3}
    assert program.run("gate", "--attach", RUNS, **environ).returncode == 0
    assert result_of(program)["shard"] == {"index": 2, "total": 3}


def test_more_runs_than_parallel_are_started_with_a_note(
    program: Program, simulator: Simulator
) -> None:
    environ = simulator.environment("") | {"GATEKEEPER_PARALLEL": "1"}
    start = program.run("start", *suites(PASSING, FAILING), "--quiet", **environ)
    assert start.stdout.splitlines() == [
        "note: start waits for no run, so more than 1 can be in progress",
        f"next: gatekeeper gate --attach {RUNS}",
        "2 of 2 runs started (exit code 0)",
    ]


@pytest.mark.parametrize(
    "environ",
    [
        {"GITHUB_OUTPUT": "output"},
        {"TF_BUILD": "True"},
        {"TEAMCITY_VERSION": "2025"},
        {"BITBUCKET_BUILD_NUMBER": "7", "BITBUCKET_PIPELINES_VARIABLES_PATH": "output"},
    ],
    ids=lambda environ: next(iter(environ)),
)
def test_platforms_with_outputs_get_the_ids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    monkeypatch.chdir(tmp_path)
    stream = io.StringIO()
    detect(environ).publish_outputs({OUTPUT: "ctr-1-a,ctr-2-b"}, Console(stream))
    written = [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()]
    assert re.search(
        r"test.run.ids.+ctr-1-a,ctr-2-b",
        "".join([stream.getvalue(), *written]),
        re.DOTALL | re.IGNORECASE,
    )


def example(name: str) -> str:
    return (ROOT / "examples" / name).read_text(encoding="utf-8")


def test_the_example_for_github_starts_in_one_job_and_judges_in_the_next(
    program: Program, simulator: Simulator
) -> None:
    jobs = yaml.safe_load(example("github-start.yml"))["jobs"]
    start, keep = jobs["start"]["steps"]
    get, judge, _ = jobs["conversations"]["steps"]
    # The later job can be re-run without the first one.
    first, second = ({"run_attempt": attempt} for attempt in "12")
    needs = {"start": {"outputs": evaluated(jobs["start"]["outputs"], {"github": first})}}
    kept = evaluated(keep["with"], {"github": first})
    fetched = evaluated(get["with"], {"github": second, "needs": needs})
    contexts = {
        "vars": {
            "KORE_STREAM_ID": simulator.stream_id,
            "KORE_CLIENT_ID": simulator.client_id,
            "KORE_USER_EMAIL": simulator.user_email,
        },
        "secrets": {"KORE_CLIENT_SECRET": simulator.client_secret},
    }
    for name in start["env"]["GATEKEEPER_TEST_SUITE"].splitlines():
        simulator.add_scenario(name, PASSING)
    environ = PIPELINE | evaluated(start["env"], contexts) | {"GATEKEEPER_HOST": simulator.host}
    assert program.run(*start["with"]["args"].split(), **environ).returncode == 0
    assert fetched["name"] == kept["name"] == "gatekeeper-runs-1"
    (program.folder / kept["path"]).rename(program.folder / fetched["path"])
    inputs = evaluated(judge["with"], contexts) | {"host": simulator.host}
    environ = PIPELINE | {f"INPUT_{name.upper()}": value for name, value in inputs.items()}
    later = program.run("gate", **environ)
    assert later.returncode == 0, later.stdout + later.stderr
    assert "PASSED: 2 of 2 suites passed" in later.stdout
    # A job that is skipped would pass as a required check.
    assert jobs["conversations"]["if"] == keep["if"] == "always()"


def test_the_examples_for_gitlab_and_jenkins_hand_the_file_over() -> None:
    pipeline = yaml.safe_load(example("gitlab-start.yml"))
    [include] = pipeline["include"]
    [needed] = pipeline["conversation-tests"]["needs"]
    artifacts = pipeline[needed]["artifacts"]
    assert artifacts == {"when": "always", "paths": [include["inputs"]["attach"]]}
    assert include["inputs"]["host"] == pipeline[needed]["variables"]["GATEKEEPER_HOST"]
    jenkinsfile = example("Jenkinsfile.start")
    [stashed] = re.findall(r"stash name: runs, includes: '(.+)'", jenkinsfile)
    assert f"gatekeeper gate --attach {stashed}'" in jenkinsfile
    assert stashed == include["inputs"]["attach"] == RUNS


def test_the_file_that_is_documented_is_valid() -> None:
    page = (ROOT / "docs/reference/runs-json.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    starts = read_starts(shown.encode())
    assert json.loads(runs_json(starts)) == json.loads(shown)
