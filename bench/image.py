"""The time of a job in the built image, compared with all or none of Python compiled.

    python bench/image.py [--short]

The image `gatekeeper` must exist. Each variant is a container of it, changed after its start; the
job is timed inside, as the start of a container depends on the platform.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from measuring import ROOT, Section, Table, Target, in_words, main, ratio
from start import STEPS

DOCKER = os.environ.get("DOCKER", "docker")
IMAGE = "gatekeeper"
MEGABYTES = 150.0
SHARE = 1.1
AS_BUILT, ALL, NONE = "as built", "all of Python compiled", "none of Python's library compiled"
ON_SLIM = "as built on a base that has none compiled"
PYTHON = "/opt/gatekeeper/bin/python"
LIBRARY = f"$({PYTHON} -c 'import sysconfig; print(sysconfig.get_path(\"stdlib\"))')"
_NOTHING_COMPILED = f"find {LIBRARY} -name __pycache__ -prune -exec rm -r {{}} +"


def jobs_of_the_build() -> str:
    """Return the shell command by which the image's build runs jobs to leave bytecode."""
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    jobs = dockerfile.partition("&& touch ")[2].partition("\n# Neither")[0]
    lines = (line.strip().rstrip("\\") for line in jobs.splitlines())
    return f"touch {' '.join(line for line in lines if not line.startswith('#'))}"


CHANGES = {
    AS_BUILT: "true",
    ON_SLIM: f"{_NOTHING_COMPILED} && {jobs_of_the_build()}",
    # Some files of Python's own tests cannot be compiled, on purpose.
    ALL: f"{PYTHON} -m compileall -q {LIBRARY} >/dev/null || true",
    NONE: _NOTHING_COMPILED,
}
# A job in the image, on a finished run; it keeps no bytecode, so the next job compiles the same.
JOB = """
import os, subprocess, sys, time
sys.path.insert(0, "/tmp")
from serving import answer, serving, settings
with serving({"ctr-1": answer({STEPS})}) as host:
    environ = os.environ | settings(host, "ctr-1") | {"PYTHONDONTWRITEBYTECODE": "1"}
    begun = time.perf_counter()
    subprocess.run(["gatekeeper"], cwd="/tmp", env=environ, stdout=subprocess.DEVNULL, check=True)
    print(time.perf_counter() - begun)
""".replace("{STEPS}", str(STEPS))


def docker(*arguments: str) -> str:
    """Run a docker command and return its output; exits if it fails."""
    done = subprocess.run([DOCKER, *arguments], capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(f"docker {' '.join(arguments[:3])}: {done.stderr.decode()}")
    return done.stdout.decode()


@contextmanager
def container(change: str) -> Iterator[str]:
    """Yield a container of the image, after a shell command has changed it."""
    name = f"gatekeeper-{uuid.uuid4().hex[:8]}"
    docker("run", "--detach", "--name", name, "--entrypoint", "sleep", IMAGE, "3600")
    try:
        docker("cp", str(ROOT / "bench/serving.py"), f"{name}:/tmp/serving.py")
        docker("exec", name, "sh", "-c", change)
        yield name
    finally:
        docker("rm", "--force", name)


def seconds(name: str) -> float:
    """Return the seconds that a job takes in a container."""
    return float(docker("exec", name, PYTHON, "-c", JOB))


def measure(*, short: bool) -> Section:
    """Time the job in each container, in turn."""
    size = int(docker("image", "inspect", "--format", "{{.Size}}", IMAGE)) / 1e6
    with ExitStack() as kept:
        names = {what: kept.enter_context(container(change)) for what, change in CHANGES.items()}
        spent: dict[str, list[float]] = {what: [] for what in names}
        for number in range(2 if short else 16):
            for what, name in names.items():
                took = seconds(name)
                if number:
                    spent[what].append(took)
    rows = [
        (what, in_words(statistics.median(times)), f"{ratio(times, spent[ALL]):.2f}")
        for what, times in spent.items()
    ]
    targets = [
        *(
            Target(f"{what}, against all compiled", ratio(spent[what], spent[ALL]), SHARE)
            for what in (AS_BUILT, ON_SLIM)
        ),
        Target("the image's size", size, MEGABYTES, "MB"),
    ]
    return Section(
        [Table(("The image", "time of a job", "relative to all compiled"), rows)], targets
    )


if __name__ == "__main__":
    main(measure, __doc__)
