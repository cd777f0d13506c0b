"""SIGHUP, SIGINT and SIGTERM: the first one ends the gate in order, a second one ends the process.

An ignored SIGHUP stays ignored, so that a gate started with `nohup` outlives its terminal.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

from gatekeeper.errors import ExitCode, Interrupted

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

# Windows has no SIGHUP.
_HANGUP = getattr(signal, "SIGHUP", None)
HANDLED = tuple(filter(None, (_HANGUP, signal.SIGINT, signal.SIGTERM)))
# Long enough for Python to leave the callback that the exception was raised in.
_UNTIL_RAISED_AGAIN = 0.02  # seconds


def exit_on_signals() -> None:
    """End the process at the first signal, until a `Signals` takes over."""
    _handle_by(_exit)


def _handle_by(handler: Callable[[int, FrameType | None], None]) -> None:
    for signum in HANDLED:
        if signum != _HANGUP or signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, handler)


def _exit(signum: int, _frame: FrameType | None) -> None:
    os._exit(ExitCode.of_signal(signum))


class Signals:
    """Handles signals from its construction on, by raising `Interrupted` in the main thread.

    `received` is the number of the first signal, or `None`. Python ignores what is raised in a
    finalizer or in the callback of a weak reference, such as its import lock's: `Interrupted` is
    then raised again shortly after.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._held = False
        _handle_by(self._handle)
        # Windows has no timer that interrupts the main thread.
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self._raise_again)
            sys.unraisablehook = self._on_ignored

    def hold(self) -> None:
        """Only record a first signal from now on, so that the reports still get written."""
        self._held = True

    def _handle(self, signum: int, frame: FrameType | None) -> None:
        if self.received is not None:
            _exit(signum, frame)
        self.received = signum
        if not self._held:
            raise Interrupted(signum)

    def _on_ignored(self, ignored: UnraisableHookArgs) -> None:
        if isinstance(ignored.exc_value, Interrupted):
            signal.setitimer(signal.ITIMER_REAL, _UNTIL_RAISED_AGAIN)
        else:
            sys.__unraisablehook__(ignored)

    def _raise_again(self, _signum: int, _frame: FrameType | None) -> None:
        if self.received is not None and not self._held:
            raise Interrupted(self.received)
