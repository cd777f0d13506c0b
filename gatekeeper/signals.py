"""SIGINT and SIGTERM: the first one ends what is going on, a second one ends the program."""

from __future__ import annotations

import os
import signal
from types import FrameType

from gatekeeper.errors import Interrupted


class Signals:
    """Handles SIGINT and SIGTERM from its construction on, by raising `Interrupted`.

    `received` is the number of the signal that came, if one did.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._held = False
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, self._handle)

    def hold(self) -> None:
        """Only note a first signal from now on, so that what is left to do gets done."""
        self._held = True

    def _handle(self, signum: int, _frame: FrameType | None) -> None:
        if self.received is not None:
            os._exit(128 + signum)
        self.received = signum
        if not self._held:
            raise Interrupted(signum)
