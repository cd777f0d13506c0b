"""How time and memory grow, with the steps of a run and with the runs of a gate.

    python bench/growth.py [--short]

All runs have ended already, so that it is the gate's own time: to ask, judge and report. The plot
is drawn by `performance.py`.
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
# Five hundred of them are no more steps than the page shows.
STEPS_A_RUN = 4
# How far from a line it may be: one less the square of the correlation.
CURVED = 0.02


class Series(NamedTuple):
    """What a gate took (seconds, megabytes) against how much it was given of something."""

    what: str
    counts: Sequence[int]
    seconds: Sequence[float]
    memory: Sequence[float]


def grown(what: str, commands: Mapping[int, Command], times: int) -> Series:
    """Measure a series, all its sizes in turn."""
    spent = in_turn({str(count): command for count, command in commands.items()}, times)
    return Series(
        what,
        list(commands),
        [median_wall(one) for one in spent.values()],
        [peak(one) for one in spent.values()],
    )


def measured(*, short: bool) -> list[Series]:
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
    """Tell the series, and how straight they are."""
    tables, targets, slopes = [], [], []
    for one in series:
        rows = [
            (f"{count:,}", in_words(seconds), f"{memory:,.0f} MB")
            for count, seconds, memory in zip(one.counts, one.seconds, one.memory, strict=True)
        ]
        tables.append(Table((f"{one.what.title()}s", "takes", "memory"), rows))
        time, memory = (linear_regression(one.counts, of) for of in (one.seconds, one.memory))
        slopes.append(
            f"A {one.what} more takes {time.slope * 1e6:,.0f} µs and {memory.slope * 1024:,.1f} KB."
        )
        for name, values in (("time", one.seconds), ("memory", one.memory)):
            # What does not grow at all is as straight as can be, and has no correlation.
            curved = 1 - correlation(one.counts, values) ** 2 if len(set(values)) > 1 else 0.0
            targets.append(Target(f"{name} by {one.what}s, off a line (1 - R²)", curved, CURVED))
    return Section(tables, targets, " ".join(slopes))


def measure(*, short: bool) -> Section:
    """Measure both series, and tell them."""
    return section(measured(short=short))


if __name__ == "__main__":
    main(measure, __doc__)
