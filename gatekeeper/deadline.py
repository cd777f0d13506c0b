"""The time that the gate has: how much is left, and waiting without going beyond it."""

from __future__ import annotations

import time
from collections.abc import Callable


class Deadline:
    """A point in time, by a clock that nobody can set. All times are in seconds."""

    def __init__(
        self,
        timeout: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._start = clock()
        self.timeout = timeout

    @property
    def elapsed(self) -> float:
        """How much time has passed since the start."""
        return self._clock() - self._start

    @property
    def remaining(self) -> float:
        """How much time is left; never negative."""
        return max(0.0, self.timeout - self.elapsed)

    def pause(self, wait: float) -> None:
        """Sleep for a while, and no longer than there is time left."""
        self._sleep(min(wait, self.remaining))
