"""The versions of an app, in one spelling."""

from __future__ import annotations

import re

# The platform's result calls the version in development "configured".
_SPELLINGS = {
    "published": "published",
    "indevelopment": "inDevelopment",
    "configured": "inDevelopment",
}
_BETWEEN_WORDS = re.compile(r"[\s_-]+")


def spelled(version: str | None) -> str | None:
    """Return a version as the settings spell it; an unknown word stays as it is."""
    if version is None:
        return None
    return _SPELLINGS.get(_BETWEEN_WORDS.sub("", version).lower(), version)
