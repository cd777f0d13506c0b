"""CircleCI: the example's job, and the facts that its container is given."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from gatekeeper.platforms import detect
from gatekeeper.simulator import Simulator
from support.ci_scripts import EXAMPLES, commands, run_script, with_suite
from support.program import Program

CIRCLECI = {
    "CIRCLECI": "true",
    "CIRCLE_SHA1": "1" * 40,
    "CIRCLE_BUILD_URL": "https://circleci.com/gh/team/app/41",
    "CIRCLE_PIPELINE_ID": "5034460f-c7c4-4c43-9457-de07e2029e7b",
}
EXAMPLE: dict[str, Any] = yaml.safe_load((EXAMPLES / "circleci.yml").read_text(encoding="utf-8"))
JOB = EXAMPLE["jobs"]["conversation-tests"]
[RUN] = [step["run"] for step in JOB["steps"] if isinstance(step, dict) and "run" in step]


def test_the_example_stores_test_results_and_reports(simulator: Simulator, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    # The job's own variables, and those of its context.
    variables = JOB["environment"] | with_suite(simulator, "banking-card-block")
    environ = {"PATH": commands(tmp_path / "bin"), **CIRCLECI, **variables}
    code, log = run_script(("bash", "-eo", "pipefail", "-c", RUN["command"]), project, environ)
    assert code == 1, log
    stored = {name: step[name]["path"] for step in JOB["steps"][2:] for name in step}
    assert stored.keys() == {"store_test_results", "store_artifacts"}
    assert (project / stored["store_test_results"]).is_file()
    reports = project / stored["store_artifacts"]
    result = json.loads((reports / "result.json").read_text(encoding="utf-8"))
    assert (result["commit"], result["pipeline_url"]) == ("1" * 40, CIRCLECI["CIRCLE_BUILD_URL"])
    assert result["pipeline_id"] == f"circleci/{CIRCLECI['CIRCLE_PIPELINE_ID']}"


@pytest.mark.proves(
    "a pull request from a fork, whose job CircleCI gives no variables", "exit 2 with the reason"
)
def test_a_job_of_a_fork_is_told_why_it_has_no_secrets(
    program: Program, simulator: Simulator
) -> None:
    settings = simulator.environment() | CIRCLECI | {"GATEKEEPER_CLIENT_SECRET": ""}
    done = program.run(**settings, CIRCLE_PR_NUMBER="5")
    assert done.returncode == 2
    assert "client-secret is missing" in done.stderr
    assert "This pull request is from a fork" in done.stderr


def test_a_job_of_the_repository_itself_has_its_secrets() -> None:
    assert detect(CIRCLECI).why_no_secrets == ""
