"""The `result.json` files of earlier gates, and of other jobs: finding and reading them."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from gatekeeper.core.result_file.history import HEAD_BYTES, PastGate, read_past, start_time_in
from gatekeeper.core.result_file.schema import INVALID, SavedGate, read_saved
from gatekeeper.core.result_file.trends import MOST_GATES
from gatekeeper.errors import GatekeeperError, cause_of

NAME = "result.json"
_MOST_LISTED = 10
_NO_START = f"its first {HEAD_BYTES:,} bytes do not say when its gate started"
T = TypeVar("T")


class Found(msgspec.Struct, frozen=True):
    """The report folders that a path stands for, and paths there that should not be there.

    Of each of these, `strays` says what is wrong with it.
    """

    folders: list[Path]
    strays: list[tuple[Path, str]] = msgspec.field(default_factory=list)


class History(msgspec.Struct, frozen=True):
    """The earlier gates that trends look at, the last one last.

    `unread` says what could not be read, and `left_out` how many gates are not looked at.
    """

    gates: tuple[PastGate, ...] = ()
    unread: tuple[str, ...] = ()
    left_out: str = ""


def find_reports(place: Path) -> Found:
    """Return the report folders that a path stands for: itself, or those in it.

    A folder without a result of its own that holds some stands for all its folders, so that one
    among them without a result is missed.
    """
    try:
        if place.is_dir() and not _has_result(place):
            inside = sorted(place.iterdir())
            folders = [one for one in inside if one.is_dir()]
            if any(map(_has_result, folders)):
                strays = [
                    (one, "it lies among report folders, and is none")
                    for one in inside
                    if not one.is_dir() and not one.name.startswith(".")
                ]
                return Found(folders, strays + _nested(folders))
    except OSError:
        # Why it cannot be read, reading it will tell.
        pass
    return Found([place], _nested([place]))


def is_of_shard(file: Path) -> bool:
    """Whether a file's first bytes say that it is the result of a shard."""
    try:
        return _SHARD.search(_content(file, HEAD_BYTES)) is not None
    except GatekeeperError:
        return False


_SHARD = re.compile(rb'"shard"\s*:\s*\{')


def _has_result(folder: Path) -> bool:
    # A link that leads nowhere is missed when it is read.
    return os.path.lexists(folder / NAME)


def _nested(folders: Iterable[Path]) -> list[tuple[Path, str]]:
    """Tell which of the folders with a result have others below them."""
    strays: list[tuple[Path, str]] = []
    for folder in filter(_has_result, folders):
        below = next((one for one in _folders_below(folder) if _has_result(one)), None)
        if below is not None:
            strays.append((folder, f"it has a {NAME}, and so has {below} below it"))
    return strays


def _folders_below(folder: Path) -> Iterator[Path]:
    for parent, names, _ in os.walk(folder):
        yield from (Path(parent, name) for name in sorted(names))


def is_missing(file: Path) -> bool:
    """Whether there is nothing at a path; a path that cannot be looked at is not missing."""
    try:
        file.stat()
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        pass
    return False


def read_result_file(place: Path) -> SavedGate:
    """Read the `result.json` that a report folder holds, or that a path names.

    Raises `GatekeeperError`, in words.
    """
    return read_result(place / NAME if _is_folder(place) else place)


def read_result(file: Path) -> SavedGate:
    """Read a `result.json`; raises `GatekeeperError`, in words."""
    return _parsed(file, read_saved)


def _parsed(file: Path, parse: Callable[[bytes], T]) -> T:
    body = _content(file)
    try:
        return parse(body)
    except GatekeeperError as error:
        raise _unreadable(file, error.what) from None


def _is_folder(place: Path) -> bool:
    try:
        return place.is_dir()
    except (OSError, ValueError):
        return False


def _content(file: Path, most: int = -1) -> bytes:
    """Read at most so many bytes of a regular file: anything else could keep the gate waiting."""
    try:
        with open(file, "rb", opener=_without_waiting) as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                raise _unreadable(file, "not a regular file")
            return opened.read(most)
    except (OSError, ValueError) as error:
        raise _unreadable(file, cause_of(error)) from None


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _unreadable(file: Path, why: str) -> GatekeeperError:
    return GatekeeperError(f"{file} cannot be read: {why}")


def read_history(place: Path) -> History:
    """Read the newest results below a folder, whatever their names, or the one that a path names.

    Of the others, only the heads are read.
    """
    found: list[tuple[datetime, Path]] = []
    unread: list[str] = []
    for file in _results_below(place):
        try:
            begun = start_time_in(_content(file, HEAD_BYTES))
            if begun is None:
                raise _unreadable(file, f"{INVALID}: {_NO_START}")
            found.append((begun, file))
        except GatekeeperError as error:
            unread.append(error.what)
    if not found and not unread:
        unread = [f"there is no result in {place}"]
    found.sort()
    gates: list[PastGate] = []
    while found and len(gates) < MOST_GATES:
        _, file = found.pop()
        try:
            gates.append(_parsed(file, read_past))
        except GatekeeperError as error:
            unread.append(error.what)
    more = len(unread) - _MOST_LISTED
    listed = [*unread[:_MOST_LISTED], f"and {more} more cannot be read"] if more > 0 else unread
    used = f"the newest {len(gates)} of {len(gates) + len(found)} results are used"
    gates.sort(key=lambda gate: gate.start_time)
    return History(tuple(gates), tuple(listed), used if found else "")


def _results_below(place: Path) -> Iterator[Path]:
    if os.path.lexists(place) and not _is_folder(place):
        yield place
    for parent, _, names in os.walk(place):
        yield from (Path(parent, name) for name in sorted(names) if name.endswith(".json"))
