"""The built image, run as the CI platforms run it, against the simulator in another container."""

import json
import os
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.container

DOCKER = os.environ.get("DOCKER", "docker")
IMAGE = "gatekeeper"
RUNNER_UID = 1001  # who owns a job's files on GitHub's hosted runners
SIZE_LIMIT = 150_000_000


def docker(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [DOCKER, *arguments],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def environ() -> Iterator[dict[str, str]]:
    """Serve the simulator in a container; a gate that shares its network finds it on loopback."""
    name = f"simulator-{uuid.uuid4().hex[:8]}"
    options = ("--bind", "0.0.0.0", "--port", "8080", "--speed", "20")  # noqa: S104 - its own network
    assert docker("run", "--detach", "--rm", "--name", name, IMAGE, "simulate", *options).stdout
    end = time.monotonic() + 20
    while "GATEKEEPER_HOST" not in (said := docker("logs", name).stdout):
        assert time.monotonic() < end, said
        time.sleep(0.1)
    exported = (line.removeprefix("export ") for line in said.splitlines() if "export" in line)
    pairs = (line.replace("'", "").partition("=")[::2] for line in exported)
    yield dict(pairs) | {"network": f"container:{name}"}
    docker("kill", name)


def gate(
    environ: dict[str, str], *options: str, arguments: tuple[str, ...] = (), **more: str
) -> subprocess.CompletedProcess[str]:
    """Run the image as a gate in the simulator's network."""
    settings = {**environ, **more}
    network = settings.pop("network")
    given = [f"--env={name}={value}" for name, value in settings.items()]
    return docker("run", "--rm", "--network", network, *given, *options, IMAGE, *arguments)


def folder(path: Path, owner: int) -> Path:
    path.mkdir()
    os.chown(path, owner, owner)
    return path


def test_as_root_with_githubs_mounts_reports_and_outputs_belong_to_the_runner(
    environ: dict[str, str], tmp_path: Path
) -> None:
    workspace = folder(tmp_path / "workspace", RUNNER_UID)
    commands = folder(tmp_path / "file_commands", RUNNER_UID)
    for name in ("output", "summary"):
        (commands / name).touch()
        os.chown(commands / name, RUNNER_UID, RUNNER_UID)
    inputs = {
        f"INPUT_{name.removeprefix('GATEKEEPER_').replace('_', '-')}": value
        for name, value in environ.items()
        if name != "network"
    }
    done = gate(
        {"network": environ["network"], **inputs, "INPUT_JWT": "", "INPUT_ACCEPT": ""},
        f"--volume={workspace}:/github/workspace",
        f"--volume={commands}:/github/file_commands",
        "--workdir=/github/workspace",
        "--env=GITHUB_OUTPUT=/github/file_commands/output",
        "--env=GITHUB_STEP_SUMMARY=/github/file_commands/summary",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = workspace / "gatekeeper-report" / "junit.xml"
    assert (report.stat().st_uid, report.stat().st_mode & 0o777) == (RUNNER_UID, 0o644)
    assert "passed" in (commands / "output").read_text(encoding="utf-8")
    assert "PASSED" in (commands / "summary").read_text(encoding="utf-8")


@pytest.mark.parametrize(("suite", "code"), [("banking-transfer", 0), ("banking-card-block", 1)])
def test_as_any_user_on_a_read_only_root_the_job_is_done(
    environ: dict[str, str], tmp_path: Path, suite: str, code: int
) -> None:
    out = folder(tmp_path / "out", 4242)
    done = gate(
        environ,
        "--user=4242:4242",
        "--read-only",
        "--cap-drop=ALL",
        f"--volume={out}:/out",
        "--workdir=/out",
        GATEKEEPER_TEST_SUITE=suite,
    )
    assert done.returncode == code, done.stdout + done.stderr
    result = json.loads((out / "gatekeeper-report" / "result.json").read_text(encoding="utf-8"))
    assert result["exit_code"] == code
    assert (out / "gatekeeper-report").stat().st_uid == 4242


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_given_a_shell_the_image_becomes_it_and_has_the_command(shell: str) -> None:
    done = docker(
        "run", "--rm", "--interactive", IMAGE, shell, stdin="echo $0; gatekeeper --version"
    )
    assert done.stdout.startswith(f"{shell}\ngatekeeper ")


def test_given_cat_the_image_becomes_it_for_a_user_without_a_name_or_home() -> None:
    options = ("--rm", "--interactive", "--user=4242:4242", "--env=HOME=/")
    assert docker("run", *options, IMAGE, "cat", stdin="hello").stdout == "hello"


@pytest.mark.parametrize(("signum", "code"), [("INT", 130), ("TERM", 143)])
def test_a_signal_ends_a_waiting_container_with_its_reports_written(
    environ: dict[str, str], tmp_path: Path, signum: str, code: int
) -> None:
    name = f"gate-{uuid.uuid4().hex[:8]}"
    options = ("--detach", f"--name={name}", f"--volume={tmp_path}:/out", "--workdir=/out")
    gate(environ, *options, GATEKEEPER_TEST_SUITE="never-ends")
    end = time.monotonic() + 20
    while "started run" not in docker("logs", name).stdout:
        assert time.monotonic() < end
        time.sleep(0.1)
    begun = time.monotonic()
    docker("kill", f"--signal={signum}", name)
    assert docker("wait", name).stdout.strip() == str(code)
    assert time.monotonic() - begun < 2
    assert (tmp_path / "gatekeeper-report" / "junit.xml").exists()


def test_the_image_is_small_and_keeps_no_pip_of_ours() -> None:
    size = int(docker("image", "inspect", "--format={{.Size}}", IMAGE).stdout)
    assert size < SIZE_LIMIT
    listed = docker(
        "run", "--rm", IMAGE, "sh", "-c", "ls /opt/gatekeeper/bin /opt/gatekeeper/lib/*/*"
    )
    assert "pip" not in listed.stdout
