"""The example's pipeline, run by `gitlab-ci-local` with both of its executors."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import junitparser
import pytest
import yaml

from gatekeeper.simulator import Simulator
from support.containers import (
    DOCKER,
    HOST,
    OWN_IMAGE,
    PUBLISHED,
    ROOT,
    Platform,
    docker,
    platform,
    tagged,
)
from support.repositories import repository
from support.set_up import SUITES, set_up

pytestmark = pytest.mark.container

GITLAB = ROOT / "node_modules" / ".bin" / "gitlab-ci-local"
HELPER = "gatekeeper-gitlab-helper"
HELPER_DOCKERFILE = """\
FROM debian:trixie-slim
RUN apt-get -qq update && apt-get -qq install --yes --no-install-recommends bash rsync
"""


@pytest.fixture(scope="module", autouse=True)
def images() -> None:
    """Have the image under the name that the template gives it and another, and GitLab's helper."""
    tagged(PUBLISHED)
    tagged(OWN_IMAGE)
    flags = os.environ.get("BUILD_FLAGS", "").split()
    docker("build", *flags, "--tag", HELPER, "-", stdin=HELPER_DOCKERFILE, check=True)


def project(folder: Path, example: str = ".gitlab-ci.yml", **inputs: str) -> Path:
    """Make a project with an example's pipeline, and the template where GitLab caches it.

    `inputs` are given to the template beside those of the example.
    """
    folder.mkdir()
    text = (ROOT / "examples" / example).read_text(encoding="utf-8")
    [include] = yaml.safe_load(text)["include"]
    if inputs:
        text = yaml.safe_dump({"include": [include | {"inputs": include["inputs"] | inputs}]})
    (folder / ".gitlab-ci.yml").write_text(text, encoding="utf-8")
    (folder / ".gitignore").write_text(".gitlab-ci-local\n", encoding="utf-8")
    server, cached = include_cache(include)
    repository(folder, f"https://{server}/team/app.git")
    shutil.copytree(ROOT / "templates", folder / ".gitlab-ci-local/includes" / cached)
    return folder


def include_cache(include: dict[str, str]) -> tuple[str, str]:
    """Return the server of the project that includes this, and where the template is cached."""
    if "component" in include:
        component, _, ref = include["component"].partition("@")
        server, _, path = component.rpartition("/")[0].partition("/")
        return server, f"{server.partition(':')[0]}/{path}/{ref}/templates"
    if "project" in include:
        return "gitlab.com", f"gitlab.com/{include['project']}/{include['ref']}/templates"
    return "gitlab.com", include["remote"].removeprefix("https://").rpartition("/")[0]


