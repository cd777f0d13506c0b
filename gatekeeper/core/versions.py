"""The version of the app that a suite runs against, under one name."""

from __future__ import annotations

from gatekeeper.core.answer.states import normalized

# "configured" is what results call the version that a start calls inDevelopment.
_NAMES = {
    "published": "published",
    "configured": "inDevelopment",
    "indevelopment": "inDevelopment",
}


def normalized_version(version: str | None) -> str | None:
    """Return "published" or "inDevelopment" for any of their names; another one unchanged.

    Case, `_`, `-` and spaces are ignored.
    """
    if version is None:
        return None
    return _NAMES.get(normalized(version), version)
