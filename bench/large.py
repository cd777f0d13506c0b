"""The time and memory that a large result takes, from HTTP to files.

    python bench/large.py [--short]

One step of a hundred failed. The straight-line script does the same with `json` and `junit-xml`.
"""

from __future__ import annotations

import sys

from measuring import (
    ENTRYPOINT,
    ROOT,
    Command,
    Section,
    Table,
    Target,
    in_turn,
    in_words,
    main,
    median_wall,
    peak,
    ratio,
    walls,
)
from serving import answer, serving, settings

FAILING = 100
# Steps, number of measurements, limit relative to the time of the straight line.
SIZES = ((10_000, 15, 0.67), (100_000, 15, 0.37))
MEMORY = 3.0
LEAN, STRAIGHT = "the gate", "straight line"


def measure(*, short: bool) -> Section:
    """Time both sizes."""
    rows: list[tuple[str, ...]] = []
    targets: list[Target] = []
    for steps, runs, limit in ((200, 1, 1.0), (400, 1, 1.0)) if short else SIZES:
        body = answer(steps, FAILING)
        size = len(body) / 1024**2
        with serving({"ctr-1": body}) as host:
            environ = settings(host, "ctr-1")
            ours = [sys.executable, ENTRYPOINT, "gate", "--reports", "junit,result"]
            straight = [sys.executable, str(ROOT / "bench/straight_line.py")]
            commands = {
                LEAN: Command(ours, environ, code=1),
                STRAIGHT: Command(straight, environ, code=1),
            }
            spent = in_turn(commands, runs)
        for name, runs_of in spent.items():
            share = ratio(walls(runs_of), walls(spent[STRAIGHT]))
            rows.append(
                (
                    f"{steps:,} ({size:,.0f} MB)",
                    name,
                    in_words(median_wall(runs_of)),
                    f"{share:.2f}",
                    f"{peak(runs_of):,.0f} MB",
                    f"{peak(runs_of) / size:.1f}",
                )
            )
        share = ratio(walls(spent[LEAN]), walls(spent[STRAIGHT]))
        targets.append(Target(f"{steps:,} steps, against the straight line", share, limit))
    targets.append(Target("memory, against the response's size", peak(spent[LEAN]) / size, MEMORY))
    heads = (
        "Steps",
        "XML and JSON",
        "time",
        "relative to straight line",
        "memory",
        "relative to response",
    )
    return Section([Table(heads, rows)], targets)


if __name__ == "__main__":
    main(measure, __doc__)
