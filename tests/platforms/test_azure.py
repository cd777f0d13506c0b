"""Azure Pipelines: the examples' steps, and that no text is a logging command of its own."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.console import Console
from gatekeeper.core.model import Gate, Run, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.annotations import Annotation
from gatekeeper.core.text import inert, printable
from gatekeeper.errors import ReportNotWritten
from gatekeeper.platforms import detect
from gatekeeper.platforms.azure import Azure, issue_command
from gatekeeper.platforms.outputs import OUTPUTS, outputs_of
from gatekeeper.simulator import Simulator
from support.azure_agent import Log, Pipeline, command_in, load, steps_of
from support.ci_scripts import EXAMPLES, commands, with_suite
from support.log_commands import commands_in
from support.program import Program

AZURE = {
    "TF_BUILD": "True",
    "BUILD_BUILDID": "7",
    "BUILD_SOURCEVERSION": "1" * 40,
    "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI": "https://dev.azure.com/team/",
    "SYSTEM_TEAMPROJECT": "Travel app",
}
PARTS = (
    *("##vso[", "##vso[task.complete result=Succeeded;]", "##[error]", "]", ";", "=", "%", "%0A"),
    *("%AZP25", "%3B", "$(SECRET)", "\n", "\r", "\u2028", "\u200b", "#", "[", "x", " ", "é"),
)
hostile = st.lists(st.sampled_from(PARTS) | st.characters()).map("".join)


def pipeline(
    folder: Path, simulator: Simulator, example: str, scenario: str, cancel_at: str = ""
) -> Pipeline:
    """Return a run of an example, with the settings that reach the simulator, and its secret."""
    settings = with_suite(simulator, scenario)
    settings["KORE_CLIENT_SECRET"] = settings.pop("GATEKEEPER_CLIENT_SECRET")
    return Pipeline(folder, example, settings, commands(folder / "bin"), cancel_at)


def read(*lines: str) -> Log:
    log = Log()
    for line in lines:
        log.read(line)
    return log


@pytest.mark.parametrize(
    ("example", "scenario", "code"),
    [
        ("azure-pipelines.yml", "banking-transfer", 0),
        ("azure-extends.yml", "banking-card-block", 1),
    ],
)
def test_an_example_publishes_all_there_is_to_publish(
    simulator: Simulator, tmp_path: Path, example: str, scenario: str, code: int
) -> None:
    made = pipeline(tmp_path, simulator, example, scenario).run()
    log = made.log
    assert (made.codes, log.problems) == ({"gate": code}, [])
    assert made.failed is bool(code)
    assert [path.name for path in made.tests] == ["junit.xml"]
    [(name, reports)] = made.published.items()
    assert name == "gatekeeper-report-1"
    assert log.variables.keys() == {name.replace("-", "_") for name in OUTPUTS}
    assert log.variables["exit_code"] == str(code)
    [summary] = log.summaries
    assert "gatekeeper: " in summary
    assert [issue.properties["type"] for issue in log.issues] == ["error"] * code * 2
    assert log.lines[0] == "##[group]Waiting for the run to end"
    assert "##[endgroup]" in log.lines
    result = json.loads((reports / "result.json").read_text(encoding="utf-8"))
    link = "https://dev.azure.com/team/Travel%20app/_build/results?buildId=7"
    assert (result["commit"], result["pipeline_url"]) == ("1" * 40, link)
    assert result["pipeline_id"] == "azure/Travel app/7"
    # The agent masks the secret from here on.
    assert log.masks == [simulator.client_secret]


@pytest.mark.proves(
    "a run on Azure Pipelines is canceled",
    "the container ends, and the reports contain what was known",
)
def test_a_canceled_run_keeps_what_is_known(simulator: Simulator, tmp_path: Path) -> None:
    """Azure signals only the shell: without `exec`, the gate would never know."""
    made = pipeline(
        tmp_path, simulator, "azure-pipelines.yml", "never-ends", cancel_at="started run"
    ).run()
    assert made.codes == {"gate": 143}
    assert [path.name for path in made.tests] == ["junit.xml"]
    assert made.log.variables["exit_code"] == "143"
    assert "attach to it with test-run-id" in made.tests[0].read_text(encoding="utf-8")


def test_the_shards_of_a_plan_are_run_and_merged(simulator: Simulator, tmp_path: Path) -> None:
    """Only the last job fails, so that a re-run of failed jobs merges the same reports again."""
    run = pipeline(tmp_path, simulator, "azure-sharded.yml", "banking-card-block")
    suites = load("azure-sharded.yml")["variables"]["GATEKEEPER_TEST_SUITE"]
    for suite in suites.split("\n")[1:]:
        simulator.add_scenario(suite, "hotel-arabic")
    del run.variables["GATEKEEPER_TEST_SUITE"]
    verdict = run.run()
    shards = [f"conversation_tests shard_{number}" for number in (1, 2, 3)]
    assert [*run.jobs] == ["plan", *shards, "verdict"]
    assert [run.jobs[name].codes for name in shards].count({"": 1}) == 1
    assert [name for name, made in run.jobs.items() if made.failed] == ["verdict"]
    assert verdict.codes == {"gate": 1}
    assert verdict.log.variables["headline"].startswith("FAILED: 1 of 4 suites failed, 3 passed")
    assert [*verdict.published] == ["gatekeeper-report-1"]
    assert len(verdict.tests) == len(verdict.log.summaries) == 1


def test_the_template_has_the_steps_of_the_pipeline() -> None:
    pipelines = [load(name) for name in ("azure-pipelines.yml", "azure-extends.yml")]
    plain, extending = map(steps_of, pipelines)
    suite = extending[0]["env"].pop("GATEKEEPER_TEST_SUITE")
    assert suite == pipelines[0]["variables"]["GATEKEEPER_TEST_SUITE"]
    assert plain == extending


class Recorded(dict[str, str]):
    """An environment that knows which variables were asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)


