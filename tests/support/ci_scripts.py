"""Running the scripts of the examples' steps, as the agents of CI platforms do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gatekeeper.simulator import Simulator
from support.program import ROOT

EXAMPLES = ROOT / "examples"
SUITE = "Booking regression"
# How long a script has, in seconds, before it is killed after a cancellation.
_GRACE_SECONDS = 10


def with_suite(simulator: Simulator, scenario: str) -> dict[str, str]:
    """Have the simulator serve the examples' suite; return the settings that reach it."""
    simulator.add_scenario(SUITE, scenario)
    return simulator.environment(SUITE)


def commands(folder: Path) -> str:
    """Return a PATH with `docker`, and `gatekeeper` as in its image, before this machine's."""
    folder.mkdir(parents=True)
    for name, program in (
        ("docker", ROOT / "tests/support/stand_in_docker.py"),
        ("gatekeeper", ROOT / "entrypoint.py"),
    ):
        path = folder / name
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{program}" "$@"\n', encoding="utf-8")
        path.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def run_script(
    command: Sequence[str],
    folder: Path,
    environ: Mapping[str, str],
    is_canceled_at: Callable[[str], bool] | None = None,
) -> tuple[int, str]:
    """Run a shell in a folder; return its exit code and its log, standard error included.

    Each line is given to `is_canceled_at`; if that is true, the shell is terminated, and no other
    process.
    """
    log = []
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environ,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            log.append(line)
            if is_canceled_at and is_canceled_at(line.removesuffix("\n")):
                process.terminate()
        return process.wait(_GRACE_SECONDS), "".join(log)
