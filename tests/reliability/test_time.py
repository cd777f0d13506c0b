"""Time: deadlines, clocks, and runs whose progress is inconsistent."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from typing import Any

import jwt
import pytest

from gatekeeper.simulator import Simulator
from support.builders import finished, greeting
from support.faults import (
    answering,
    drip,
    drip_head,
    endless_continue,
    endless_trailers,
    error_body,
    hang,
    retry_at,
)
from support.program import Program
from support.relay import Action, Override, Relay, Stage
from support.trials import (
    MAY_HAVE_BEGUN,
    Ended,
    Trial,
    ended_by,
    nothing_lost,
    row,
    started,
    trials_ahead,
    wait_for,
)


@pytest.fixture(scope="module")
def trials(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Future[Ended]]]:
    with trials_ahead(request, tmp_path_factory) as begun:
        yield begun


@pytest.fixture
def ended(request: pytest.FixtureRequest, trials: Mapping[str, Future[Ended]]) -> Ended:
    return trials[request.node.nodeid].result()


NEVER_ENDING = (
    ("a response that never comes", hang),
    ("a body that arrives byte by byte", drip),
    ("a header that arrives byte by byte", drip_head),
    ("endless interim responses", endless_continue),
    ("endless trailers", endless_trailers),
)
WHERE: tuple[tuple[Stage, int, str, int, str], ...] = (
    ("start", 0, "at the start", 3, "the run may have started"),
    ("last", 0, "at the first poll", 3, "how to attach"),
    ("last", 1, "at a later poll", 4, "how to attach"),
)
TIMEOUT = 3


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        row(
            f"{name}, {where}",
            f"exit {code} at the timeout, no later; {told}",
            Trial((Override(stage, action, lasting=True),), polls, timeout=f"{TIMEOUT}s"),
            code,
        )
        for name, action in NEVER_ENDING
        for stage, polls, where, code, told in WHERE
    ],
    indirect=["ended"],
)
def test_the_deadline_holds_whatever_the_server_does(ended: Ended, code: int) -> None:
    stage = ended.trial.overrides[0].stage
    ended.nothing_lost(code, goes_on=stage != "start")
    assert TIMEOUT - 1 < ended.seconds < TIMEOUT + 2
    assert "no complete response within" in ended.log or "no response in time" in ended.log
    assert (MAY_HAVE_BEGUN in ended.log) is (stage == "start")


def going_on(percentage: float, **fields: Any) -> Action:
    """Answer that the run goes on."""
    result = {"status": "inprogress"}
    told = {"status": "inprogress", "percentageCompleted": percentage, "result": result}
    return answering(json.dumps(told | fields))


def one_by_one(*odds: Action) -> tuple[Override, ...]:
    """Answer one poll after the other like this."""
    return tuple(Override("last", action, at=number) for number, action in enumerate(odds, 1))


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        row(
            "a run whose progress goes backwards, then passes",
            "watched to its end: passed",
            Trial(one_by_one(going_on(80), going_on(20))),
            "80 %",
        ),
        row(
            "a run that is at 100 % and continues, then passes",
            "watched to its end: passed",
            Trial(one_by_one(going_on(100), going_on(100))),
            "100 %",
        ),
        row(
            "a run that is at more than 100 %, and at less than 0 %",
            "watched to its end: passed",
            Trial(one_by_one(going_on(250), going_on(-5))),
            "progress unknown",
        ),
        row(
            "a run whose state is in progress, unknown, in progress, then passed",
            "watched to its end, with a warning: passed",
            Trial(
                one_by_one(
                    going_on(10),
                    going_on(20, status="hibernating", result={"status": "hibernating"}),
                    going_on(30),
                )
            ),
            "warning: unknown status 'hibernating' while the run was in progress",
        ),
        row(
            "a run whose result ends before the run itself does",
            "watched to its end: passed",
            Trial(one_by_one(going_on(100, result={"status": "passed"}))),
            "100 %",
        ),
        row(
            "a run that ends between two polls",
            "the next poll sees its end: passed",
            Trial(one_by_one(going_on(1))),
            "1 %",
        ),
    ],
    indirect=["ended"],
)
def test_a_run_that_wavers_is_watched_to_its_end(ended: Ended, said: str) -> None:
    ended.nothing_lost(0)
    assert said in ended.log
    # What it said last was its right and only end.
    assert ended.relay.count("last") == len(ended.trial.overrides) + 1


@pytest.mark.parametrize(
    "ended",
    [
        row(
            "a run that stops at 99 %",
            "exit 4 at the timeout; how to attach",
            Trial((Override("last", going_on(99), lasting=True),), timeout=f"{TIMEOUT}s"),
        ),
    ],
    indirect=["ended"],
)
def test_a_run_that_stands_still_is_left_at_the_timeout(ended: Ended) -> None:
    ended.nothing_lost(4, goes_on=True)
    assert "99 % done when last seen" in ended.log
    assert "raise timeout" in ended.log
    assert TIMEOUT - 1 < ended.seconds < TIMEOUT + 2


def of_run(run_id: str | None, **fields: Any) -> Action:
    """Answer that a run of this id has passed."""
    return answering(json.dumps(finished(greeting(), **fields) | {"_id": run_id, "streamId": None}))


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        row(
            "a last response about another run",
            "exit 3: a contradiction",
            Trial(one_by_one(going_on(50), of_run("ctr-another"))),
            "it is about ctr-another",
        ),
        row(
            "a run that changes its id while in progress and at its end",
            "exit 3: a contradiction",
            Trial(one_by_one(going_on(50, _id="ctr-another"), of_run("ctr-a-third"))),
            "it is about ctr-a-third",
        ),
    ],
    indirect=["ended"],
)
def test_the_result_of_another_run_is_no_verdict(ended: Ended, said: str) -> None:
    ended.nothing_lost(3, judged=True)
    assert "[contradiction]" in ended.log
    assert f"expected a response about run {ended.relay.run_id}" in ended.log
    assert said in ended.log


UNAUTHORIZED = answering(error_body("Invalid SDK credentials", 4002), 401)


@pytest.mark.parametrize(
    "ended",
    [
        row(
            "a token that is rejected once during a run",
            "retried once with a new token: passed",
            Trial((Override("poll", UNAUTHORIZED, at=2),), polls=2),
        ),
        row(
            "a token that is rejected now and then, once each time",
            "retried once each time with a new token: passed",
            Trial((Override("poll", UNAUTHORIZED), Override("last", UNAUTHORIZED)), polls=1),
        ),
    ],
    indirect=["ended"],
)
def test_a_token_refused_once_in_the_middle_gets_a_fresh_try(ended: Ended) -> None:
    ended.nothing_lost(0)
    assert "although an earlier token was accepted; retrying" in ended.log
    polls = ended.relay.count("poll") + ended.relay.count("last")
    assert polls == ended.trial.polls + 1 + len(ended.trial.overrides)
    tokens = [request.headers["auth"] for request in ended.relay.requests]
    assert len(set(tokens)) == len(tokens)


@pytest.mark.parametrize(
    "ended",
    [
        row(
            "a token that is rejected twice during a run",
            "exit 3 after one retry with a new token, with the cause and how to attach",
            Trial((Override("last", UNAUTHORIZED, lasting=True),), polls=1),
        ),
    ],
    indirect=["ended"],
)
def test_a_token_refused_twice_in_the_middle_ends_it(ended: Ended) -> None:
    ended.nothing_lost(3, goes_on=True)
    assert "Invalid SDK credentials: the token was rejected" in ended.log
    assert "compare client-id, client-secret, jwt-algorithm and stream-id" in ended.log
    assert [request.stage for request in ended.relay.requests] == ["start", "poll", "last", "last"]


# In the middle of the program's first wait, the clock is set to another time.
CLOCK = """
import datetime
import time