def test_the_container_is_given_every_variable_that_is_read() -> None:
    environ = Recorded()
    platform = Azure(environ)
    assert platform.detects(environ) is platform.takes_summary is bool(platform.job.url) is False
    assert platform.why_no_secrets
    text = (EXAMPLES / "azure-pipelines.yml").read_text(encoding="utf-8")
    assert environ.names >= AZURE.keys()
    for name in environ.names:
        assert f" {name} " in text.replace(")", " ").replace("\n", " ")


@pytest.mark.proves(
    "a pull request from a fork, whose build Azure gives no secrets",
    "exit 2 with the reason; the reference `$(NAME)` is never used as a secret",
)
def test_a_secret_that_azure_left_unset_is_missing(program: Program, simulator: Simulator) -> None:
    settings = simulator.environment() | {"GATEKEEPER_CLIENT_SECRET": "$(KORE_CLIENT_SECRET)"}
    for fork, why in (("True", "is from a fork"), ("False", "map it in the step's env")):
        done = program.run(**settings, **AZURE, SYSTEM_PULLREQUEST_ISFORK=fork)
        assert done.returncode == 2
        assert "client-secret is missing" in done.stderr
        assert why in done.stderr
    assert "##vso[task.logissue type=error]" in done.stderr


def test_only_references_to_variables_are_taken_as_unset() -> None:
    names = ("GATEKEEPER_JWT", "GATEKEEPER_CLIENT_SECRET")
    environ = AZURE | {
        "GATEKEEPER_JWT": " $(Kore.Token) ",
        "GATEKEEPER_CLIENT_SECRET": "a$(b)",
        "GATEKEEPER_TAG": "$(TAG)",
    }
    left = detect(environ).environ_for(names)
    assert left == {name: text for name, text in environ.items() if name != "GATEKEEPER_JWT"}
    assert detect({"GATEKEEPER_JWT": "$(x)"}).environ_for(names) == {"GATEKEEPER_JWT": "$(x)"}


def test_the_commit_of_a_pull_request_is_its_head() -> None:
    environ = AZURE | {"SYSTEM_PULLREQUEST_SOURCECOMMITID": "2" * 40}
    assert detect(environ).job.commit == "2" * 40


@pytest.mark.parametrize("missing", [*AZURE][1:])
def test_a_link_has_all_of_its_parts_or_is_left_out(missing: str) -> None:
    known = detect({name: text for name, text in AZURE.items() if name != missing}).job
    assert (known.url is None) is (missing != "BUILD_SOURCEVERSION")
    assert (known.id is None) is (missing in ("BUILD_BUILDID", "SYSTEM_TEAMPROJECT"))


