"""The example's pipeline, by the calls that Jenkins's docker plugin makes of it."""

import json
import re
import shlex
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.containers import (
    HOST,
    OWN_IMAGE,
    ROOT,
    Platform,
    docker,
    owned,
    platform,
    reports,
    tagged,
    wait_until,
)
from support.set_up import SUITES, set_up

pytestmark = pytest.mark.container

JENKINSFILE = (ROOT / "examples" / "Jenkinsfile").read_text(encoding="utf-8")
[IMAGE] = re.findall(r"docker \{ image '(.+?)' \}", JENKINSFILE)
[SCRIPT] = re.findall(r"^ +sh '(.+?)'$", JENKINSFILE, re.MULTILINE)
ENVIRONMENT = dict(re.findall(r"^ +(GATEKEEPER_\w+) = '(.+?)'$", JENKINSFILE, re.MULTILINE))
JENKINS = 4242  # the agent's user, of whom the image knows nothing


@contextmanager
def agent(
    folder: Path,
    served: Platform,
    environment: Mapping[str, str] = ENVIRONMENT,
    image: str = IMAGE,
) -> Iterator[tuple[str, Path]]:
    """Start the container of a build as the plugin does; yield its name and the workspace."""
    tagged(image)
    places = [owned(folder / name, JENKINS) for name in ("workspace", "workspace@tmp")]
    (folder / "ca.pem").write_bytes(served.ca.read_bytes())
    volumes = [part for place in places for part in ("-v", f"{place}:{place}:rw,z")]
    # The example's own values are a user's to fill in.
    given = {**environment} | served.credentials | {"GATEKEEPER_CA_BUNDLE": "/ca.pem"}
    del given["GATEKEEPER_CLIENT_SECRET"]
    environ = [part for name, value in given.items() for part in ("-e", f"{name}={value}")]
    container = docker(
        *("run", "-t", "-d", "-u", f"{JENKINS}:{JENKINS}"),
        *("--network", served.network, "-v", f"{folder / 'ca.pem'}:/ca.pem:ro"),
        *("-w", str(places[0]), *volumes, *environ, image, "cat"),
        check=True,
    ).stdout.strip()
    try:
        # The plugin takes any other process as an entrypoint that did not do as it was told.
        wait_until(lambda: "cat" in docker("top", container, "-eo", "pid,comm").stdout.split())
        yield container, places[0]
        docker("stop", "--time=1", container, check=True)
    finally:
        docker("rm", "-f", "--volumes", container)


def sh(served: Platform, cookie: str = "durable-1") -> list[str]:
    """Return the call by which a script is run in a container, before the container's name."""
    secret = served.credentials["GATEKEEPER_CLIENT_SECRET"]
    given = {"JENKINS_SERVER_COOKIE": cookie, "GATEKEEPER_CLIENT_SECRET": secret}
    return [
        "exec",
        *(part for name, value in given.items() for part in ("--env", f"{name}={value}")),
    ]


SHELL = ("sh", "-xec", SCRIPT)


@pytest.mark.parametrize(
    ("which", "code", "image"), [("passing", 0, IMAGE), ("failing", 1, OWN_IMAGE)]
)
def test_a_build_ends_with_the_gates_code_and_has_its_reports(
    request: pytest.FixtureRequest, tmp_path: Path, which: str, code: int, image: str
) -> None:
    served: Platform = request.getfixturevalue(which)
    with agent(tmp_path, served, image=image) as (container, workspace):
        done = docker(*sh(served), container, *SHELL)
    assert done.returncode == code, done.stdout + done.stderr
    for name in re.findall(r"(?:junit|artifacts:) '(.+?)'", JENKINSFILE):
        assert list(workspace.glob(name))
    assert set(reports(workspace).values()) == {(JENKINS, "755"), (JENKINS, "644")}


