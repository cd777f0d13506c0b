"""Finds and reads `result.json` files: of other jobs, of earlier gates, of baselines."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from gatekeeper.core.result_file.history import HEAD_BYTES
from gatekeeper.core.result_file.schema import SavedGate, read_saved
from gatekeeper.errors import GatekeeperError, cause_of
from gatekeeper.text_files import read_utf8

NAME = "result.json"
_SHARD = re.compile(rb'"shard"\s*:\s*\{')
T = TypeVar("T")


class FoundReports(msgspec.Struct, frozen=True):
    """The report folders at a path, and the `strays`: paths that do not belong there, and why."""

    folders: list[Path]
    strays: list[tuple[Path, str]] = msgspec.field(default_factory=list)


def find_reports(place: Path) -> FoundReports:
    """Return the report folders at a path: the path itself, or its subfolders.

    If a folder without a result has subfolders with one, all of its subfolders count as report
    folders, so that a missing result among them is noticed.
    """
    try:
        if place.is_dir() and not _has_result(place):
            entries = sorted(place.iterdir())
            folders = [entry for entry in entries if entry.is_dir()]
            if any(map(_has_result, folders)):
                strays = [
                    (entry, "it is next to report folders, but is not one")
                    for entry in entries
                    if not entry.is_dir() and not entry.name.startswith(".")
                ]
                return FoundReports(folders, strays + _nested(folders))
    except OSError:
        # Reading the result then fails with the cause.
        pass
    return FoundReports([place], _nested([place]))


def _has_result(folder: Path) -> bool:
    # Also true for a broken link, which then fails to be read.
    return os.path.lexists(folder / NAME)


def _nested(folders: Iterable[Path]) -> list[tuple[Path, str]]:
    """Return the folders with a result that have further results in their subfolders."""
    strays: list[tuple[Path, str]] = []
    for folder in filter(_has_result, folders):
        nested = next((path for path in _subfolders(folder) if _has_result(path)), None)
        if nested is not None:
            strays.append((folder, f"both it and its subfolder {nested} have a {NAME}"))
    return strays


def _subfolders(folder: Path) -> Iterator[Path]:
    for parent, names, _ in os.walk(folder):
        yield from (Path(parent, name) for name in sorted(names))


def is_of_shard(file: Path) -> bool:
    """Return whether the beginning of a file shows that it is the result of a shard."""
    try:
        return _SHARD.search(read_content(file, HEAD_BYTES)) is not None
    except GatekeeperError:
        return False


def is_missing(file: Path) -> bool:
    """Return whether a file does not exist; one that cannot be examined is not missing."""
    try:
        file.stat()
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        pass
    return False


def read_result_file(place: Path) -> SavedGate:
    """Read a `result.json`, given its path or its folder; raises `GatekeeperError`."""
    return read_result(place / NAME if is_folder(place) else place)


def read_result(file: Path) -> SavedGate:
    """Read a `result.json`; raises `GatekeeperError`."""
    return parsed(file, read_saved)


def parsed(file: Path, parse: Callable[[bytes], T]) -> T:
    """Read and parse a file; the path is added to errors. Raises `GatekeeperError`."""
    content = read_content(file)
    try:
        return parse(content)
    except GatekeeperError as error:
        raise unreadable(file, error.what) from None


def is_folder(place: Path) -> bool:
    """Return whether a path is that of a folder; an invalid path is not."""
    try:
        return place.is_dir()
    except (OSError, ValueError):
        return False


def read_content(file: Path, most: int = -1) -> bytes:
    """Read a regular file, at most `most` bytes if given; raises `GatekeeperError`."""
    try:
        return read_utf8(file, most)
    except (OSError, ValueError) as error:
        raise unreadable(file, cause_of(error)) from None


def unreadable(file: Path, why: str) -> GatekeeperError:
    """Return the error for a file that cannot be read."""
    return GatekeeperError(f"{file} cannot be read: {why}")