def test_a_summary_is_uploaded_only_if_the_agent_can_find_it(tmp_path: Path) -> None:
    assert not detect(AZURE).takes_summary
    assert not detect(AZURE | {"AGENT_TEMPDIRECTORY": "."}).takes_summary
    assert not detect(AZURE | {"AGENT_TEMPDIRECTORY": str(tmp_path / "none")}).takes_summary
    platform = detect(AZURE | {"AGENT_TEMPDIRECTORY": str(tmp_path)})
    assert platform.takes_summary
    stream = io.StringIO()
    for text in ("one", "two"):
        platform.publish_summary(text, Console(stream))
    assert read(*stream.getvalue().splitlines()).summaries == ["one", "two"]


def test_a_summary_that_cannot_be_written_is_not_uploaded() -> None:
    stream = io.StringIO()
    platform = detect(AZURE | {"AGENT_TEMPDIRECTORY": "/proc"})
    with pytest.raises(ReportNotWritten, match="could not be written") as raised:
        platform.publish_summary("text", Console(stream))
    assert "agent's user" in raised.value.next_step
    assert stream.getvalue() == ""


def test_each_line_of_a_secret_is_masked_as_it_is() -> None:
    stream = io.StringIO()
    detect(AZURE).mask(["first 100%;]\nsecond%0A", "second%0A"], Console(stream))
    assert read(*stream.getvalue().splitlines()).masks == ["first 100%;]", "second%0A"]


@given(hostile, hostile, st.none() | hostile.filter(printable), st.booleans())
def test_no_text_of_an_issue_is_another_command_or_property(
    title: str, message: str, file: str | None, is_warning: bool
) -> None:
    line = issue_command(Annotation(title, message, is_warning, file, 7 if file else None))
    assert len(line.splitlines()) == 1
    command = command_in(line)
    assert command is not None
    expected = {"type": "warning" if is_warning else "error"}
    if file:
        expected |= {"sourcepath": printable(file), "linenumber": "7"}
    assert (command.name, command.properties) == ("task.logissue", expected)
    assert commands_in(command.data) == []
    shown = inert("; ".join(filter(None, printable(f"{title}: {message}").splitlines())))
    assert command.data == shown


def test_an_issue_is_no_longer_than_its_limit() -> None:
    command = command_in(issue_command(Annotation("x", "y" * 1_000_000)))
    assert command is not None
    assert len(command.data) < 4100


@given(hostile)
def test_no_output_is_another_command_or_refers_to_a_variable(text: str) -> None:
    run = Run("Booking", text, Verdict(Outcome.PASSED))
    outputs = outputs_of(
        Gate((run,), datetime(2026, 5, 4, tzinfo=UTC), 1.0), Path("r/junit.xml"), Path("r")
    )
    stream = io.StringIO()
    detect(AZURE).publish_outputs(outputs, Console(stream))
    lines = stream.getvalue().splitlines()
    assert len(lines) == len(OUTPUTS)
    log = read(*lines)
    assert log.variables.keys() == {name.replace("-", "_") for name in OUTPUTS}
    assert log.problems == []
    assert "$(" not in log.variables["test_run_id"]
    known = printable(text).replace("$(", "$ (")
    assert log.variables["test_run_id"].replace(" ", "") == known.replace(" ", "")


def test_a_plan_is_an_output_that_is_the_matrix_of_a_job(program: Program) -> None:
    suites = '100 % "sure"\nC; ]\n##vso[task.complete]\nfold:start: é'
    environ = AZURE | {"GATEKEEPER_TEST_SUITE": suites}
    done = program.run("plan", "--shards", "2", "--format", "azure", **environ)
    assert (done.returncode, done.stdout.count("\n")) == (0, 1)
    matrix = json.loads(done.stdout)
    log = read(*done.stdout.splitlines(), *done.stderr.splitlines())
    assert json.loads(log.variables["matrix"]) == matrix
    assert "%" not in done.stdout
    assert [*matrix] == ["shard_1", "shard_2"]
    assert [one["GATEKEEPER_SHARD"] for one in matrix.values()] == ["1/2", "2/2"]
    assert [one["SHARD"] for one in matrix.values()] == ["1", "2"]
    planned = "\n".join(one["GATEKEEPER_TEST_SUITE"] for one in matrix.values())
    assert sorted(planned.split("\n")) == sorted(suites.split("\n"))


def test_a_suite_that_azure_would_change_is_not_planned(program: Program) -> None:
    plan = ("plan", "--shards", "1", "--format", "azure", "--test-suite")
    done = program.run(*plan, "a (b)")
    assert (done.returncode, done.stderr) == (0, "")
    done = program.run(*plan, "a $(b)")
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        "'a $(b)': Azure Pipelines may replace $(…) in it with the value of a variable"
        in done.stderr
    )
