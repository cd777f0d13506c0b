"""The version of the app that a suite runs against, in one spelling."""

from __future__ import annotations

from gatekeeper.core.answer.states import normalized

# "configured" is the result's word for what a start calls inDevelopment.
_SPELLED = {
    "published": "published",
    "configured": "inDevelopment",
    "indevelopment": "inDevelopment",
}


def normalized_version(version: str | None) -> str | None:
    """Return "published" or "inDevelopment" for the words that mean them; any other unchanged.

    Case, `_`, `-` and spaces do not matter.
    """
    if version is None:
        return None
    return _SPELLED.get(normalized(version), version)
