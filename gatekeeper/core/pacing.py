"""When to poll a run next: to see its end soon, with few requests, within the rate limits.

The estimate. Progress is counted in grains, the least that a percentage can show: one percent, or
one step if there are fewer than a hundred. The pace, in seconds per grain, is the slope of the
percentage since it began to move. As steps are independent of each other, the remaining grains take
`pace * left` on average, with a variance of three parts:

    spread * pace**2 * left               their own scatter,
    spread * pace**2 * left**2 / done     that of the slope, as known from the grains done,
    blur**2 / 12 * (1 + left / done)**2   the uncertainty of where the slope begins and ends.

The spread, the relative variance of one grain, is measured on the rises seen so far. The blur
combines two intervals: the run began to move at any time between two polls, and is now anywhere
between the percentage seen and the next one. The remaining time is modelled as lognormal: it is
positive, and slow steps give it a long tail.

The wait. The end of a run that ends during a wait is seen half that wait late, on average. So the
wait is the longest one whose half, times the probability that the run ends during it, stays below a
quarter of a second: long while the end is far away, short when it is near.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from gatekeeper.core.rate_limits import HOUR

# Polls this far apart keep the budget of a minute: the 58th is sent 60.4 s after the first.
SHORTEST_WAIT = 1.06
# And that of an hour: the first 1,000 polls take 1,059 s of it, which leaves room for 508 more.
BUSY_POLLS = 1000
BUSY_WAIT = 5.0
# However certain the estimate is, a run may fail or be stopped at any time.
LONGEST_WAIT = 60.0
LONGEST_SHARE = 0.25

# The expected lateness that a wait may cost, in seconds.
ACCEPTED_LATENESS = 0.25
# Before anything is measured, grains are assumed to vary as much as their mean, like the times
# between random events. Ten measured rises weigh as much as this assumption.
PRIOR_SPREAD = 1.0
PRIOR_RISES = 10
# A percentage that has not moved for longer than the pace explains is expected to stay for another
# quarter of that time: waits grow with a standstill, but slowly, as its end may be that of the run.
STANDSTILL = 0.25
# Before anything has moved, a run is expected to last as long as it has lasted already, with a
# standard deviation of twice that.
UNMOVED_VARIANCE = 4.0

COMPLETE = 100.0


class _Sighting(NamedTuple):
    """A height, in grains, that the poll at `seen` was the first to show, after one at `before`."""

    before: float
    seen: float
    height: float


def next_wait(history: Sequence[tuple[float, float | None]], total_steps: int | None) -> float:
    """Return how many seconds to wait before the next poll of a run.

    `history` has an entry for each poll so far, ending with the one just made: the seconds since
    the run's start, ascending, and the percentage completed. A percentage of None, nan, or outside
    0 to 100 is unknown, and so is a `total_steps` of None or below 1.

    The wait is at least 1.06 s, or 5 s if 1,000 polls were made in the last hour. Otherwise it is
    at most a quarter of the time since the start, and at most a minute.
    """
    now = history[-1][0]
    busy = len(history) >= BUSY_POLLS and now - history[-BUSY_POLLS][0] <= HOUR
    shortest = BUSY_WAIT if busy else SHORTEST_WAIT
    longest = min(now * LONGEST_SHARE, LONGEST_WAIT)
    if longest <= shortest:
        return shortest
    mean, variance = _time_left(history, total_steps)
    return _longest_fitting(mean, variance, shortest, longest)


def _climb(history: Sequence[tuple[float, float | None]], grain: float) -> list[_Sighting]:
    """Return the heights that a run has risen through, beginning with its first one.

    A percentage that drops later was never reached. Two polls must show the drop, as one may be an
    error.
    """
    known = [
        (at, percentage)
        for at, percentage in reversed(history)
        if percentage is not None and 0 <= percentage <= COMPLETE
    ]
    if len(known) > 1 and known[0][1] < known[1][1]:
        del known[0]
    if not known:
        return []
    climb = []
    seen, lowest = known[0]
    for at, percentage in known:
        if percentage < lowest:
            climb.append(_Sighting(at, seen, lowest / grain))
            lowest = percentage
        seen = at
    climb.append(_Sighting(seen, seen, lowest / grain))
    return climb[::-1]


def _time_left(
    history: Sequence[tuple[float, float | None]], total_steps: int | None
) -> tuple[float, float]:
    """Return the estimated seconds until the run ends: their mean and their relative variance."""
    now = history[-1][0]
    steps = total_steps or 0
    grain = COMPLETE / steps if 0 < steps < COMPLETE else 1.0
    climb = _climb(history, grain)
    if len(climb) <= 1:
        return now, UNMOVED_VARIANCE

    start, first, last = climb[0], climb[1], climb[-1]
    gap = first.seen - first.before
    moving = now - first.seen + gap / 2
    done = max(last.height - start.height, 1.0)
    # Entries at the same time, which real polls never have, must not make the pace zero.
    pace = max(moving, SHORTEST_WAIT / 2) / done

    scatter = 0.0
    for earlier, later in pairwise(climb[1:]):
        rise = later.height - earlier.height
        scatter += ((later.seen - earlier.seen) / pace - rise) ** 2 / max(rise, 1.0)
    spread = (PRIOR_RISES * PRIOR_SPREAD + scatter) / (PRIOR_RISES + len(climb) - 2)

    # Some percentages move in lumps of many grains. What a rise has beyond what the pace explains
    # is how far a run can get while its percentage does not move.
    todo = COMPLETE / grain - last.height
    lump = max(
        later.height - earlier.height - (later.seen - later.before) / pace
        for earlier, later in pairwise(climb)
    )
    lump = max(min(lump, todo), 1.0)
    # The last rise was somewhere between the poll that showed it and the one before, but not so
    # early that the next lump would have been seen too.
    still = now - last.seen + min(last.seen - last.before, pace * lump) / 2
    mean = pace * max(todo - lump, 0.0) + max(pace * lump - still, still * STANDSTILL)

    # The three parts of the variance, for `left = mean / pace`, relative to the mean's square.
    leverage = 1 + mean / pace / done
    blur = math.hypot(gap, pace * lump)
    return mean, spread * leverage * pace / mean + (blur * leverage / mean) ** 2 / 12


def _longest_fitting(mean: float, variance: float, shortest: float, longest: float) -> float:
    """Return the longest wait between two bounds whose expected lateness is acceptable."""
    sigma = math.sqrt(math.log1p(variance))
    mu = math.log(mean) - sigma**2 / 2

    def fits(wait: float) -> bool:
        probability = (1 + math.erf((math.log(wait) - mu) / (sigma * math.sqrt(2)))) / 2
        return probability * wait / 2 <= ACCEPTED_LATENESS

    if fits(longest):
        return longest
    # Lateness grows with the wait, so it can be bisected: twelve halvings of a minute are 15 ms.
    for _ in range(12):
        middle = (shortest + longest) / 2
        if fits(middle):
            shortest = middle
        else:
            longest = middle
    return shortest
