"""What is in the files that settings name; each function raises `ValueError` with the reason."""

from __future__ import annotations

from pathlib import Path

from gatekeeper.core.source_map import SourceMap, read_source_map
from gatekeeper.errors import cause_of
from gatekeeper.text_files import read_text


def secret_in(path: Path) -> str:
    """Return a file's text, without whitespace around it.

    An error does not repeat the path: it may be the secret itself, given in its place.
    """
    try:
        text = read_text(path).strip()
    except (OSError, ValueError) as error:
        raise ValueError(f"cannot read the file that it names: {cause_of(error)}") from None
    if not text:
        raise ValueError("the file that it names is empty")
    return text


def is_file(text: str) -> bool:
    """Return whether a text is the path of an existing file."""
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def source_map_in(path: Path) -> SourceMap:
    """Return the lines of the steps in a suite's JSON file."""
    try:
        text = read_text(path)
    except (OSError, ValueError) as error:
        raise ValueError(f"cannot read {path}: {cause_of(error)}") from None
    return read_source_map(path.as_posix(), text)
