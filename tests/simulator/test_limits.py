"""The rolling limits: a minute's and an hour's, of runs per app, of status calls per run."""

from dataclasses import dataclass

import pytest

from gatekeeper.simulator import Simulator
from gatekeeper.simulator.limits import DOCUMENTED, RollingLimits
from gatekeeper.simulator.refusals import Refusal
from support.caller import Caller

PER_MINUTE = (
    429,
    "You've exceeded the per-minute rate limit. Please wait for sometime before retrying.",
    429,
)
HOURLY = (
    429,
    "You've exceeded the hourly rate limit. Please wait for sometime before retrying.",
    429,
)


def test_starts_are_limited_per_app() -> None:
    with Simulator(limits=(2, 100)) as sim, Caller(sim) as caller:
        assert caller.start("completed").status == 200
        assert caller.start("empty").status == 200
        assert caller.start("banking-transfer").error == PER_MINUTE


def test_status_calls_are_limited_per_run() -> None:
    with Simulator(limits=(2, 100)) as sim, Caller(sim) as caller:
        one, other = sim.start("completed"), sim.start("completed")

        assert [caller.status("completed", one).status for _ in range(4)] == [200, 200, 429, 429]
        assert caller.status("completed", one).error == PER_MINUTE
        assert caller.status("completed", other).status == 200


def test_over_the_hourly_limit_its_text_comes_first() -> None:
    with Simulator(limits=(3, 3)) as sim, Caller(sim) as caller:
        run_id = sim.start("completed")
        for _ in range(3):
            caller.status("completed", run_id)

        assert caller.status("completed", run_id).error == HOURLY


def test_the_61st_request_in_a_minute_is_refused_by_default(caller: Caller) -> None:
    run_id = caller.simulator.start("completed")

    statuses = [caller.status("completed", run_id).status for _ in range(61)]

    assert statuses == [200] * 60 + [429]


def test_a_token_that_is_refused_does_not_count() -> None:
    with Simulator(limits=(1, 1)) as sim, Caller(sim) as caller:
        assert [caller.start("completed", auth=None).status for _ in range(3)] == [401] * 3
        assert caller.start("completed").status == 200


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def admitted(limits: RollingLimits) -> bool:
    try:
        limits.admit("run")
    except Refusal:
        return False
    return True


def test_a_minute_is_any_60_seconds() -> None:
    clock = Clock()
    limits = RollingLimits(2, 100, clock)
    found = []
    for clock.now in (0, 50, 59.9, 60, 61, 109.9, 110):
        found.append(admitted(limits))

    assert found == [True, True, False, True, False, False, True]


def test_the_documented_numbers_hold_over_an_hour() -> None:
    """At one request every two seconds, the hour's 1,800 are just kept; any faster, they end."""
    clock = Clock(0.0)
    limits = RollingLimits(clock=clock)

    assert DOCUMENTED == (60, 1800)
    for number in range(4000):
        clock.now = number * 2.0
        assert admitted(limits)
    clock.now += 1.0
    with pytest.raises(Refusal, match="hourly"):
        limits.admit("run")


def test_once_the_hour_is_used_up_a_quiet_minute_does_not_help() -> None:
    clock = Clock(0.0)
    limits = RollingLimits(60, 100, clock)
    for number in range(100):
        clock.now = float(number)
        limits.admit("run")

    clock.now = 3599.0
    assert not admitted(limits)
    clock.now = 3600.0
    assert admitted(limits)
