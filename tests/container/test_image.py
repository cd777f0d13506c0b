"""The built image by itself: as any user, on any file system, interrupted, and what is in it."""

import json
import time
import uuid
from pathlib import Path

import pytest

from support.containers import (
    HOST,
    IMAGE,
    ROOT,
    SUITE,
    Platform,
    docker,
    owned,
    reports,
    wait_for_log,
)
from support.shadowing import SHADOW, hostile_variables, shadow_modules

pytestmark = pytest.mark.container

SIZE_LIMIT = 150_000_000
SOMEBODY = 4242  # a user whom the image knows nothing of
# How a job's shell is looked for and started by GitLab's runner.
DETECT_SHELL = (
    "if [ -x /usr/local/bin/bash ]; then exec /usr/local/bin/bash; "
    "elif [ -x /usr/bin/bash ]; then exec /usr/bin/bash; "
    "elif [ -x /bin/bash ]; then exec /bin/bash; else exec sh; fi"
)


def settings(served: Platform) -> list[str]:
    """Return the options that give a container the settings, the certificates and the network."""
    given = served.credentials | {
        "GATEKEEPER_HOST": HOST,
        "GATEKEEPER_TEST_SUITE": SUITE,
        "GATEKEEPER_CA_BUNDLE": "/ca.pem",
    }
    options = [f"--env={name}={value}" for name, value in given.items()]
    return [*options, f"--network={served.network}", f"--volume={served.ca}:/ca.pem:ro"]


