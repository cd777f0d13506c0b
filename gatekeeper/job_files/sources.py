"""Where a job gets gatekeeper from: an image, or on GitHub an action."""

from __future__ import annotations

import re
from pathlib import Path

from gatekeeper.job_files.checkout import head_commit, installed_commit
from gatekeeper.origin import REPOSITORY, VERSION_TAG, is_placeholder

_ROOT = Path(__file__).parents[2]

_IMAGE = re.compile(
    r"[A-Za-z0-9][\w.-]*(:[0-9]{1,5})?(/[\w.-]+)*(:\w[\w.-]{0,127})?(@sha256:[0-9a-f]{64})?",
    re.ASCII,
)
_ACTION = re.compile(r"[A-Za-z0-9][\w-]*(/[\w.-]+)+@[\w./-]+", re.ASCII)


def image_from(text: str) -> str:
    """Return the name of an image; raises `ValueError`."""
    if not _IMAGE.fullmatch(text):
        raise ValueError(f"{text!r} is not an image: write registry.example.com/gatekeeper:1.0")
    return text


def action_from(text: str) -> str:
    """Return the name of an action with its ref; raises `ValueError`."""
    if not _ACTION.fullmatch(text):
        raise ValueError(f"{text!r} is not an action: write my-org/gatekeeper@main")
    return text


def default_action(repository: str = REPOSITORY, root: Path = _ROOT) -> str:
    """Return the action in a repository: of the commit that is at `root`, if that is known.

    A fork has that commit, but not this version's tag. A placeholder has neither.
    """
    commit = "" if is_placeholder(repository) else head_commit(root) or installed_commit(root)
    return f"{repository}@{commit or VERSION_TAG}"


def schema_url(repository: str = REPOSITORY) -> str:
    """Return the address of the configuration file's JSON Schema; empty before `make adopt`."""
    if is_placeholder(repository):
        return ""
    _, _, ref = default_action(repository).partition("@")
    return f"https://raw.githubusercontent.com/{repository}/{ref}/gatekeeper/gatekeeper.schema.json"
