"""What a suite runs against: stream, language and version, each under one name."""

from __future__ import annotations

from gatekeeper.core.answer.states import normalized
from gatekeeper.core.text import one_line

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


def target_key(
    stream_id: str | None, language: str | None, version: str | None
) -> tuple[str | None, ...]:
    """Return what runs of a suite must have in common to be compared, as `result.json` has it."""
    values = (stream_id, language, normalized_version(version))
    return tuple(value and one_line(value) for value in values)