def test_a_build_that_is_aborted_keeps_what_is_known(endless: Platform, tmp_path: Path) -> None:
    cookie = f"durable-{uuid.uuid4()}"
    with agent(tmp_path, endless) as (container, workspace):
        log = workspace.with_name("workspace@tmp") / "log"
        script = shlex.join(SHELL)
        running = ("sh", "-c", f"{script} >{shlex.quote(str(log))} 2>&1 &")
        docker(*sh(endless, cookie), container, *running, check=True)
        wait_until(lambda: "started run" in log.read_text(encoding="utf-8"))
        listed = docker("exec", container, "ps", "-A", "-o", "pid,command", "e", check=True).stdout
        begun = time.monotonic()
        pids = [line.split()[0] for line in listed.splitlines() if cookie in line]
        docker("exec", container, "kill", *pids, check=True)
        report = workspace / "gatekeeper-report" / "junit.xml"
        wait_until(report.exists)
        assert time.monotonic() - begun < 2
    assert "attach to it with test-run-id" in report.read_text(encoding="utf-8")


SHARDED = (ROOT / "examples" / "Jenkinsfile.sharded").read_text(encoding="utf-8")
[PLAN] = re.findall(r"script: '(gatekeeper plan.*?)'", SHARDED)
SETTINGS = {
    name: value.replace("\\n", "\n")
    for name, value in re.findall(r"^ +(GATEKEEPER_\w+) = '(.+?)'$", SHARDED, re.MULTILINE)
}


def test_the_shards_of_a_plan_are_run_each_by_itself_and_joined(tmp_path: Path) -> None:
    """What Groovy does with the plan is done here; each of its scripts is run as Jenkins does."""
    plan, gate, merge = PLAN, "gatekeeper", "gatekeeper merge shards"
    assert f"script: '{gate}'" in SHARDED
    assert f"sh '{merge}'" in SHARDED
    for name in ("serving", "agent"):
        (tmp_path / name).mkdir()
    suites = SETTINGS["GATEKEEPER_TEST_SUITE"].split("\n")
    with (
        platform(tmp_path / "serving", "banking-card-block", suites=suites) as served,
        agent(tmp_path / "agent", served, SETTINGS) as (container, workspace),
    ):
        call = sh(served)
        shards = json.loads(docker(*call, container, "sh", "-ec", plan, check=True).stdout)
        assert [shard["shard"] for shard in shards] == ["1/3", "2/3", "3/3"]
        for shard in shards:
            given = (
                f"GATEKEEPER_TEST_SUITE={shard['suites']}",
                f"GATEKEEPER_SHARD={shard['shard']}",
            )
            own = [part for one in given for part in ("--env", one)]
            docker(*call, *own, container, "sh", "-ec", gate)
            stash = f"mkdir -p shards && mv gatekeeper-report 'shards/{shard['name']}'"
            docker(*call, container, "sh", "-ec", stash, check=True)
        done = docker(*call, container, "sh", "-ec", merge)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "of 4 suites" in done.stdout
    assert "report.html" in reports(workspace)


def test_the_job_that_init_writes_is_red_if_one_of_its_suites_is(tmp_path: Path) -> None:
    for name in ("serving", "agent"):
        (tmp_path / name).mkdir()
    with (
        platform(tmp_path / "serving", "banking-card-block", suites=SUITES) as served,
        agent(tmp_path / "agent", served, {}) as (container, workspace),
    ):
        job = set_up(workspace, "jenkins", HOST)[0].read_text(encoding="utf-8")
        assert f"docker {{ image '{IMAGE}' }}" in job
        environ = dict(re.findall(r"^ +(GATEKEEPER_\w+) = '(.+?)'$", job, re.MULTILINE))
        given = [part for one in environ.items() for part in ("--env", "=".join(one))]
        done = docker(*sh(served), *given, container, "sh", "-xec", SCRIPT)
    assert f"sh '{SCRIPT}'" in job
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 of 2 suites failed, 1 passed" in done.stdout
    for name in re.findall(r"(?:junit|artifacts:) '(.+?)'", job):
        assert list(workspace.glob(name))
