"""The version of the app that a suite runs against, in one spelling."""

from __future__ import annotations

import re

# "configured" is the result's word for what a start calls inDevelopment.
_SPELLED = {
    "published": "published",
    "configured": "inDevelopment",
    "indevelopment": "inDevelopment",
}
_NOISE = re.compile(r"[\s_-]+")


def spelled(version: str | None) -> str | None:
    """Return "published" or "inDevelopment" for the words that mean them; any other unchanged.

    Case, `_`, `-` and spaces do not matter.
    """
    if version is None:
        return None
    return _SPELLED.get(_NOISE.sub("", version).lower(), version)
