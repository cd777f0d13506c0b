"""The examples of Azure Pipelines, Bitbucket, CircleCI and TeamCity, run in the built image."""

import os
import re
import shlex
from pathlib import Path

import pytest
import yaml

from support.azure_agent import Job, Pipeline
from support.ci_scripts import EXAMPLES, run_script
from support.containers import DOCKER, IMAGE, PUBLISHED, Platform, docker, reports, tagged
from support.service_messages import messages_in

pytestmark = pytest.mark.container

CIRCLECI = yaml.safe_load((EXAMPLES / "circleci.yml").read_text(encoding="utf-8"))
BITBUCKET = yaml.safe_load((EXAMPLES / "bitbucket-pipelines.yml").read_text(encoding="utf-8"))
TEAMCITY = (EXAMPLES / "teamcity-settings.kts").read_text(encoding="utf-8")


def path(folder: Path, served: Platform) -> str:
    """Return a PATH with a `docker` whose containers reach the platform, and trust it."""
    tagged(PUBLISHED)
    folder.mkdir()
    mount = shlex.quote(f"{served.ca}:/ca.pem:ro")
    options = f"--network {served.network} --volume {mount} --env GATEKEEPER_CA_BUNDLE=/ca.pem"
    host = shlex.quote(os.environ.get("DOCKER_HOST", ""))
    script = f'#!/bin/sh\nshift\nDOCKER_HOST={host} exec {DOCKER} run {options} "$@"\n'
    (folder / "docker").write_text(script, encoding="utf-8")
    (folder / "docker").chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def on_azure(folder: Path, served: Platform, cancel_at: str = "") -> Job:
    """Run the example of Azure Pipelines."""
    variables = dict(served.credentials)
    variables["KORE_CLIENT_SECRET"] = variables.pop("GATEKEEPER_CLIENT_SECRET")
    own = path(folder / "bin", served)
    return Pipeline(folder, "azure-pipelines.yml", variables, own, cancel_at).run()


def assert_owned(workspace: Path) -> None:
    """The agent's user can remove what the container left."""
    assert {owner for owner, _ in reports(workspace).values()} == {os.getuid()}


@pytest.mark.parametrize(("which", "code"), [("passing", 0), ("failing", 1)])
def test_azure_gets_the_gates_code_summary_and_outputs(
    request: pytest.FixtureRequest, tmp_path: Path, which: str, code: int
) -> None:
    made = on_azure(tmp_path, request.getfixturevalue(which))
    assert (made.codes, made.log.problems) == ({"gate": code}, []), made.log.text
    assert made.log.variables["exit_code"] == str(code)
    assert len(made.log.summaries) == len(made.tests) == 1
    assert_owned(made.workspace)


def test_a_canceled_run_on_azure_keeps_what_is_known(endless: Platform, tmp_path: Path) -> None:
    made = on_azure(tmp_path, endless, "started run")
    assert made.codes == {"gate": 143}
    assert "attach to it with test-run-id" in made.tests[0].read_text(encoding="utf-8")


def test_circleci_gets_the_gates_code_and_reports(failing: Platform, tmp_path: Path) -> None:
    job = CIRCLECI["jobs"]["conversation-tests"]
    [run] = [step["run"] for step in job["steps"] if isinstance(step, dict) and "run" in step]
    environ = {"PATH": path(tmp_path / "bin", failing), "CIRCLECI": "true"}
    environ |= job["environment"] | failing.credentials
    (tmp_path / "project").mkdir()
    command = ("bash", "-eo", "pipefail", "-c", run["command"])
    code, log = run_script(command, tmp_path / "project", environ)
    assert code == 1, log
    assert_owned(tmp_path / "project")


def in_image(folder: Path, served: Platform, *command: str, **environ: str) -> tuple[int, str]:
    """Run a shell in the image in place of its entrypoint, with the variables of a build."""
    given = {**served.credentials, "GATEKEEPER_CA_BUNDLE": "/ca.pem", **environ}
    done = docker(
        *("run", "--rm", "--network", served.network, "--volume", f"{served.ca}:/ca.pem:ro"),
        *("--volume", f"{folder}:{folder}", "--workdir", str(folder)),
        *(part for name, value in given.items() for part in ("--env", f"{name}={value}")),
        *("--entrypoint", command[0], IMAGE, *command[1:]),
    )
    return done.returncode, done.stdout + done.stderr


def test_bitbucket_finds_the_test_results(failing: Platform, tmp_path: Path) -> None:
    [step] = [step["step"] for step in BITBUCKET["pipelines"]["default"]]
    script = "\n".join(step["script"])
    code, log = in_image(
        tmp_path, failing, "/bin/bash", "-e", "-c", script, BITBUCKET_BUILD_NUMBER="7"
    )
    assert code == 1, log
    assert (tmp_path / "test-results/junit.xml").is_file()


def test_teamcity_imports_the_tests(failing: Platform, tmp_path: Path) -> None:
    [script] = re.findall(r'scriptContent = "(.+)"', TEAMCITY)
    parameters = dict(re.findall(r'param\("env\.(\w+)", "(.+)"\)', TEAMCITY))
    environ = parameters | {"TEAMCITY_VERSION": "2024.12"} | failing.credentials
    code, log = in_image(tmp_path, failing, "/bin/sh", "-c", script, **environ)
    assert code == 1, log
    [imported] = [one.values for one in messages_in(log) if one.name == "importData"]
    assert (tmp_path / imported["path"]).is_file()
