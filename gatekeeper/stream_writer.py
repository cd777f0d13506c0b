"""Standard output and error, each written on a thread of its own.

A pipe that nobody reads (`| sleep 1000`, a stopped `less`, a runner that hangs) blocks whoever
writes to it. So only these threads write: a run is polled, reports are written and signals are
handled while they are blocked, and the process ends without them.
"""

from __future__ import annotations

import contextlib
import io
import os
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import TextIO

_MOST_WAITING = 10_000
# A stream that takes nothing for this long, with that many texts waiting, loses further ones.
_STALL_SECONDS = 2.0


class StreamWriter:
    """Writes texts to a stream in their order; thread-safe, and never blocked by the stream.

    It holds no lock that a signal's exception could leave locked.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._queue: SimpleQueue[str | Callable[[], None]] = SimpleQueue()
        self._written = 0
        self._dropped = 0
        threading.Thread(target=self._work, name="log", daemon=True).start()

    def write(self, text: str) -> None:
        """Have a text written; it is dropped if too many are waiting and the stream is stalled."""
        is_full = self._queue.qsize() >= _MOST_WAITING
        if is_full and (self._dropped or not self.drain(_STALL_SECONDS)):
            self._dropped += 1
            return
        if self._dropped:
            self._queue.put(f"({self._dropped} lines are missing here: the log was not read)\n")
            self._dropped = 0
        self._queue.put(text)

    def drain(self, patience: float) -> bool:
        """Wait until the texts so far are written; return whether they are.

        Gives up when nothing has been written for `patience` seconds.
        """
        waiting = threading.Lock()
        waiting.acquire()
        self._queue.put(waiting.release)
        while True:
            before = self._written
            if waiting.acquire(timeout=patience):
                return True
            if self._written == before:
                return False

    def _work(self) -> None:
        while True:
            item = self._queue.get()
            if isinstance(item, str):
                write_text(self._stream, item)
                self._written += 1
            else:
                item()


def write_text(stream: TextIO | None, text: str) -> None:
    """Write a text at once; a stream that is closed or cannot be written to is ignored."""
    if stream is None:
        return
    try:
        try:
            stream.write(text)
        except UnicodeEncodeError:
            stream.write(text.encode("ascii", "backslashreplace").decode())
        stream.flush()
    except (OSError, ValueError):
        # The log has no reader or cannot be written; the reports still can.
        _silence(stream)


def _silence(stream: TextIO) -> None:
    """Discard what is written from now on, and what the stream still holds."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class QueuedStream(io.TextIOBase):
    """A stream for those who write to streams themselves; what they write is queued."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._write = writing_to(stream)

    @property
    def encoding(self) -> str:  # type: ignore[override] # not assigned by anyone
        """The encoding of the stream itself."""
        return self._stream.encoding

    def isatty(self) -> bool:
        """Return whether the stream itself is a terminal."""
        return self._stream.isatty()

    def write(self, text: str) -> int:
        """Have a text written."""
        self._write(text)
        return len(text)


_writers: dict[TextIO, StreamWriter] = {}


def writing_to(stream: TextIO | None) -> Callable[[str], None]:
    """Return what writes to a stream: its thread, or for a stream in memory, the caller's."""
    if stream in _writers:
        return _writers[stream].write
    # Not a file, or the system permits no further thread.
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        if stream is not None and stream.fileno() >= 0:
            return _writers.setdefault(stream, StreamWriter(stream)).write
    return partial(write_text, stream)


def drain_all(patience: float) -> bool:
    """Wait until all texts are written; gives up on a stream as `StreamWriter.drain` does."""
    drained = [writer.drain(patience) for writer in _writers.values()]
    return all(drained)
