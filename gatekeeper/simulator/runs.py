"""Runs of suites: their progress over time, and the bodies of their status responses."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, cycle, repeat
from typing import Any

from gatekeeper.simulator.scenario import Scenario
from gatekeeper.simulator.status_bodies import Identity, encoded, finished, in_progress

_UNKNOWN_STEPS = 10
_MOST_STEPS = 10_000


@dataclass(frozen=True, slots=True)
class SimulatedSuite:
    """A suite, and how its runs go.

    `duration` is in seconds of simulated time. After that time, a run with a `hold` stays at that
    percentage and never ends. `result` returns the status body of a finished run.
    """

    name: str
    total_steps: int
    duration: float
    hold: int | None
    result: Callable[[Identity], bytes]

    @property
    def suite_id(self) -> str:
        """The platform's id of the suite: the same for the same name."""
        return f"ctc-{uuid.uuid5(uuid.NAMESPACE_OID, self.name.encode().hex())}"


def suite_of_scenario(scenario: Scenario) -> SimulatedSuite:
    """Return a suite whose runs follow a scenario."""
    turns = cycle([scenario, scenario.second or scenario])

    def result(identity: Identity) -> bytes:
        return encoded(finished(identity, next(turns)))

    return SimulatedSuite(
        scenario.name, len(scenario.steps), scenario.duration, scenario.hold, result
    )


def suite_of_bodies(
    name: str, bodies: Sequence[dict[str, Any] | bytes], duration: float
) -> SimulatedSuite:
    """Return a suite whose runs end with one of these status bodies each, later ones with the last.

    Bytes are sent as they are.
    """
    contents = [body if isinstance(body, bytes) else encoded(body) for body in bodies]
    turns = chain(contents, repeat(contents[-1]))
    return SimulatedSuite(name, _total_steps(contents[0]), duration, None, lambda _: next(turns))


def _total_steps(body: bytes) -> int:
    """Return the number of steps in a status body, or a default to count progress by."""
    try:
        total = json.loads(body)["totalTestStepsCount"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return _UNKNOWN_STEPS
    return total if type(total) is int and 0 < total <= _MOST_STEPS else _UNKNOWN_STEPS


class Run:
    """A run of a suite on the monotonic clock, `speed` times as fast."""

    def __init__(self, suite: SimulatedSuite, identity: Identity, speed: float) -> None:
        self.suite = suite
        self._identity = identity
        self._speed = speed
        self._began = time.monotonic()
        self._ended = False
        self._result = b""
        self._step_ends = step_ends(suite)

    def finish(self) -> None:
        """End the run now."""
        self._ended = True

    def status_body(self) -> bytes:
        """Return the status body at this moment."""
        elapsed = (time.monotonic() - self._began) * self._speed
        over = elapsed >= self.suite.duration
        if self._ended or (over and self.suite.hold is None):
            self._result = self._result or self.suite.result(self._identity)
            return self._result
        total = self.suite.total_steps
        done = min(bisect_right(self._step_ends, elapsed), max(0, total - 1))
        percentage = 100 * done // max(1, total)
        if over and self.suite.hold is not None:
            percentage = self.suite.hold
        return encoded(in_progress(self._identity, total, percentage))


def step_ends(suite: SimulatedSuite) -> tuple[float, ...]:
    """Return when each step ends, in simulated seconds: irregular, but the same in every run."""
    weights = [
        64 + hashlib.sha256(f"{index} {suite.name!r}".encode()).digest()[0]
        for index in range(suite.total_steps)
    ]
    scale = suite.duration / max(1, sum(weights))
    return tuple(passed * scale for passed in accumulate(weights))
