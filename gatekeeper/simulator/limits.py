"""The platform's rate limits for any minute and any hour."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Hashable

from gatekeeper.simulator.refusals import rate_limited

MINUTE = 60.0
HOUR = 3600.0
DOCUMENTED = (60, 1800)


class RollingLimits:
    """Counts the accepted requests for each key.

    Refused requests do not count, so a client that waits long enough is served again.
    """

    def __init__(
        self,
        per_minute: int = DOCUMENTED[0],
        per_hour: int = DOCUMENTED[1],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_minute = per_minute
        self._per_hour = per_hour
        self._clock = clock
        self._served: dict[Hashable, deque[float]] = {}

    def admit(self, key: Hashable) -> None:
        """Count a request of this key; raises `Refusal` if it exceeds a limit.

        The hourly limit is checked first: once it is used up, waiting a minute does not help.
        """
        now = self._clock()
        served = self._served.setdefault(key, deque())
        while served and now - served[0] >= HOUR:
            served.popleft()
        if len(served) >= self._per_hour:
            raise rate_limited("hourly")
        if sum(now - then < MINUTE for then in served) >= self._per_minute:
            raise rate_limited("per-minute")
        served.append(now)
