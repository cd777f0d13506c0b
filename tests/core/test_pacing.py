"""How a run is paced: what no history can bring about, what typical ones do, and what it costs."""

from __future__ import annotations

import itertools
import random
from bisect import bisect_right
from math import log, log1p
from operator import itemgetter
from statistics import NormalDist, fmean, median, quantiles
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gatekeeper.core import pacing, rate_limits
from gatekeeper.core.pacing import next_wait
from gatekeeper.core.rate_limits import limit_wait

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    History = list[tuple[float, float | None]]

PERCENTAGES = st.one_of(
    st.none(),
    st.floats(),
    st.integers(-10, 110).map(float),
    st.sampled_from([0.0, 98.0, 99.0, 100.0]),
)
STEPS = st.one_of(st.none(), st.integers(), st.integers(1, 300))
TIMES = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.floats(0, 7200))


def poll(percentages: Iterable[float | None], steps: int | None, seconds: float) -> History:
    """Poll by `next_wait` for so long, getting these percentages in turn."""
    history: History = []
    now = 0.0
    for percentage in percentages:
        if now > seconds:
            break
        history.append((now, percentage))
        now += next_wait(history, steps)
    return history


def poll_steady(duration: float, steps: int = 200, *, until: float, top: int = 100) -> History:
    """Poll a run of equal steps for so long; its percentage stands still once it is at the top."""
    history: History = []
    now = 0.0
    while now <= until:
        done = min(int(now / duration * steps), steps)
        history.append((now, float(min(100 * done // steps, top))))
        now += next_wait(history, steps)
    return history


def most_within(times: Sequence[float], span: float) -> int:
    """Count the times that fall into the fullest window of this length, both its ends included."""
    return max(bisect_right(times, at + span) - first for first, at in enumerate(times))


def waits_of(history: History) -> list[float]:
    return [later - earlier for (earlier, _), (later, _) in itertools.pairwise(history)]


# The bounds


@settings(deadline=None)
@given(polls=st.lists(st.tuples(TIMES, PERCENTAGES), min_size=1, max_size=40), steps=STEPS)
@example(polls=[(50.0, 0.0), (50.0, 50.0)], steps=200)
@example(polls=[(50.0, 0.0), (60.0, 5e-324), (70.0, 1e-323)], steps=3)
@example(polls=[(1.72e308, 0.0), (1.74e308, 1.0)], steps=None)
@example(polls=[(-1e308, 0.0), (1e308, 50.0), (1.7e308, 60.0)], steps=200)
def test_any_history_gets_a_wait_within_the_bounds(polls: History, steps: int | None) -> None:
    history = sorted(polls, key=itemgetter(0))
    longest = min(history[-1][0] / 4, 60.0)
    assert 1.06 <= next_wait(history, steps) <= max(longest, 1.06)


@settings(deadline=None)
@given(
    gaps=st.lists(st.floats(0.5, 8), min_size=1, max_size=20),
    percentages=st.lists(PERCENTAGES, min_size=1, max_size=20),
    count=st.integers(900, 1500),
)
@example(gaps=[3.6], percentages=[99.0], count=1000)
@example(gaps=[3.61], percentages=[99.0], count=1000)
def test_a_thousand_polls_within_an_hour_make_the_next_waits_five_seconds(
    gaps: list[float], percentages: list[float | None], count: int
) -> None:
    times = list(itertools.islice(itertools.accumulate(itertools.cycle(gaps)), count))
    history = list(zip(times, itertools.cycle(percentages), strict=False))
    within_the_hour = sum(times[-1] - at <= 3600 for at in times)
    least = 5.0 if within_the_hour >= 1000 else 1.06
    assert least <= next_wait(history, 200) <= 60


@settings(deadline=None, max_examples=30)
@given(percentages=st.lists(PERCENTAGES, min_size=1, max_size=30), steps=STEPS)
@example(percentages=[99.0, 100.0], steps=200)
@example(percentages=[0.0, 100.0], steps=200)
@example(percentages=[None, None, 100.0, 50.0], steps=None)
@example(percentages=[0.0, *[99.0] * 9, *[100.0] * 9], steps=200)
def test_no_sequence_of_percentages_breaks_a_limit(
    percentages: list[float | None], steps: int | None
) -> None:
    """Two hours of polling fill every window of them that could be too full."""
    times = [at for at, _ in poll(itertools.cycle(percentages), steps, 7200)]
    assert most_within(times, 60) <= 57 < rate_limits.MINUTE_LIMIT
    assert most_within(times, 3600) <= 1750 < rate_limits.HOUR_LIMIT


def test_the_shortest_waits_that_are_ever_allowed_keep_both_limits() -> None:
    times = [0.0]
    while times[-1] < 4 * 3600:
        busy = len(times) >= 1000 and times[-1] - times[-1000] <= 3600
        times.append(times[-1] + (pacing.BUSY_WAIT if busy else pacing.SHORTEST_WAIT))
    assert most_within(times, 60) == 57
    assert most_within(times, 3600) == 1508


# What the percentage says

STEADY: History = [(10.0 * number, float(number)) for number in range(96)]
# Histories, numbers of steps, and how many seconds are left: the mean, and its relative variance,
# worked out by hand as the module's docstring says.
ESTIMATES: dict[str, tuple[History, int | None, float, float]] = {
    "a percent every ten seconds": (STEADY, 200, 44.76315789, 0.0314621003),
    "the same, but back at 85 for a while": (
        [*STEADY[:91], *((910.0 + 10 * number, 85.0 + number) for number in range(1, 11))],
        200,
        47.89473684,
        0.1015197826,
    ),
    "the same, but it stands still": (
        [*STEADY, (960.0, 95.0), (970.0, 95.0), (980.0, 95.0)],
        200,
        49.80263158,
        0.0285774634,
    ),
    "the same, but it stands still at its top": (
        [*STEADY, (960.0, 100.0), (970.0, 100.0), (1000.0, 100.0)],
        200,
        11.24375,
        0.246615557,
    ),
    "a step of four every hundred seconds": (
        [(10.0 * number, float(number // 10 * 25)) for number in range(40)],
        4,
        23.75,
        5.4133536017,
    ),
    "by twenties every two hundred seconds": (
        [(10.0 * number, float(number // 20 * 20)) for number in range(98)],
        200,
        53.75,
        1.2661592744,
    ),
    "ten minutes at nothing, then fast": (
        [
            *((30.0 * number, 0.0) for number in range(21)),
            *((600.0 + 2 * number, 3.0 * number) for number in range(1, 29)),
        ],
        200,
        10.14880952,
        0.0257371192,
    ),
    "seen from 70 percent on": (
        [(100.0 + 5 * number, 70.0 + number) for number in range(26)],
        200,
        22.05,
        0.0888976231,
    ),
    "seen now and then": (
        [(0, None), (50, 20), (60, 20), (90, 50), (95, None), (120, 80), (130, 90)],
        50,
        7.0714285714,
        2.1556415596,
    ),
    "never any percentage": ([(10.0 * number, None) for number in range(11)], None, 100.0, 4.0),
}


@pytest.mark.parametrize(
    ("polls", "steps", "wait"),
    [
        # Less than one percent: the pace is that of a whole one.
        ([(0, 99.2), (100, 99.2), (200, 99.5)], None, 2.5893750),
        # No time passed between the polls that saw a rise.
        ([(0, 0), (100, 10), (100, 20), (100, 30)], None, 19.2487891),
        ([(90, 0), (90, 10)], None, 2.8658594),
        ([(0, 0), (30, 50), (60, 100), (90, 100)], None, 2.1958594),
        ([(0, 0), (30, 0), (60, 10), (90, 20), (120, 30), (600, 95)], 50, 3.3767334),
        ([(0, 0), (30, 0), (60, 10), (90, 20), (120, 30), (600, 95)], 2, 11.4781055),
    ],
)
def test_waits_at_the_edges_of_the_estimate_stay_as_they_are(
    polls: History, steps: int | None, wait: float
) -> None:
    assert next_wait(polls, steps) == pytest.approx(wait, abs=1e-6)


def test_the_fewer_steps_a_run_has_the_less_its_percentage_says() -> None:
    polls: History = [(0, 0), (30, 0), (60, 10), (90, 20), (120, 30), (600, 95)]
    waits = [next_wait(polls, steps) for steps in (1, 2, 100)]
    assert waits == sorted(set(waits), reverse=True)


def test_a_single_rise_is_enough_to_expect_the_end() -> None:
    assert next_wait([(0, 0), (30, 0), (60, 90)], None) == pacing.SHORTEST_WAIT
    assert next_wait([(0, 0), (30, 0), (60, 0)], None) > 5


@pytest.mark.parametrize("name", ESTIMATES)
def test_the_wait_is_the_longest_that_costs_a_quarter_second_on_average(name: str) -> None:
    history, steps, mean, variance = ESTIMATES[name]
    sigma = log1p(variance) ** 0.5
    logarithm = NormalDist(log(mean) - sigma**2 / 2, sigma)

    def lateness(wait: float) -> float:
        return logarithm.cdf(log(wait)) * wait / 2

    wait = next_wait(history, steps)
    assert lateness(wait) <= 0.25 + 1e-6
    # As near as a dozen halvings of a minute come.
    assert lateness(wait + 60 / 2**12) > 0.25


def test_the_first_wait_is_the_shortest() -> None:
    assert next_wait([(0.0, 0.0)], 200) == 1.06


def test_far_from_the_end_only_the_bounds_shorten_the_wait() -> None:
    history = poll_steady(3600, until=1800)
    late = [(at, wait) for (at, _), wait in zip(history, waits_of(history), strict=False)]
    assert all(wait == pytest.approx(min(at / 4, 60)) for at, wait in late if at > 120)


def test_the_waits_shorten_towards_the_end() -> None:
    history = poll_steady(900, until=900)
    waits = [wait for (at, _), wait in zip(history, waits_of(history), strict=False) if at > 500]
    assert waits[0] == 60
    assert all(later < 1.1 * earlier for earlier, later in itertools.pairwise(waits))
    assert waits[-1] < 2


def test_steps_that_scatter_shorten_the_wait() -> None:
    """Both do 2 % in 40 s and stand at 95 %; for one of them it is 4 s and 36 s by turns."""
    times = [4.0 * number for number in range(476)]
    steady: History = [(at, at // 20) for at in times]
    uneven: History = [(at, at // 40 * 2 + (at % 40 >= 4)) for at in times]
    assert steady[-1] == uneven[-1] == (1900, 95)
    assert next_wait(uneven, 200) < 0.8 * next_wait(steady, 200)


def test_a_late_start_does_not_make_a_run_slow() -> None:
    """After ten minutes at 0 %, 84 % are done in 56 s: the rest is expected to take 11 s."""
    history: History = [(30.0 * number, 0.0) for number in range(21)]
    history += [(600.0 + 2.0 * number, 3.0 * number) for number in range(1, 29)]
    assert next_wait(history, 200) < 9


def test_of_few_steps_the_next_rise_may_be_the_end() -> None:
    """At 75 % of four steps it is; of two hundred steps, 25 % are still to be risen through."""
    of_four: History = [(10.0 * number, float(number // 10 * 25)) for number in range(40)]
    assert next_wait(of_four, 4) < next_wait(of_four, 200)


@settings(deadline=None)
@given(
    unknown=st.sampled_from([None, 0, -1]),
    percentages=st.lists(PERCENTAGES, min_size=12, max_size=40),
)
def test_an_unknown_number_of_steps_is_no_less_than_a_hundred(
    unknown: int | None, percentages: list[float | None]
) -> None:
    history = [(10.0 * number, percentage) for number, percentage in enumerate(percentages)]
    assert next_wait(history, unknown) == next_wait(history, 100) == next_wait(history, 10**400)


# What the percentage must not make believe


@settings(deadline=None)
@given(climb=st.floats(2, 3600), top=st.integers(0, 100), steps=st.integers(1, 300))
@example(climb=15, top=99, steps=200)
@example(climb=3600, top=99, steps=200)
@example(climb=5, top=1, steps=1)
def test_a_standstill_is_polled_ever_more_rarely_but_every_minute(
    climb: float, top: int, steps: int
) -> None:
    history = poll_steady(climb, steps, until=climb + 7200, top=top)
    after_an_hour = [
        wait for (at, _), wait in zip(history, waits_of(history), strict=False) if at > climb + 3600
    ]
    assert all(10 <= wait <= 60.001 for wait in after_an_hour)


@settings(deadline=None)
@given(percentages=st.lists(st.none() | st.floats(), min_size=2, max_size=30))
def test_a_percentage_outside_of_its_range_counts_as_unknown(
    percentages: list[float | None],
) -> None:
    history = [(10.0 * number, percentage) for number, percentage in enumerate(percentages)]
    cleaned = [
        (at, None if percentage is None or not 0 <= percentage <= 100 else percentage)
        for at, percentage in history
    ]
    assert next_wait(history, 200) == next_wait(cleaned, 200)


def test_without_any_percentage_the_waits_grow_with_the_time() -> None:
    waits = waits_of(poll(itertools.repeat(None), None, 3600))
    assert all(earlier < later + 0.02 for earlier, later in itertools.pairwise(waits))
    assert 5 < waits[len(waits) // 2] < waits[-1] < 60.001


@settings(deadline=None)
@given(until=st.floats(10, 899), slip=st.floats(0, 100))
def test_one_answer_that_runs_back_says_no_more_than_an_unknown_one(
    until: float, slip: float
) -> None:
    history = poll_steady(900, until=until)
    at, percentage = history.pop()
    assert percentage is not None
    history += [(at, percentage), (at + 1, None)]
    back = [*history[:-1], (at + 1, min(slip, percentage - 0.5))]
    assert next_wait(back, 200) == next_wait(history, 200)


def test_a_percentage_that_stays_back_is_believed() -> None:
    """At 95 % the run starts over: its end is out of the question again."""
    history: History = [(10.0 * number, float(number)) for number in range(96)]
    near = next_wait(history, 200)
    history += [(950.0 + 10.0 * number, float(number)) for number in range(1, 11)]
    assert next_wait(history, 200) == 60 > near


def test_one_answer_that_jumps_ahead_is_forgotten() -> None:
    history = poll_steady(3600, until=1800)
    at = history[-1][0]
    history += [(at + 5, 100.0), (at + 10, 50.0), (at + 15, 50.0)]
    assert next_wait(history, 200) > 50


def test_a_percentage_told_in_lumps_lets_the_end_come_with_the_next_lump() -> None:
    """By twenties every 200 s, the 80 % of 850 s are hardly a beginning, those of 990 s an end."""
    history: History = [(10.0 * number, float(number // 20 * 20)) for number in range(100)]
    assert next_wait(history[:86], 200) > 20
    assert next_wait(history, 200) < 15


# What it comes to


@pytest.mark.parametrize(
    ("sigma", "unmoved", "middle", "late", "requests"),
    [
        (0.5, 0.0, 15, 1.5, 15),
        (0.5, 0.0, 120, 1.5, 30),
        (0.5, 0.0, 900, 2.5, 50),
        (0.5, 0.0, 3600, 4.5, 115),
        (1.5, 0.2, 15, 2.0, 15),
        (1.5, 0.2, 120, 3.5, 40),
        (1.5, 0.2, 900, 6.0, 90),
        (1.5, 0.2, 3600, 10.0, 190),
    ],
)
def test_ends_are_seen_soon_and_with_few_requests(
    sigma: float, unmoved: float, middle: float, late: float, requests: float
) -> None:
    """200 lognormal steps, the first part of the run spent at 0 %, the percentage floored."""
    rng = random.Random(7)  # noqa: S311 - simulation, no secret
    raw = [
        list(itertools.accumulate(rng.lognormvariate(0, sigma) for _ in range(200)))
        for _ in range(60)
    ]
    scale = middle * (1 - unmoved) / median(ends[-1] for ends in raw)
    lateness, polls = [], []
    for ends in raw:
        queued = ends[-1] * unmoved / (1 - unmoved)
        times = [scale * (queued + end) for end in ends]
        history: History = []
        now = 0.0
        while now < times[-1]:
            history.append((now, float(100 * bisect_right(times, now) // 200)))
            now += next_wait(history, 200)
        lateness.append(now - times[-1])
        polls.append(len(history) + 1)
    # Of sixty runs the 95th percentile is the fourth latest: it scatters more than the target's.
    assert quantiles(lateness, n=20)[-1] <= 1.25 * late
    assert fmean(polls) <= requests


# The guard of the limits


def send_all(gaps: Iterable[float]) -> list[float]:
    """Want to send a request after each gap, and obey `limit_wait`."""
    sent: list[float] = []
    now = 0.0
    for gap in gaps:
        now += gap
        while (wait := limit_wait(sent, now)) > 0:
            now += wait
        sent.append(now)
    return sent


@settings(deadline=None, max_examples=50)
@given(gaps=st.lists(st.floats(0, 90) | st.floats(0, 2), min_size=1, max_size=50))
@example(gaps=[0.0])
@example(gaps=[1.06])
@example(gaps=[2.0])
@example(gaps=[0.0] * 30 + [59.0])
def test_requests_that_obey_keep_both_budgets_whatever_their_pattern(gaps: list[float]) -> None:
    sent = send_all(itertools.islice(itertools.cycle(gaps), 4000))
    # A hair less than the span: a request exactly one span after another is outside its window.
    assert most_within(sent, 60 - 1e-6) <= 57
    assert most_within(sent, 3600 - 1e-6) <= 1750


def test_a_request_goes_at_once_while_there_is_room() -> None:
    assert limit_wait([], 0.0) == 0.0
    assert limit_wait([5.0] * 56, 5.0) == 0.0
    assert limit_wait([0.0] * 57, 60.0) == 0.0
    assert limit_wait([2.0 * number for number in range(1750)], 3600.0) == 0.0


def test_a_request_waits_until_the_oldest_in_its_window_has_left_it() -> None:
    assert limit_wait([0.0, *[20.0] * 56], 25.0) == 35.0
    assert limit_wait([2.0 * number for number in range(1750)], 3500.0) == 100.0
