"""One app on the platform: its stream, and how many runs may be started in it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from gatekeeper.core.pacing import limit_wait


class StartLimit:
    """Keeps the starts of an app's runs within the platform's limits; safe to use from threads.

    The platform counts them per app, whatever suites they are of.
    """

    def __init__(self, stream_id: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.stream_id = stream_id
        self._clock = clock
        self._starts: list[float] = []
        self._lock = threading.Lock()

    def reserve(self, patience: float) -> float:
        """Take the next place for a start, and return in how many seconds that is.

        One that is not within `patience` (in seconds) is left to others.
        """
        with self._lock:
            now = self._clock()
            wait = limit_wait(self._starts, now)
            if wait < patience:
                self._starts.append(now + wait)
            return wait
