"""How time and memory grow with the steps of a run and the runs of a gate.

    python bench/growth.py [--short]

All runs have ended already, so this is the gate's own time: to poll, judge and report. The plot is
drawn by `performance.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from statistics import correlation, linear_regression
from typing import NamedTuple

from measuring import (
    ENTRYPOINT,
    Command,
    Section,
    Table,
    Target,
    in_turn,
    in_words,
    main,
    median_wall,
    peak,
)
from serving import answer, serving, settings

STEPS = (10, 100, 1_000, 3_000, 10_000, 30_000, 100_000)
RUNS = (1, 10, 50, 100, 200, 350, 500)
# Five hundred runs have no more steps than the page shows.
STEPS_A_RUN = 4
# The most that a series may be off a straight line: 1 - R².
CURVED = 0.02


class Series(NamedTuple):
    """What a gate used (seconds, megabytes) for each number of steps or runs."""

    what: str
    counts: Sequence[int]
    seconds: Sequence[float]
    memory: Sequence[float]


def grown(what: str, commands: Mapping[int, Command], times: int) -> Series:
    """Measure a series, with all its sizes in turn."""
    spent = in_turn({str(count): command for count, command in commands.items()}, times)
    return Series(
        what,
        list(commands),
        [median_wall(runs) for runs in spent.values()],
        [peak(runs) for runs in spent.values()],
    )


def measure_both(*, short: bool) -> list[Series]:
    """Measure both series."""
    steps, runs, times = ((10, 100), (1, 5), 1) if short else (STEPS, RUNS, 3)
    ours = [sys.executable, ENTRYPOINT]
    answers = {f"ctr-{count}": answer(count) for count in steps}
    answers |= {f"ctr-run-{number}": answer(STEPS_A_RUN) for number in range(max(runs))}
    with serving(answers) as host:
        by_steps = {count: Command(ours, settings(host, f"ctr-{count}")) for count in steps}
        by_runs = {
            count: Command(ours, settings(host, *(f"ctr-run-{at}" for at in range(count))))
            for count in runs
        }
        return [grown("step", by_steps, times), grown("run", by_runs, times)]


def section(series: Sequence[Series]) -> Section:
    """Return the tables of the series, and how straight their lines are."""
    tables, targets, slopes = [], [], []
    for measured in series:
        rows = [
            (f"{count:,}", in_words(seconds), f"{memory:,.0f} MB")
            for count, seconds, memory in zip(
                measured.counts, measured.seconds, measured.memory, strict=True
            )
        ]
        tables.append(Table((f"{measured.what.title()}s", "time", "memory"), rows))
        time, memory = (
            linear_regression(measured.counts, of) for of in (measured.seconds, measured.memory)
        )
        slopes.append(
            f"Each further {measured.what} takes {time.slope * 1e6:,.0f} µs "
            f"and {memory.slope * 1024:,.1f} KB."
        )
        for name, values in (("time", measured.seconds), ("memory", measured.memory)):
            # A constant series is straight, but has no correlation.
            curved = 1 - correlation(measured.counts, values) ** 2 if len(set(values)) > 1 else 0.0
            targets.append(
                Target(f"{name} by {measured.what}s, off a line (1 - R²)", curved, CURVED)
            )
    return Section(tables, targets, " ".join(slopes))


def measure(*, short: bool) -> Section:
    """Measure both series."""
    return section(measure_both(short=short))


if __name__ == "__main__":
    main(measure, __doc__)
