"""Standard output and error, written on a thread of their own.

A pipe that nobody reads (`| sleep 1000`, a stopped `less`, a runner that hangs) blocks whoever
writes to it. So only that thread writes: runs are polled, reports are written and signals are
handled while it is blocked, and the process ends without it. It is one thread for both streams, so
that a mask on one of them comes before everything that follows on the other.
"""

from __future__ import annotations

import contextlib
import io
import os
import threading
from collections.abc import Callable
from functools import cache, partial
from queue import SimpleQueue
from typing import TextIO

_MOST_WAITING = 10_000
# A stream that takes nothing for this long, with that many texts waiting, loses further ones.
_STALL_SECONDS = 2.0


class LogWriter:
    """Writes texts to streams in their order; thread-safe, and never blocked by a stream.

    It holds no lock that a signal's exception could leave locked.
    """

    def __init__(self) -> None:
        self._queue: SimpleQueue[tuple[TextIO, str] | Callable[[], None]] = SimpleQueue()
        self._written = 0
        self._dropped = 0
        threading.Thread(target=self._work, name="log", daemon=True).start()

    def write(self, stream: TextIO, text: str) -> None:
        """Have a text written; it is dropped if too many are waiting and nothing is read."""
        is_full = self._queue.qsize() >= _MOST_WAITING
        if is_full and (self._dropped or not self.drain(_STALL_SECONDS)):
            self._dropped += 1
            return
        if self._dropped:
            note = f"({self._dropped} lines are missing here: the log was not read)\n"
            self._queue.put((stream, note))
            self._dropped = 0
        self._queue.put((stream, text))

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
            if isinstance(item, tuple):
                write_text(*item)
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


_log_writer = cache(LogWriter)


def writing_to(stream: TextIO | None) -> Callable[[str], None]:
    """Return what writes to a stream: the thread, or for a stream in memory, the caller's."""
    # Not a file, or the system permits no further thread.
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        if stream is not None and stream.fileno() >= 0:
            return partial(_log_writer().write, stream)
    return partial(write_text, stream)


def drain(patience: float) -> bool:
    """Wait until all texts are written, as `LogWriter.drain` does; return whether they are."""
    return not _log_writer.cache_info().currsize or _log_writer().drain(patience)
