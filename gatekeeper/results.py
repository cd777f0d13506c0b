"""The `result.json` files of earlier gates, and of other jobs: finding and reading them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from gatekeeper.core.saved import SavedGate, read_saved
from gatekeeper.core.trends import latest
from gatekeeper.errors import GatekeeperError

NAME = "result.json"
# More than any pipeline keeps: a folder that holds more is not a history.
_MOST_FILES = 1_000
_MOST_TOLD = 10


def report_folders(place: Path) -> list[Path]:
    """Return the report folders that a path stands for: itself, or those in it.

    A folder without a result of its own that holds some stands for all its folders, so that one
    among them without a result is missed.
    """
    try:
        if place.is_dir() and not (place / NAME).exists():
            folders = sorted(one for one in place.iterdir() if one.is_dir())
            return folders if any((one / NAME).exists() for one in folders) else [place]
    except OSError:
        # Why it cannot be read, reading it will tell.
        pass
    return [place]


def read_result_file(place: Path) -> SavedGate:
    """Read the `result.json` that a report folder holds, or that a path names.

    Raises `GatekeeperError`, in words.
    """
    file = place
    try:
        file = place / NAME if place.is_dir() else place
        return read_saved(file.read_bytes())
    except GatekeeperError as error:
        raise GatekeeperError(f"{file} cannot be read: {error.what}") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it names no file"
        raise GatekeeperError(f"{file} cannot be read: {why}") from None


def read_history(folder: Path) -> tuple[list[SavedGate], list[str]]:
    """Read every result below a folder, whatever its name; return why some could not be read.

    The latest come last, and no more of them than trends look at.
    """
    read: list[SavedGate] = []
    unread: list[str] = []
    for file in islice(_results_below(folder), _MOST_FILES):
        try:
            read.append(read_result_file(file))
        except GatekeeperError as error:
            unread.append(error.what)
    if not read and not unread:
        unread = [f"there is no result in {folder}"]
    more = len(unread) - _MOST_TOLD
    told = [*unread[:_MOST_TOLD], f"and {more} more cannot be read"] if more > 0 else unread
    return latest(read), told


def _results_below(folder: Path) -> Iterator[Path]:
    # What is no file, such as a pipe, could keep the gate waiting.
    for parent, _, names in os.walk(folder):
        places = (Path(parent, name) for name in sorted(names) if name.endswith(".json"))
        yield from (place for place in places if place.is_file())
