"""Compare polling policies: how late they see the end of a run, and how many requests they make.

    python bench/polling.py [--short]

Every policy watches the same simulated runs. A run has 200 steps with lognormal durations and
reports its percentage rounded down; a poll takes no time. For each median duration of the runs, the
tables give the 95th percentile of the lateness in seconds, and the mean number of requests per run.
"""

from __future__ import annotations

import math
import random
import sys
from bisect import bisect_right
from statistics import fmean, median, quantiles
from typing import TYPE_CHECKING, NamedTuple

from measuring import ROOT, Section, Table, Target, main

# Measure this checkout, installed or not.
sys.path.insert(0, str(ROOT))

from gatekeeper.core.pacing import next_wait

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Policy = Callable[[Sequence[tuple[float, float | None]], int | None], float]

SEED = 1
STEPS = 200
MEDIANS = {"15 s": 15.0, "2 min": 120.0, "15 min": 900.0, "60 min": 3600.0}


class Profile(NamedTuple):
    """A kind of run, and the targets of `next_wait` for it, by median duration."""

    name: str
    sigma: float
    unmoved: float
    lateness: tuple[float, ...]
    requests: tuple[float, ...]


class Score(NamedTuple):
    """The 95th percentile of the lateness, and the mean number of requests."""

    lateness: float
    requests: float


PROFILES = (
    Profile("default", 0.5, 0.0, (1.5, 1.5, 2.5, 4.5), (15, 30, 50, 115)),
    Profile("stress", 1.5, 0.2, (2.0, 3.5, 6.0, 10.0), ()),
)


def fixed(seconds: float) -> Policy:
    """Wait the same time after every poll."""
    return lambda _history, _steps: seconds


def doubling(history: Sequence[tuple[float, float | None]], _steps: int | None) -> float:
    """Wait 1 s, then twice as long each time, up to 60 s."""
    # 2 ** 6 is above the cap already; a long history must not overflow.
    return min(2.0 ** min(len(history) - 1, 6), 60.0)


OURS = "next_wait"
POLICIES: dict[str, Policy] = {
    OURS: next_wait,
    **{f"every {seconds} s": fixed(seconds) for seconds in (1, 2, 5, 10, 30)},
    "1 s doubling to 60": doubling,
}


def simulate(profile: Profile, middle: float, runs: int, seed: int) -> list[list[float]]:
    """Return random runs as the times when their steps end; their median duration is `middle`."""
    rng = random.Random(f"{profile.name} {middle} {seed}")  # noqa: S311 - simulation, no secret
    drawn = []
    for _ in range(runs):
        ends, now = [], 0.0
        for _ in range(STEPS):
            now += rng.lognormvariate(0.0, profile.sigma)
            ends.append(now)
        start = now * profile.unmoved / (1 - profile.unmoved)
        drawn.append([start + end for end in ends])
    scale = middle / median(ends[-1] for ends in drawn)
    return [[end * scale for end in ends] for ends in drawn]


def watch(ends: list[float], policy: Policy) -> tuple[float, int]:
    """Poll one run until its end is seen; return the lateness and the number of requests."""
    history: list[tuple[float, float | None]] = []
    now = 0.0
    while now < ends[-1]:
        done = bisect_right(ends, now)
        history.append((now, math.floor(100 * done / STEPS)))
        now += policy(history, STEPS)
    return now - ends[-1], len(history) + 1


def score(policy: Policy, runs: list[list[float]]) -> Score:
    """Return the score of a policy over all runs."""
    lateness, requests = zip(*(watch(ends, policy) for ends in runs), strict=True)
    return Score(quantiles(lateness, n=20)[-1], fmean(requests))


def compared(profile: Profile, runs: int) -> tuple[Table, list[Target]]:
    """Compare all policies on the runs of a profile, and ours with its targets."""
    groups = [simulate(profile, middle, runs, SEED) for middle in MEDIANS.values()]
    scores = {name: [score(policy, group) for group in groups] for name, policy in POLICIES.items()}
    rows = [
        (name, *(f"{cell.lateness:.2f} s, {cell.requests:.0f}" for cell in row))
        for name, row in scores.items()
    ]
    about = f"{profile.name}: sigma {profile.sigma}, {profile.unmoved:.0%} at 0 %"
    targets = [
        Target(f"{profile.name}, {name}, p95 late", reached.lateness, limit, "s")
        for name, reached, limit in zip(MEDIANS, scores[OURS], profile.lateness, strict=True)
    ]
    targets += [
        Target(f"{profile.name}, {name}, requests", reached.requests, limit)
        for name, reached, limit in zip(MEDIANS, scores[OURS], profile.requests, strict=False)
    ]
    return Table((about, *MEDIANS), rows), targets


def measure(*, short: bool) -> Section:
    """Compare the policies on both profiles."""
    both = [compared(profile, 5 if short else 500) for profile in PROFILES]
    return Section(
        [table for table, _ in both], [target for _, targets in both for target in targets]
    )


if __name__ == "__main__":
    main(measure, __doc__)
