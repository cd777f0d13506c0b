"""SIGINT and SIGTERM: the first one ends the gate in order, a second one ends the process."""

from __future__ import annotations

import os
import signal
from types import FrameType

from gatekeeper.errors import ExitCode, Interrupted

HANDLED = (signal.SIGINT, signal.SIGTERM)


def exit_on_signals() -> None:
    """End the process at the first signal, until a `Signals` takes over."""
    for signum in HANDLED:
        signal.signal(signum, _exit)


def _exit(signum: int, _frame: FrameType | None) -> None:
    os._exit(ExitCode.of_signal(signum))


class Signals:
    """Handles signals from its construction on, by raising `Interrupted` in the main thread.

    `received` is the number of the first signal, or `None`.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._held = False
        for signum in HANDLED:
            signal.signal(signum, self._handle)

    def hold(self) -> None:
        """Only record a first signal from now on, so that the reports still get written."""
        self._held = True

    def _handle(self, signum: int, frame: FrameType | None) -> None:
        if self.received is not None:
            _exit(signum, frame)
        self.received = signum
        if not self._held:
            raise Interrupted(signum)