def pipeline(
    folder: Path, variables: dict[str, Any], *options: str, path: str = os.environ["PATH"]
) -> subprocess.CompletedProcess[str]:
    """Run a project's pipeline with these variables of the project."""
    settings = yaml.safe_dump(variables)
    (folder / ".gitlab-ci-local-variables.yml").write_text(settings, encoding="utf-8")
    kept = {name: os.environ[name] for name in ("DOCKER_HOST",) if name in os.environ}
    return subprocess.run(
        [GITLAB, "--no-color", *options],
        cwd=folder,
        env={**kept, "PATH": path, "HOME": str(folder.parent)},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def in_docker(
    folder: Path, served: Platform, example: str = ".gitlab-ci.yml", **inputs: str
) -> subprocess.CompletedProcess[str]:
    """Run an example with the docker executor."""
    certificates = {"type": "file", "values": {"*": served.ca.read_text(encoding="ascii")}}
    return pipeline(
        project(folder, example, **inputs),
        {**served.credentials, "GATEKEEPER_CA_BUNDLE": certificates},
        *("--container-executable", DOCKER, "--pull-policy", "if-not-present"),
        *("--helper-image", HELPER, "--network", served.network),
    )


def installed(folder: Path) -> Path:
    """Make the command that a machine has where gatekeeper is installed."""
    command = folder / "gatekeeper"
    folder.mkdir()
    entrypoint = ROOT / "entrypoint.py"
    script = f'#!/bin/sh\nexec "{sys.executable}" "{entrypoint}" "$@"\n'
    command.write_text(script, encoding="utf-8")
    command.chmod(0o755)
    return command


def in_shell(folder: Path, suite: str, example: str) -> subprocess.CompletedProcess[str]:
    """Run an example with the shell executor, on a machine that has the command."""
    command = installed(folder.parent / "bin")
    with Simulator(speed=20) as simulator:
        return pipeline(
            project(folder, example),
            simulator.environment(suite),
            "--force-shell-executor",
            path=f"{command.parent}:{os.environ['PATH']}",
        )


def assert_reported(
    folder: Path, done: subprocess.CompletedProcess[str], failures: int, errors: int = 0
) -> None:
    """Hold a pipeline to what any is held to: its report is kept, the waiting is folded away."""
    artifacts = folder / ".gitlab-ci-local" / "artifacts" / "conversation-tests"
    xml = junitparser.JUnitXml.fromfile(str(artifacts / "gatekeeper-report" / "junit.xml"))
    assert (xml.failures, xml.errors) == (failures, errors), done.stdout
    for mark in ("start", "end"):
        assert len(re.findall(rf"\x1b\[0Ksection_{mark}:\d+:gatekeeper_waiting", done.stdout)) == 1


def test_docker_and_a_run_that_passed_is_green(passing: Platform, tmp_path: Path) -> None:
    """With an image of one's own, and the template of a project on the same server."""
    done = in_docker(tmp_path / "project", passing, "gitlab-project.yml", image=OWN_IMAGE)
    assert done.returncode == 0, done.stdout
    assert OWN_IMAGE in done.stdout
    assert " PASS " in done.stdout
    assert_reported(tmp_path / "project", done, failures=0)


@pytest.mark.parametrize("inputs", [{}, {"no-verdict": "warn"}])
def test_docker_and_a_run_that_failed_is_red_whatever_no_verdict_does(
    failing: Platform, tmp_path: Path, inputs: dict[str, str]
) -> None:
    done = in_docker(tmp_path / "project", failing, **inputs)
    # The job's own end; `gitlab-ci-local` ends with 0 itself where a job allows any exit code.
    assert " FAIL " in done.stdout
    assert done.returncode == (0 if inputs else 1)
    assert "AskLastPayment" in done.stdout
    assert_reported(tmp_path / "project", done, failures=2)


@pytest.mark.parametrize(
    ("no_verdict", "code", "shown"), [("fail", 1, "FAIL"), ("warn", 0, "WARN")]
)
def test_an_end_without_a_verdict_does_what_the_team_chose(
    endless: Platform, tmp_path: Path, no_verdict: str, code: int, shown: str
) -> None:
    inputs = {"no-verdict": no_verdict, "timeout": "3s"}
    done = in_docker(tmp_path / "project", endless, **inputs)
    assert done.returncode == code, done.stdout
    assert f" {shown} " in done.stdout
    assert_reported(tmp_path / "project", done, failures=0, errors=1)


@pytest.mark.parametrize(
    ("suite", "code", "failures", "example"),
    [
        ("banking-transfer", 0, 0, ".gitlab-ci.yml"),
        ("banking-card-block", 1, 2, "gitlab-remote.yml"),
    ],
)
def test_shell_and_the_pipeline_tells_green_from_red(
    tmp_path: Path, suite: str, code: int, failures: int, example: str
) -> None:
    done = in_shell(tmp_path / "project", suite, example)
    assert done.returncode == code, done.stdout
    assert_reported(tmp_path / "project", done, failures)


def test_shell_and_the_shards_of_a_plan_are_run_and_joined(tmp_path: Path) -> None:
    """One of the suites has a name that a shell or GitLab could make something else of."""
    folder = tmp_path / "project"
    command = installed(tmp_path / "bin")
    hostile = 'a$b "x" $HOME: #'
    suites = f"{hostile}\nhotel-arabic\nairline-arrival-de"
    plan = subprocess.run(
        [command, "plan", "--shards", "2", "--format", "gitlab", "--test-suite", suites],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    folder.mkdir()
    (folder / ".gitlab-ci.yml").write_text(plan.stdout, encoding="utf-8")
    (folder / ".gitignore").write_text(".gitlab-ci-local\n", encoding="utf-8")
    repository(folder, "https://gitlab.com/team/app.git")
    with Simulator(speed=20) as simulator:
        simulator.add_scenario(hostile, "banking-card-block")
        environ = simulator.environment("")
        del environ["GATEKEEPER_TEST_SUITE"]
        path = f"{command.parent}:{os.environ['PATH']}"
        done = pipeline(folder, environ, "--force-shell-executor", path=path)
    assert done.returncode == 1, done.stdout
    artifacts = folder / ".gitlab-ci-local/artifacts/merge/gatekeeper-report"
    xml = junitparser.JUnitXml.fromfile(str(artifacts / "junit.xml"))
    suites_in_order = (hostile, "airline-arrival-de", "hotel-arabic")
    assert [suite.name for suite in xml] == [f"{name} (en)" for name in suites_in_order]
    assert (xml.failures, xml.errors) == (2, 0)


def test_docker_and_the_sharded_example_is_planned_run_and_joined(tmp_path: Path) -> None:
    folder, serving = tmp_path / "project", tmp_path / "serving"
    for path in (folder, serving):
        path.mkdir()
    text = (ROOT / "examples" / "gitlab-sharded.yml").read_text(encoding="utf-8")
    (folder / ".gitlab-ci.yml").write_text(text, encoding="utf-8")
    (folder / ".gitignore").write_text(".gitlab-ci-local\n", encoding="utf-8")
    repository(folder, "https://gitlab.com/team/app.git")
    suites = yaml.safe_load(text)["plan"]["variables"]["GATEKEEPER_TEST_SUITE"].split("\n")
    with platform(serving, "banking-card-block", suites=suites) as served:
        certificates = {"type": "file", "values": {"*": served.ca.read_text(encoding="ascii")}}
        variables = served.credentials | {"GATEKEEPER_HOST": HOST}
        done = pipeline(
            folder,
            {**variables, "GATEKEEPER_CA_BUNDLE": certificates},
            *("--container-executable", DOCKER, "--pull-policy", "if-not-present"),
            *("--helper-image", HELPER, "--network", served.network),
        )
    # The jobs' own ends; with `gitlab-ci-local`, a trigger passes whatever comes of its child.
    assert re.search(r" FAIL  merge\b", done.stdout), done.stdout + done.stderr
    assert re.search(
        r"FAILED: 1 of 4 suites failed, 3 passed \(27 of 29 steps\), .* \(exit code 1\)",
        done.stdout,
    )


@pytest.mark.parametrize(
    ("scenario", "code", "has_pipeline"),
    [("banking-transfer", 0, False), ("banking-card-block", 1, True)],
)
def test_docker_and_the_job_that_init_writes_is_red_if_one_of_its_suites_is(
    tmp_path: Path, scenario: str, code: int, *, has_pipeline: bool
) -> None:
    folder, serving = tmp_path / "project", tmp_path / "serving"
    for path in (folder, serving):
        path.mkdir()
    own = folder / ".gitlab-ci.yml"
    if has_pipeline:
        own.write_text("include:\n  - local: .gitlab/conversation-tests.yml\n", encoding="utf-8")
    set_up(folder, "gitlab", HOST)
    (folder / ".gitignore").write_text(".gitlab-ci-local\n", encoding="utf-8")
    repository(folder, "https://gitlab.com/team/app.git")
    with platform(serving, scenario, suites=SUITES) as served:
        certificates = {"type": "file", "values": {"*": served.ca.read_text(encoding="ascii")}}
        secret = served.credentials["GATEKEEPER_CLIENT_SECRET"]
        done = pipeline(
            folder,
            {"GATEKEEPER_CLIENT_SECRET": secret, "GATEKEEPER_CA_BUNDLE": certificates},
            *("--container-executable", DOCKER, "--pull-policy", "if-not-present"),
            *("--helper-image", HELPER, "--network", served.network),
        )
    assert done.returncode == code, done.stdout + done.stderr
    assert "2 suites" in done.stdout
    assert_reported(folder, done, failures=2 * code)


@pytest.mark.parametrize("inputs", [{"no-verdict": "ignore"}, {"strict-text": "perhaps"}])
def test_an_input_of_another_type_is_refused(tmp_path: Path, inputs: dict[str, str]) -> None:
    done = pipeline(project(tmp_path / "project", **inputs), {}, "--list")
    assert done.returncode == 1
    assert next(iter(inputs)) in done.stdout + done.stderr
