"""The file of a gate's events: a line is added when something happens, whole and at once."""

from __future__ import annotations

import os
import re
import stat
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from gatekeeper.console import Console
from gatekeeper.core.reports.events import HEAD, Event, json_line
from gatekeeper.errors import cause_of, internal_error
from gatekeeper.files import feed, links_out_of, open_stream
from gatekeeper.log_writer import writing_to

# Shorter than for reports: whoever watches a run waits for it.
_PIPE_SECONDS = 2
_OUTPUTS = re.compile(r"/dev/(stdout|stderr)|/(?:dev|proc/self)/fd/([12])")


class Events:
    """Adds events to a file, from any thread, until the gate's verdict is written.

    A line that cannot be written is a warning in the log, once, and never changes the verdict.
    """

    def __init__(self, add: Callable[[str], None] | None = None) -> None:
        self._add = add
        self._lock = threading.Lock()
        self._has_failed = False

    def write(self, event: Event, console: Console) -> None:
        """Add an event, with the secrets masked that the log masks."""
        if self._add is None:
            return
        with self._lock:
            if self._add is None:
                return
            try:
                self._add(json_line(event, datetime.now(UTC), console.mask))
            except Exception as error:  # noqa: BLE001 - an event must not cost the verdict
                why = cause_of(error) if isinstance(error, OSError) else internal_error(error)
                if not self._has_failed:
                    console.say(f"warning: an event could not be written: {why}")
                self._has_failed = True

    def write_last(self, event: Event, console: Console) -> None:
        """Add an event after which no other is added."""
        self.write(event, console)
        self._add = None


NO_EVENTS = Events()


def open_events(path: Path, workspace: Path) -> Events:
    """Open a file of events, which replaces that of an earlier gate.

    A device or pipe is written to directly. Raises `ValueError` with the reason if the file cannot
    be written, is a link, or has another content than events.
    """
    try:
        return Events(_opened(path, workspace))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be written: {cause_of(error)}") from None


def _opened(path: Path, workspace: Path) -> Callable[[str], None]:
    if output := _OUTPUTS.fullmatch(os.path.normpath(path)):
        # In turn with the log, and without waiting for its reader.
        return writing_to(sys.stdout if "out" in output[0] or output[2] == "1" else sys.stderr)
    stream = open_stream(path)
    if stream is not None:
        return _Stream(stream).add
    if path.is_symlink():
        raise OSError(None, "it is a symbolic link")
    if links_out_of(path.parent, workspace):
        raise OSError(None, f"{path.parent} is a symbolic link out of the workspace")
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    return _LineFile(path).add


class _Stream:
    """A device or pipe, which gets nothing more once it has failed: a line could be incomplete."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def add(self, line: str) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            feed(descriptor, line.encode(), _PIPE_SECONDS)
            self._descriptor = descriptor


class _LineFile:
    """A file that lines are added to, each completely or not at all."""

    def __init__(self, path: Path) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        self._descriptor = os.open(path, flags, 0o644)
        self._size = 0
        try:
            self._empty()
        except OSError:
            os.close(self._descriptor)
            raise

    def _empty(self) -> None:
        if not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
            raise OSError(None, "it is not a regular file")
        if os.read(self._descriptor, len(HEAD)) not in (b"", HEAD):
            raise OSError(None, "it is not a file of events: remove it, or choose another path")
        os.truncate(self._descriptor, 0)

    def add(self, line: str) -> None:
        content = line.encode()
        try:
            written = os.write(self._descriptor, content)
            if written < len(content):
                # The disk is full, which the rest fails with.
                os.write(self._descriptor, content[written:])
        except OSError:
            os.truncate(self._descriptor, self._size)
            raise
        self._size += len(content)
