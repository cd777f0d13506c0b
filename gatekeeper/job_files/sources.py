"""Where a job gets gatekeeper from: an image, or on GitHub an action."""

from __future__ import annotations

import re

from gatekeeper.origin import ACTION, IMAGE, REPOSITORY, is_placeholder

_IMAGE = re.compile(
    r"[A-Za-z0-9][\w.-]*(:[0-9]{1,5})?(/[\w.-]+)*(:\w[\w.-]{0,127})?(@sha256:[0-9a-f]{64})?",
    re.ASCII,
)
_ACTION = re.compile(r"[A-Za-z0-9][\w-]*(/[\w.-]+)+@[\w./-]+", re.ASCII)


def image_from(text: str) -> str:
    """Return the name of an image; raises `ValueError`."""
    if not _IMAGE.fullmatch(text):
        raise ValueError(f"{text!r} is not the name of an image: write it like {IMAGE}")
    return text


def action_from(text: str) -> str:
    """Return the name of an action with its ref; raises `ValueError`."""
    if not _ACTION.fullmatch(text):
        raise ValueError(f"{text!r} is not an action: write it like {ACTION}")
    return text


def schema_url() -> str:
    """Return the address of the configuration file's JSON Schema; empty before `make adopt`."""
    if is_placeholder(REPOSITORY):
        return ""
    reference = ACTION.partition("@")[2]
    path = f"{REPOSITORY}/{reference}/gatekeeper/gatekeeper.schema.json"
    return f"https://raw.githubusercontent.com/{path}"
