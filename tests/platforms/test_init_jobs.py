"""The jobs that `init` writes, run as the agents of their platforms do; one of the suites fails.

Those of GitHub, GitLab and Jenkins are run in containers (`make container-test`).
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from gatekeeper.simulator import Simulator
from support.azure_agent import Job
from support.ci_scripts import commands, run_script
from support.set_up import SUITES, set_up

SECRET = "GATEKEEPER_CLIENT_SECRET"


@pytest.fixture
def app(simulator: Simulator) -> Simulator:
    """Serve both suites, of which the first fails."""
    for suite, scenario in zip(SUITES, ("banking-card-block", "hotel-arabic"), strict=True):
        simulator.add_scenario(suite, scenario)
    return simulator


def run(folder: Path, script: str, environ: dict[str, str]) -> str:
    """Run a job's script in its checkout; return the log, in which one of two suites has failed."""
    path = commands(folder / "bin")
    shell = ("bash", "-eo", "pipefail", "-c", script)
    code, log = run_script(shell, folder / "checkout", {"PATH": path, **environ})
    assert code == 1, log
    assert "1 of 2 suites failed, 1 passed" in log
    # The job itself names the host, so nothing in the checkout decides where tokens are sent.
    assert "note: host comes from" not in log
    return log


def checkout(folder: Path, platform: str, app: Simulator) -> tuple[Path, str]:
    """Set a checkout up; return its job file, and what `init` printed."""
    (folder / "checkout").mkdir()
    return set_up(folder / "checkout", platform, app.host)


def test_azure_publishes_the_results_of_the_job(app: Simulator, tmp_path: Path) -> None:
    made = Job(tmp_path, {"KORE_CLIENT_SECRET": app.client_secret}, commands(tmp_path / "bin"))
    path, _ = set_up(made.workspace, "azure", app.host)
    pipeline = yaml.safe_load(path.read_text(encoding="utf-8"))
    made.variables |= pipeline["variables"]
    made.run(pipeline["steps"])
    assert made.codes == {"gate": 1}, made.log.text
    assert "1 of 2 suites failed, 1 passed" in made.log.text
    assert [path.name for path in made.tests] == ["junit.xml"]
    assert [*made.published] == ["gatekeeper-report-1"]


def test_bitbucket_finds_the_results_of_the_job(app: Simulator, tmp_path: Path) -> None:
    path, _ = checkout(tmp_path, "bitbucket", app)
    [step] = yaml.safe_load(path.read_text(encoding="utf-8"))["pipelines"]["default"]
    run(tmp_path, "\n".join(step["step"]["script"]), {SECRET: app.client_secret})
    [upload] = step["step"]["artifacts"]["upload"]
    assert upload["capture-on"] == "always"
    [pattern] = upload["paths"]
    assert "junit.xml" in {found.name for found in (tmp_path / "checkout").glob(f"{pattern}/*")}


def test_circleci_stores_the_results_of_the_job(app: Simulator, tmp_path: Path) -> None:
    path, _ = checkout(tmp_path, "circleci", app)
    job: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    _, gate, *stores = job["conversation-tests"]["steps"]
    environ = job["conversation-tests"]["environment"] | {SECRET: app.client_secret}
    run(tmp_path, gate["run"]["command"], environ)
    for store in stores:
        [place] = store.values()
        assert (tmp_path / "checkout" / place["path"]).exists()


def test_teamcity_publishes_the_reports_of_the_job(app: Simulator, tmp_path: Path) -> None:
    path, _ = checkout(tmp_path, "teamcity", app)
    job = path.read_text(encoding="utf-8")
    [script] = re.findall(r'scriptContent = "(.+)"', job)
    parameters = dict(re.findall(r'(?:param|password)\("env\.(\w+)", "(.+)"\)', job))
    assert parameters[SECRET].startswith("credentialsJSON:")
    run(tmp_path, script, parameters | {SECRET: app.client_secret})
    [reports] = re.findall(r'artifactRules = "(.+) => ', job)
    assert (tmp_path / "checkout" / reports / "junit.xml").is_file()


def test_elsewhere_the_command_that_it_prints_runs_the_gate(app: Simulator, tmp_path: Path) -> None:
    _, printed = checkout(tmp_path, "none", app)
    [command] = re.findall(r"have the job run: (.+)", printed)
    run(tmp_path, command, {SECRET: app.client_secret})
    assert (tmp_path / "checkout/gatekeeper-report/junit.xml").is_file()
