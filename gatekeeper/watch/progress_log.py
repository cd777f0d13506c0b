"""What the log says of the progress: what changed, but not too often, and a line per minute."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gatekeeper.console import Console
from gatekeeper.core.model import Run
from gatekeeper.core.progress import GateProgress
from gatekeeper.core.reports import log

# Lines about the progress are at least this far apart.
_INTERVAL_SECONDS = 15.0
# A log without a line for this long looks dead; some platforms then end the job.
_SILENCE_SECONDS = 60.0
# Some platforms end a job after ten minutes of silence.
_QUIET_SILENCE_SECONDS = 540.0
_TURN_SECONDS = 0.5


class ProgressLog:
    """Logs how far the suites of a gate are, unless a live display shows it; thread-safe.

    Of one suite it logs the percentage, of several how many have ended; to a quiet log, only often
    enough for it not to look dead. The main thread, which
    signals interrupt, must not call it.
    """

    def __init__(
        self,
        console: Console,
        progress: Callable[[], GateProgress],
        *,
        interval: float = _INTERVAL_SECONDS,
        silence: float | None = None,
    ) -> None:
        self._console = console
        self._progress = progress
        self._interval = interval
        usual = _QUIET_SILENCE_SECONDS if console.quiet else _SILENCE_SECONDS
        self._silence = usual if silence is None else silence
        self._lock = threading.Lock()
        self._logged: object = None
        self._next = 0.0

    def ended(self, run: Run) -> None:
        """Log how one of several suites ended."""
        if self._has_several(self._progress()):
            self._console.inform(log.ended(run))
            self.changed()

    def changed(self) -> None:
        """Log the progress, if there is something new and the last line about it is old enough."""
        if self._console.quiet:
            return
        with self._lock:
            progress = self._progress()
            state = self._state(progress)
            if state != self._logged and time.monotonic() >= self._next:
                self._log(progress)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Log in this context what was too early to be logged, and something per minute."""
        has_ended = threading.Event()

        def work() -> None:
            while not has_ended.wait(min(_TURN_SECONDS, self._silence)):
                if self._console.silence >= self._silence:
                    with self._lock:
                        self._log(self._progress())
                elif self._logged is not None:
                    self.changed()

        threading.Thread(target=work, name="progress", daemon=True).start()
        try:
            yield
        finally:
            has_ended.set()

    def _log(self, progress: GateProgress) -> None:
        self._logged = self._state(progress)
        self._next = time.monotonic() + self._interval
        if self._has_several(progress):
            self._console.update(log.total(progress))
        else:
            for suite in progress.running:
                self._console.update(log.progress(suite))

    def _state(self, progress: GateProgress) -> object:
        """Return what a line about the progress is written for if it changes."""
        if self._has_several(progress):
            return progress.done, progress.counts
        return [suite.percentage for suite in progress.suites]

    @staticmethod
    def _has_several(progress: GateProgress) -> bool:
        return len(progress.suites) > 1
