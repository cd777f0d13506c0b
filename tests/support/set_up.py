"""Repositories that `init` has set up for the simulated app."""

from pathlib import Path

from gatekeeper.job_files.platforms import BY_NAME
from gatekeeper.simulator import Simulator
from support.program import Program

SUITES = ('The "first" $HOME: #1', "Loyalty programme")
"""The suites; the first has a name that shells and YAML could make something else of."""


def set_up(folder: Path, platform: str, host: str, *flags: str) -> tuple[Path, str]:
    """Run `init` in a folder; return the path of the job file, and what `init` printed."""
    settings = {
        "--platform": platform,
        "--host": host,
        "--stream-id": Simulator.stream_id,
        "--client-id": Simulator.client_id,
        "--user-email": Simulator.user_email,
        "--test-suite": "\n".join(SUITES),
    }
    done = Program(folder).run("init", *(word for one in settings.items() for word in one), *flags)
    assert done.returncode == 0, done.stderr
    return folder / BY_NAME[platform].path, done.stdout