@pytest.mark.parametrize(
    "options",
    [
        ("--user", f"{SOMEBODY}:{SOMEBODY}"),
        ("--user", f"{SOMEBODY}:{SOMEBODY}", "--read-only"),
        ("--user", f"{SOMEBODY}:{SOMEBODY}", "--read-only", "--cap-drop", "ALL"),
        ("--user", f"{SOMEBODY}:{SOMEBODY}", "--security-opt", "no-new-privileges"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize(("which", "code"), [("passing", 0), ("failing", 1)])
def test_as_any_user_the_whole_job_is_done(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    which: str,
    code: int,
    options: tuple[str, ...],
) -> None:
    served: Platform = request.getfixturevalue(which)
    out = owned(tmp_path / "out", SOMEBODY)
    mount = (f"--volume={out}:/out", "--workdir=/out")
    done = docker("run", "--rm", *settings(served), *options, *mount, IMAGE)
    assert done.returncode == code, done.stdout + done.stderr
    result = json.loads((out / "gatekeeper-report/result.json").read_text(encoding="utf-8"))
    assert result["exit_code"] == code
    assert set(reports(out).values()) == {(SOMEBODY, "755"), (SOMEBODY, "644")}
    secret = served.credentials["GATEKEEPER_CLIENT_SECRET"]
    for path in (out / "gatekeeper-report").iterdir():
        assert secret not in path.read_text(encoding="utf-8")
    assert secret not in done.stdout + done.stderr


def test_as_root_without_capabilities_the_job_is_done_as_root(
    passing: Platform, tmp_path: Path
) -> None:
    """GitHub's files belong to somebody else, whom the gate is then not allowed to become."""
    out = owned(tmp_path / "out", SOMEBODY)
    (tmp_path / "output").touch()
    # Without its capabilities, root is like anybody else.
    for path in (out, tmp_path / "output"):
        path.chmod(0o777)
    mount = (f"--volume={out}:/out", f"--volume={tmp_path}/output:/output", "--workdir=/out")
    output = ("--env=GITHUB_OUTPUT=/output", "--cap-drop=ALL")
    done = docker("run", "--rm", *settings(passing), *mount, *output, IMAGE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(reports(out).values()) == {(0, "755"), (0, "644")}


def test_in_gitlabs_shell_without_a_umask_reports_are_no_more_open_than_they_should_be(
    failing: Platform, tmp_path: Path
) -> None:
    out = owned(tmp_path / "out", SOMEBODY)
    mount = (f"--volume={out}:/out", "--workdir=/out", "--user", f"{SOMEBODY}:{SOMEBODY}")
    command = (IMAGE, "sh", "-c", DETECT_SHELL)
    script = "umask 0000\nset -eo pipefail\ngatekeeper\n"
    done = docker("run", "--rm", "-i", *settings(failing), *mount, *command, stdin=script)
    assert done.returncode == 1, done.stdout + done.stderr
    assert set(reports(out).values()) == {(SOMEBODY, "755"), (SOMEBODY, "644")}


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_given_a_shell_it_becomes_that_and_has_the_command_and_what_runners_need(
    shell: str,
) -> None:
    script = "echo $0; gatekeeper --version; which grep ls sleep ps kill"
    done = docker("run", "--rm", "-i", IMAGE, shell, stdin=script)
    first, version, *programs = done.stdout.splitlines()
    assert (first, version.partition(" ")[0], len(programs)) == (shell, "gatekeeper", 5)


def test_given_cat_it_becomes_that_for_a_user_without_a_name_or_a_home() -> None:
    user = ("--user", f"{SOMEBODY}:{SOMEBODY}", "--env=HOME=/")
    assert docker("run", "--rm", "-i", *user, IMAGE, "cat", stdin="hello").stdout == "hello"


@pytest.mark.parametrize(
    "arguments", [(), ("sh", "-c", "gatekeeper")], ids=["entrypoint", "in a shell"]
)
@pytest.mark.proves(
    "PYTHON variables, and modules such as `click.py` in the checkout (image)",
    "not imported and without effect",
)
def test_neither_variables_nor_the_working_folder_change_what_runs(
    passing: Platform, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    out = owned(tmp_path / "out", SOMEBODY)
    shadow_modules(out)
    variables = [f"--env={name}={value}" for name, value in hostile_variables(Path("/out")).items()]
    user = ("--user", f"{SOMEBODY}:{SOMEBODY}")
    mount = (f"--volume={out}:/out", "--workdir=/out")
    done = docker("run", "--rm", *settings(passing), *variables, *user, *mount, IMAGE, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert SHADOW not in done.stdout + done.stderr


@pytest.mark.parametrize(("signum", "code"), [("HUP", 129), ("INT", 130), ("TERM", 143)])
def test_a_signal_ends_a_waiting_container_with_its_reports_written(
    endless: Platform, tmp_path: Path, signum: str, code: int
) -> None:
    name = f"gate-{uuid.uuid4().hex[:8]}"
    mount = (f"--volume={tmp_path}:/out", "--workdir=/out")
    docker("run", "--detach", "--name", name, *settings(endless), *mount, IMAGE, check=True)
    try:
        wait_for_log(name, "started run")
        begun = time.monotonic()
        docker("kill", f"--signal={signum}", name, check=True)
        assert docker("wait", name).stdout.strip() == str(code)
        assert time.monotonic() - begun < 2
        assert "attach to it with test-run-id" in docker("logs", name).stdout
    finally:
        docker("rm", "--force", name)
    assert "attach to it with test-run-id" in (
        tmp_path / "gatekeeper-report" / "junit.xml"
    ).read_text(encoding="utf-8")


def test_it_is_small(capsys: pytest.CaptureFixture[str]) -> None:
    size = int(docker("image", "inspect", "--format={{.Size}}", IMAGE, check=True).stdout)
    with capsys.disabled():
        print(f"\nimage size: {size / 1e6:.1f} MB")  # noqa: T201 - a figure to see in every run
    assert size < SIZE_LIMIT


def test_it_holds_no_secret_no_history_and_no_installer() -> None:
    inspected = docker("image", "inspect", IMAGE, check=True).stdout
    history = docker("history", "--no-trunc", IMAGE, check=True).stdout
    for word in ("secret", "token", "password", "gatekeeper_"):
        assert word not in (inspected + history).lower()
    own = ("find", "/opt/gatekeeper/app", "-maxdepth", "1", "-not", "-name", "__pycache__")
    listed = docker("run", "--rm", "--entrypoint", own[0], IMAGE, *own[1:], check=True).stdout
    names = {Path(line).name for line in listed.splitlines()}
    assert names == {"app", "entrypoint.py"}
    packages = docker("run", "--rm", IMAGE, "bash", "-c", "ls /opt/gatekeeper/lib/*/*", check=True)
    assert "pip" not in packages.stdout.split()


def test_the_templates_of_its_page_are_byte_code() -> None:
    compiled = "/opt/gatekeeper/lib/*/site-packages/gatekeeper/core/reports/page/compiled"
    listing = f"ls {compiled}/__pycache__"
    listed = docker("run", "--rm", IMAGE, "bash", "-c", listing, check=True).stdout.split()
    assert len(listed) == len(list((ROOT / "gatekeeper/core/reports/page/assets").glob("*.html")))


def test_as_root_it_needs_neither_a_user_nor_a_folder_of_its_own() -> None:
    """GitHub sets both; a `USER` could not write what GitHub mounts."""
    config = json.loads(docker("image", "inspect", IMAGE, check=True).stdout)[0]["Config"]
    assert (config.get("User", ""), config.get("WorkingDir", "")) in {("", ""), ("", "/")}
    assert config["Entrypoint"] == ["gatekeeper"]
