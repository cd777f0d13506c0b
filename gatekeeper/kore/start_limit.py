"""The platform's limit on starting runs, which it counts per app."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from gatekeeper.core.rate_limits import limit_wait


class StartLimit:
    """Spaces the starts of one app's runs, whatever suites they belong to. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._starts: list[float] = []
        self._lock = threading.Lock()

    def reserve(self, max_wait: float) -> float:
        """Return the seconds until the next start is allowed, and reserve that moment.

        Nothing is reserved if the wait is `max_wait` seconds or more.
        """
        with self._lock:
            now = self._clock()
            wait = limit_wait(self._starts, now)
            if wait < max_wait:
                self._starts.append(now + wait)
            return wait