right, sleep, shift = time.time, time.sleep, 0


def time_of_day():
    return right() + shift


def sleeping(seconds):
    global shift
    sleep(seconds / 2)
    shift = {shift}
    sleep(seconds / 2)


class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time_of_day(), tz)


time.time = time_of_day
time.sleep = sleeping
datetime.datetime = Clock
"""


# A token of its own would go by the wrong clock, and rightly be refused.
CLAIMS = {"sub": "tests", "appId": Simulator.client_id, "exp": 4_000_000_000}
READY = {
    "GATEKEEPER_CLIENT_SECRET": "",
    "GATEKEEPER_JWT": jwt.encode(CLAIMS, Simulator.client_secret, algorithm="HS256"),
}


@pytest.mark.parametrize(
    "ended",
    [
        row(
            f"a clock set {by} {when}",
            "no effect: passed",
            Trial(overrides, polls=1, environ=READY, first=CLOCK.format(shift=shift)),
        )
        for by, shift in (("an hour ahead", 3600), ("an hour back", -3600))
        for when, overrides in (
            ("during a wait between polls", ()),
            ("during a retry's wait", (Override("poll", answering(b"", 503, Retry_After="2")),)),
            ("before a retry's wait until a date", (Override("last", retry_at(2, 503)),)),
        )
    ],
    indirect=["ended"],
)
def test_a_clock_that_jumps_neither_ends_nor_lengthens_a_wait(ended: Ended) -> None:
    result = ended.nothing_lost(0)
    assert 1 < ended.seconds < 10
    assert abs(result["duration"] - ended.seconds) < 2
    stages = [request.stage for request in ended.relay.requests]
    assert len(stages) == len(("start", "poll", "last")) + len(ended.trial.overrides)


@pytest.mark.proves(
    "a machine that is suspended until after the deadline",
    "exit 4 as soon as it wakes, with how to attach",
)
def test_a_program_that_slept_past_its_deadline_ends_as_if_it_had_not(program: Program) -> None:
    with (
        Simulator(speed=0.001) as simulator,
        Relay(simulator, polls=99) as relay,
        started(program, "--timeout", "2s", **relay.environment()) as running,
    ):
        wait_for(lambda: relay.count("poll") == 1)
        # Until the next poll is waited for.
        time.sleep(0.3)
        running.send_signal(signal.SIGSTOP)
        time.sleep(2)
        done = ended_by(signal.SIGCONT, running)
    nothing_lost(program, done, 4, attach_to=relay.run_id)
    assert "raise timeout" in done.stdout
