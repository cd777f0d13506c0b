"""The deadline of a run: the time left, and waiting no longer than that."""

from __future__ import annotations

import time
from collections.abc import Callable


class Deadline:
    """A timeout that starts now, by a monotonic clock. All times are in seconds."""

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
        """The time since the start."""
        return self._clock() - self._start

    @property
    def remaining(self) -> float:
        """The time left; never negative."""
        return max(0.0, self.timeout - self.elapsed)

    def pause(self, wait: float) -> None:
        """Sleep for `wait` seconds, or until the deadline if that is sooner."""
        self._sleep(min(wait, self.remaining))
