"""SIGINT and SIGTERM: the first one ends the waiting, a second one ends the program."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from gatekeeper.errors import Interrupted


class Signals:
    """Handles SIGINT and SIGTERM from its construction on."""

    def __init__(self) -> None:
        self.received: int | None = None
        self._waiting = False
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, self._handle)

    @contextmanager
    def ending_the_wait(self) -> Iterator[None]:
        """Raise `Interrupted` from within when a signal comes; outside, it is only noted."""
        if self.received is not None:
            raise Interrupted(self.received)
        self._waiting = True
        try:
            yield
        finally:
            self._waiting = False

    def _handle(self, signum: int, _frame: FrameType | None) -> None:
        if self.received is not None:
            os._exit(128 + signum)
        self.received = signum
        if self._waiting:
            self._waiting = False
            raise Interrupted(signum)
