"""A gate to set up, and the files that set it up."""

from __future__ import annotations

import os

import msgspec

from gatekeeper.job_files.platforms import JobPlatform
from gatekeeper.job_files.render import rendered
from gatekeeper.job_files.sources import schema_url

CONFIG_FILE = "gatekeeper.toml"


class NewGate(msgspec.Struct, frozen=True):
    """What `init` knows about the gate; `client_id` and `user_email` may be empty.

    `source` is the image that the job runs, or the action that it uses on GitHub.
    """

    platform: JobPlatform
    host: str
    stream_id: str
    client_id: str
    user_email: str
    suites: tuple[str, ...]
    source: str
    comment: bool
    branch: str


class JobPlace(msgspec.Struct, frozen=True):
    """Where the job goes in a repository: no `path` if there is no file for it alone.

    `is_beside` says that the platform's own file exists, and stays as it is.
    """

    path: str
    is_beside: bool


def place_of_job(platform: JobPlatform) -> JobPlace:
    """Return where the job goes, by the files in the working folder."""
    if platform.then and os.path.lexists(platform.path):
        return JobPlace(platform.beside, is_beside=True)
    return JobPlace(platform.path, is_beside=False)


def config_text(gate: NewGate) -> str:
    """Return the text of the configuration file."""
    values = msgspec.structs.asdict(gate)
    return rendered("gatekeeper", values | {"schema": schema_url()})


def job_text(gate: NewGate, *, is_beside: bool = False) -> str:
    """Return the text of the job file; a file beside another leaves to that when jobs run."""
    values = msgspec.structs.asdict(gate)
    return rendered(gate.platform.name, values | {"is_beside": is_beside})
