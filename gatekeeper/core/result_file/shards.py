"""Balancing suites over jobs, by how long each took before."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import TypeAlias

from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.result_file.schema import SavedGate

Suite: TypeAlias = tuple[str, str | None]
"""A suite by its name, and the run of it to attach to where one is named."""

# Of a run that ended without a verdict, the duration says nothing about the suite.
_TOLD_BY = (Outcome.PASSED, Outcome.TOLERATED, Outcome.FAILED, Outcome.TIMEOUT)


def durations_of(earlier: Iterable[SavedGate]) -> dict[str, float]:
    """Tell how many seconds each suite took, the last time that it was run to its end."""
    took: dict[str, float] = {}
    for gate in sorted(earlier, key=lambda one: one.start_time):
        for run in gate.runs:
            if run.verdict in _TOLD_BY and run.duration is not None and run.duration > 0:
                took[run.test_suite] = run.duration
    return took


def balanced(durations: Sequence[float | None], shards: int) -> list[list[int]]:
    """Part suites into at most `shards` shards, none of them empty; suites by their places.

    The longest goes first, to the emptiest shard; one of unknown duration counts as the median of
    those that are known. The same suites always make the same shards.
    """
    known = [duration for duration in durations if duration is not None and math.isfinite(duration)]
    usual = median(known) if known else 1.0
    weights = [usual if one is None or not math.isfinite(one) else one for one in durations]
    parts: list[list[int]] = [[] for _ in range(min(shards, len(weights)))]
    filled = [0.0] * len(parts)
    for place in sorted(range(len(weights)), key=lambda place: (-weights[place], place)):
        # Of those that are equally full, that with the fewest suites: none stays empty.
        emptiest = min(range(len(parts)), key=lambda one: (filled[one], len(parts[one]), one))
        parts[emptiest].append(place)
        filled[emptiest] += weights[place]
    return [sorted(part) for part in parts]


def parted(suites: Sequence[Suite], took: Mapping[str, float], shards: int) -> list[list[Suite]]:
    """Part suites into at most `shards` shards, by how many seconds each took before."""
    parts = balanced([took.get(name) for name, _ in suites], shards)
    return [[suites[place] for place in part] for part in parts]
