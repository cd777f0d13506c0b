"""The built image, and the simulator in a container beside it."""

from __future__ import annotations

import json
import os
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from gatekeeper.simulator import Simulator
from support.certificates import authority, leaf

ROOT = Path(__file__).parents[2]
DOCKER = os.environ.get("DOCKER", "docker")
IMAGE = "gatekeeper"
_TEMPLATE = (ROOT / "templates" / "conversation-tests.yml").read_text(encoding="utf-8")
PUBLISHED: str = next(yaml.safe_load_all(_TEMPLATE))["spec"]["inputs"]["image"]["default"]
"""The name of the image in templates and examples."""
OWN_IMAGE = "registry.example.com:5000/ci/gatekeeper:1"
"""The name of an image of one's own, in a registry with a port."""
# The host and suite of the examples.
HOST = "bots.kore.ai"
SUITE = "Booking regression"


def docker(
    *arguments: str, stdin: str = "", check: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a docker command to its end; with `check`, it must succeed."""
    done = subprocess.run(
        [DOCKER, *arguments],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0 or not check, done.stdout + done.stderr
    return done


@dataclass(frozen=True)
class Platform:
    """The simulator in a container, as the examples' host on a network of its own.

    `ca` is the file of the certificate authority to trust for it.
    """

    network: str
    ca: Path
    credentials: dict[str, str] = field(
        default_factory=lambda: {
            "GATEKEEPER_STREAM_ID": Simulator.stream_id,
            "GATEKEEPER_CLIENT_ID": Simulator.client_id,
            "GATEKEEPER_CLIENT_SECRET": Simulator.client_secret,
            "GATEKEEPER_USER_EMAIL": Simulator.user_email,
        }
    )


@contextmanager
def platform(
    folder: Path, scenario: str, *faults: dict[str, Any], suites: Sequence[str] = (SUITE,)
) -> Iterator[Platform]:
    """Serve the examples' suites at the examples' host.

    The first suite runs the scenario; all others pass.
    """
    own = authority()
    leaf(own, HOST).serving(folder)
    (folder / "faults.json").write_text(json.dumps(faults), encoding="utf-8")
    served = Platform(f"gatekeeper-{uuid.uuid4().hex[:8]}", own.write(folder / "ca.pem"))
    given = {"bind": "0.0.0.0", "port": "443", "speed": "20"}  # noqa: S104 - its own network
    given |= {"certificate": "/serving/server.pem", "faults": "/serving/faults.json"}
    command = [part for name, value in given.items() for part in (f"--{name}", value)]
    scenarios = [scenario, *["hotel-arabic"] * (len(suites) - 1)]
    for suite, played in zip(suites, scenarios, strict=True):
        command += ["--suite", f"{suite}={played}"]
    name = f"{served.network}-platform"
    docker("network", "create", served.network, check=True)
    try:
        docker(
            *("run", "--detach", "--name", name, "--user", f"{os.getuid()}"),
            *("--sysctl", "net.ipv4.ip_unprivileged_port_start=0"),
            *("--network", served.network, "--network-alias", HOST),
            *("--volume", f"{folder}:/serving:ro", IMAGE, "simulate", *command),
            check=True,
        )
        wait_for_log(name, "GATEKEEPER_TEST_SUITE")
        yield served
    finally:
        docker("rm", "--force", name)
        docker("network", "rm", served.network)


def wait_for_log(container: str, text: str) -> None:
    """Wait until a text is in a container's log."""
    wait_until(lambda: text in docker("logs", container).stdout)


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until a condition is true; fails after twenty seconds."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def tagged(name: str) -> None:
    """Tag the image with the name that an example uses."""
    docker("tag", IMAGE, name, check=True)


def owned(path: Path, owner: int) -> Path:
    """Make a folder of another owner; a container can do that whoever runs the tests."""
    path.mkdir()
    mount = ("--volume", f"{path}:/folder", "--entrypoint", "chown")
    docker("run", "--rm", *mount, IMAGE, f"{owner}:{owner}", "/folder", check=True)
    return path


def reports(folder: Path) -> dict[str, tuple[int, str]]:
    """Return the owner and mode of the report folder and of each report in it, by name."""
    directory = folder / "gatekeeper-report"
    found = {path.name: path.stat() for path in (directory, *directory.iterdir())}
    return {name: (stat.st_uid, f"{stat.st_mode & 0o777:o}") for name, stat in found.items()}
