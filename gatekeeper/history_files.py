"""The `result.json` files of earlier gates in a history folder: finds and reads the newest."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from gatekeeper.core.result_file.history import (
    HEAD_BYTES,
    PastGate,
    RunKey,
    read_past,
    start_time_in,
)
from gatekeeper.core.result_file.schema import INVALID
from gatekeeper.core.result_file.trends import MOST_GATES
from gatekeeper.core.runs_file import NAME as RUNS
from gatekeeper.errors import GatekeeperError
from gatekeeper.result_files import is_folder, parsed, read_content, unreadable

_MOST_LISTED = 10
_NO_START = f"no start time in its first {HEAD_BYTES:,} bytes"


class History(msgspec.Struct, frozen=True):
    """The earlier gates that trends show, the latest one last.

    Of each step, only the latest gate in which it passed has its responses, to save memory.
    `unread` says what could not be read, `left_out` how many gates are not used.
    """

    gates: tuple[PastGate, ...] = ()
    unread: tuple[str, ...] = ()
    left_out: str = ""


def read_history(place: Path) -> History:
    """Read the newest results in a folder and its subfolders, or the one file that a path names.

    Files can have any name ending in `.json`. Of the older ones, only the beginning is read. The
    results of partial gates are ignored: a suite that failed would count again for each of them.
    """
    found: list[tuple[datetime, Path]] = []
    unread: list[str] = []
    for file in _json_files(place):
        try:
            begun = start_time_in(read_content(file, HEAD_BYTES))
            if begun is None:
                raise unreadable(file, f"{INVALID}: {_NO_START}")
            found.append((begun, file))
        except GatekeeperError as error:
            unread.append(error.what)
    if not found and not unread:
        unread = [f"no result found in {place}"]
    found.sort()
    gates: list[PastGate] = []
    partial = 0
    answered: set[tuple[RunKey, str]] = set()
    while found and len(gates) < MOST_GATES:
        _, file = found.pop()
        try:
            gate = parsed(file, read_past).without_answers(answered)
            if gate.is_partial:
                partial += 1
                continue
            answered.update(gate.answered())
            gates.append(gate)
        except GatekeeperError as error:
            unread.append(error.what)
    unlisted = len(unread) - _MOST_LISTED
    if unlisted > 0:
        unread[_MOST_LISTED:] = [f"{unlisted} more cannot be read"]
    used = f"using the newest {len(gates)} of {len(gates) + len(found)} results" if found else ""
    ignored = f"ignoring {partial} of partial gates" if partial else ""
    gates.sort(key=lambda gate: gate.start_time)
    return History(tuple(gates), tuple(unread), ", ".join(filter(None, (used, ignored))))


def _json_files(place: Path) -> Iterator[Path]:
    if os.path.lexists(place) and not is_folder(place):
        yield place
    for parent, _, names in os.walk(place):
        # The folder of a gate that attached to runs can have their file as well.
        results = (name for name in sorted(names) if name.endswith(".json") and name != RUNS)
        yield from (Path(parent, name) for name in results)
