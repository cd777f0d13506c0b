"""One app on the platform: its stream, and how many runs may be started in it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from gatekeeper.core.pacing import limit_wait


class App:
    """Keeps the starts of an app's runs within the platform's limits; safe to use from threads.

    The platform counts them per app, whatever suites they are of.
    """

    def __init__(self, stream_id: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.stream_id = stream_id
        self._clock = clock
        self._sent: list[float] = []
        self._lock = threading.Lock()

    def take_start(self) -> float:
        """Take a place for one start: 0.0 if it may be sent now, else the seconds to wait first."""
        with self._lock:
            now = self._clock()
            wait = limit_wait(self._sent, now)
            if not wait:
                self._sent.append(now)
            return wait
