"""Splits suites across shards, balanced by their earlier durations."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.result_file.schema import SavedGate

_ATTACHED = re.compile(r"(.+)=\s*(ctr-[!-~]{1,200})")
# Ends a line that is a name, although it looks like a suite and a run.
_END_OF_NAME = "="


class PlannedSuite(NamedTuple):
    """A suite by its name, and the run to attach to, if any."""

    name: str
    test_run_id: str | None

    def __str__(self) -> str:
        """Return it as a line of the setting `test-suite`, from which `from_line` reads it."""
        if self.test_run_id is not None:
            return f"{self.name}={self.test_run_id}"
        return f"{self.name}{_END_OF_NAME}" if _ATTACHED.fullmatch(self.name) else self.name

    @classmethod
    def from_line(cls, line: str) -> PlannedSuite:
        """Read `NAME`, `NAME=RUN_ID`, or `NAME=` for a name that ends like the latter."""
        match = _ATTACHED.fullmatch(line)
        if match is None:
            return cls(line, None)
        if line.endswith(_END_OF_NAME):
            return cls(line.removesuffix(_END_OF_NAME), None)
        return cls(match[1].strip(), match[2])


# A run without a verdict says nothing about how long its suite takes.
_COMPLETED = (Outcome.PASSED, Outcome.TOLERATED, Outcome.FAILED, Outcome.TIMEOUT)


def durations_of(earlier: Iterable[SavedGate]) -> dict[str, float]:
    """Return the duration of each suite's latest completed run, in seconds."""
    durations: dict[str, float] = {}
    for gate in sorted(earlier, key=lambda gate: gate.start_time):
        for run in gate.runs:
            if run.verdict in _COMPLETED and run.duration is not None and run.duration > 0:
                durations[run.test_suite] = run.duration
    return durations


def usual_duration(durations: Iterable[float | None]) -> float:
    """Return what an unknown duration counts as: the median of the known ones, or else a second."""
    known = [duration for duration in durations if duration is not None and math.isfinite(duration)]
    return median(known) if known else 1.0


def balanced(durations: Sequence[float | None], shards: int) -> list[list[int]]:
    """Split suites, given by their durations in seconds, into at most `shards` shards.

    Returns the indexes of each shard's suites; no shard is empty. The longest suite is assigned
    first, to the shard with the shortest total; an unknown duration counts as the median of the
    known ones. The same durations always give the same shards.
    """
    usual = usual_duration(durations)
    weights = [
        usual if duration is None or not math.isfinite(duration) else duration
        for duration in durations
    ]
    split: list[list[int]] = [[] for _ in range(min(shards, len(weights)))]
    totals = [0.0] * len(split)
    for index in sorted(range(len(weights)), key=lambda index: (-weights[index], index)):
        # Among equal totals, the shard with the fewest suites, so that none stays empty.
        shard = min(range(len(split)), key=lambda shard: (totals[shard], len(split[shard]), shard))
        split[shard].append(index)
        totals[shard] += weights[index]
    return [sorted(indexes) for indexes in split]


def split_suites(
    suites: Sequence[PlannedSuite], durations: Mapping[str, float], shards: int
) -> list[list[PlannedSuite]]:
    """Split suites into at most `shards` shards; `durations` maps suite names to seconds."""
    split = balanced([durations.get(suite.name) for suite in suites], shards)
    return [[suites[index] for index in indexes] for indexes in split]
