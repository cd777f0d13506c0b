"""The job log: every line is inert and there at once, and no minute passes without one."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TextIO

from gatekeeper.core.text import inert, printable
from gatekeeper.redaction import Redactor

_SILENCE_SECONDS = 60.0
_NOTHING_SECRET = Redactor(())


class Console:
    """Writes lines to a stream, from any thread; goes on in silence when nobody reads them."""

    def __init__(self, stream: TextIO, redactor: Redactor = _NOTHING_SECRET) -> None:
        self._stream = stream
        self._redactor = redactor
        self._lock = threading.Lock()
        self._last = time.monotonic()

    def say(self, line: str) -> None:
        """Write a line: no secret, and nothing that a terminal or a CI platform would obey."""
        self.command(inert(printable(self._redactor.text(line))))

    def command(self, line: str) -> None:
        """Write a line as it is, for the CI platform to obey."""
        with self._lock:
            self._last = time.monotonic()
            try:
                self._write(line)
            except (OSError, ValueError):
                # Nobody reads the log any more, or it cannot be written. The reports still can.
                self._silence()

    def _write(self, line: str) -> None:
        try:
            print(line, file=self._stream, flush=True)
        except UnicodeEncodeError:
            plain = line.encode("ascii", "backslashreplace").decode()
            print(plain, file=self._stream, flush=True)

    def _silence(self) -> None:
        """Send all further lines nowhere, lest Python end with a code of its own over them."""
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())

    def say_all(self, lines: Iterable[str]) -> None:
        """Write several lines."""
        for line in lines:
            self.say(line)

    @contextmanager
    def heartbeat(
        self, line: Callable[[], str], silence: float = _SILENCE_SECONDS
    ) -> Iterator[None]:
        """Say the line that `line` returns whenever nothing was said for `silence` seconds."""
        over = threading.Event()

        def beat() -> None:
            while not over.wait(max(0.1, silence - (time.monotonic() - self._last))):
                if time.monotonic() - self._last >= silence:
                    self.say(line())

        threading.Thread(target=beat, name="heartbeat", daemon=True).start()
        try:
            yield
        finally:
            over.set()
