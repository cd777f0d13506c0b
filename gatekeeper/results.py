"""The `result.json` files of earlier gates, and of other jobs: finding and reading them."""

from __future__ import annotations

from pathlib import Path

from gatekeeper.core.saved import SavedGate, read_saved
from gatekeeper.core.trends import latest
from gatekeeper.errors import GatekeeperError

NAME = "result.json"


def report_folders(place: Path) -> list[Path]:
    """Return the report folders that a path stands for: itself, or those in it.

    A folder without a result of its own that holds some stands for all its folders, so that one
    among them without a result is missed.
    """
    if not place.is_dir() or (place / NAME).exists():
        return [place]
    folders = sorted(one for one in place.iterdir() if one.is_dir())
    return folders if any((one / NAME).exists() for one in folders) else [place]


def read_history(folder: Path) -> tuple[list[SavedGate], list[str]]:
    """Read every result below a folder, whatever its name; return why some could not be read.

    The latest come last, and no more of them than trends look at.
    """
    read: list[SavedGate] = []
    unread: list[str] = []
    if not folder.is_dir():
        return read, [f"{folder} cannot be read: it is no folder that is there"]
    for file in sorted(folder.rglob("*.json")):
        try:
            read.append(read_result_file(file))
        except GatekeeperError as error:
            unread.append(error.what)
    return latest(read), unread


def read_result_file(place: Path) -> SavedGate:
    """Read the `result.json` that a report folder holds, or that a path names.

    Raises `GatekeeperError`, in words.
    """
    file = place / NAME if place.is_dir() else place
    try:
        return read_saved(file.read_bytes())
    except GatekeeperError as error:
        raise GatekeeperError(f"{file} cannot be read: {error.what}") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it names no file"
        raise GatekeeperError(f"{file} cannot be read: {why}") from None
