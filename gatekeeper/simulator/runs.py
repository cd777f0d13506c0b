"""Runs of suites: how far one is at a moment, and what is answered about it."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, repeat
from typing import Any

from gatekeeper.simulator.scenario import Scenario
from gatekeeper.simulator.status_bodies import Identity, encoded, finished, in_progress

_UNKNOWN_STEPS = 10
_MOST_STEPS = 10_000


@dataclass(frozen=True, slots=True)
class SimulatedSuite:
    """A suite as its runs need it.

    `duration` is in seconds of simulated time; a run with a `hold` stands still at that percentage
    when that time is over, and does not end. `result` makes the answer about an ended run.
    """

    name: str
    total_steps: int
    duration: float
    hold: int | None
    result: Callable[[Identity], bytes]

    @property
    def suite_id(self) -> str:
        """The platform's own id of the suite: the same for the same name."""
        return f"ctc-{uuid.uuid5(uuid.NAMESPACE_OID, self.name.encode().hex())}"


def suite_of_scenario(scenario: Scenario) -> SimulatedSuite:
    """Return the suite whose runs go as the scenario says."""

    def result(identity: Identity) -> bytes:
        return encoded(finished(identity, scenario))

    return SimulatedSuite(
        scenario.name, len(scenario.steps), scenario.duration, scenario.hold, result
    )


def suite_of_bodies(
    name: str, answers: Sequence[dict[str, Any] | bytes], duration: float
) -> SimulatedSuite:
    """Return a suite whose runs end with these very answers in turn, and ever after with the last.

    Bytes are sent as they are.
    """
    bodies = [answer if isinstance(answer, bytes) else encoded(answer) for answer in answers]
    turns = chain(bodies, repeat(bodies[-1]))
    return SimulatedSuite(name, _steps_told(bodies[0]), duration, None, lambda _: next(turns))


def _steps_told(body: bytes) -> int:
    """Return how many steps an answer tells of, or a number to count progress by."""
    try:
        total = json.loads(body)["totalTestStepsCount"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return _UNKNOWN_STEPS
    return total if type(total) is int and 0 < total <= _MOST_STEPS else _UNKNOWN_STEPS


class Run:
    """One run of a suite, going by the monotonic clock, `speed` times as fast."""

    def __init__(self, suite: SimulatedSuite, identity: Identity, speed: float) -> None:
        self.suite = suite
        self._identity = identity
        self._speed = speed
        self._began = time.monotonic()
        self._ended = False
        self._result = b""
        self._step_ends = step_ends(suite)

    def finish(self) -> None:
        """Let the run end now, whatever it was at."""
        self._ended = True

    def status_body(self) -> bytes:
        """Return what the status call answers at this moment."""
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
    """Return when each step ends, in simulated seconds: unevenly, but the same in every run."""
    weights = [
        64 + hashlib.sha256(f"{index} {suite.name!r}".encode()).digest()[0]
        for index in range(suite.total_steps)
    ]
    scale = suite.duration / max(1, sum(weights))
    return tuple(passed * scale for passed in accumulate(weights))
