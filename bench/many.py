"""Watch many suites in one gate: until their ends, how soon each end is seen, and at what cost.

    python bench/many.py [--short]

The real program watches all runs at once against the simulator, in real time. They last from 5 s
to a minute, their percentages rise unevenly, and 2 % of the responses about them are faulty. Their
starts keep the platform's limit of 60 a minute. Program and simulator have a processor each.

For comparison, a loop does nothing but poll: the cost of `requests` and a token per request alone.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

from measuring import (
    ENTRYPOINT,
    ROOT,
    Command,
    Section,
    Table,
    Target,
    main,
    processors_apart,
    spend,
)
from serving import answer as finished
from serving import serving, settings

# Measure this checkout, installed or not.
sys.path.insert(0, str(ROOT))

from gatekeeper.simulator import Fault, Simulator

SEED = 1
SHORTEST = 5.0
FAULTY = 0.02
STEPS = 20
# Limits: seconds after the slowest run, megabytes, CPU seconds per 1,000 polls.
LATENESS, MEMORY, CPU = 3.0, 150.0, 1.0


def answer() -> dict[str, object]:
    """Return the response about a run that passed, without a run id."""
    counts = {"passed": STEPS, "failed": 0, "total": STEPS}
    result = {"status": "passed", "version": "published", "stepDetails": counts}
    return {"status": "passed", "totalTestStepsCount": STEPS, "result": result}


def faults(chance: random.Random, polls: int) -> list[Fault]:
    """Return faults for about one response in fifty, all of them transient."""
    kinds = (
        {"status": 503},
        {"status": 429, "headers": {"Retry-After": "1"}},
        {"drop": "reset"},
        {"body": "<html>busy</html>"},
        {"drop": "middle"},
    )
    return [
        Fault("status", at=number, **chance.choice(kinds))
        for number in range(1, polls)
        if chance.random() < FAULTY
    ]


def bare_polls(count: int) -> float:
    """Return the CPU seconds of 1,000 polls in a bare loop, without its start."""
    with (
        serving({"ctr-1": finished(1)}) as host,
        tempfile.TemporaryDirectory() as folder,
        processors_apart() as theirs,
    ):
        loop = [*theirs, sys.executable, str(ROOT / "bench/bare_polls.py")]
        few, many = (
            spend(Command([*loop, str(number)], settings(host, "ctr-1")), Path(folder)).cpu
            for number in (1, count + 1)
        )
    return (many - few) / count * 1000


def measure(*, short: bool) -> Section:
    """Run the gate once; exits if it did not watch every run to its end."""
    runs, longest = (12, 8.0) if short else (200, 60.0)
    chance = random.Random(SEED)  # noqa: S311 - a repeatable choice, no secret
    durations = [chance.uniform(SHORTEST, longest) for _ in range(runs)]
    durations[-1] = longest
    names = [f"suite {number}" for number in range(runs)]
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(faults=faults(chance, 100 * runs)) as simulator,
    ):
        for name, duration in zip(names, durations, strict=True):
            simulator.add_suite(name, answer(), duration=duration)
        environ = simulator.environment("\n".join(names))
        gate = [sys.executable, ENTRYPOINT, "--parallel", str(runs)]
        with processors_apart() as theirs:
            used = spend(Command([*theirs, *gate], environ), Path(folder))
        ended = time.monotonic()
        report = Path(folder) / "gatekeeper-report" / "result.json"
        verdicts = Counter(run["verdict"] for run in json.loads(report.read_bytes())["runs"])
        starts = {
            unquote(request.path.split("/")[-2]): request.time
            for request in simulator.requests
            if request.call == "start"
        }
        polls = [request for request in simulator.requests if request.call == "status"]
    if verdicts != {"passed": runs}:
        sys.exit(f"not every run was watched to its end: {dict(verdicts)}")

    lasts = dict(zip(names, durations, strict=True))
    late = ended - max(begun + lasts[name] for name, begun in starts.items())
    cpu = used.cpu / len(polls) * 1000
    bare = bare_polls(20 if short else 1000)
    rows = [
        ("runs, all watched to their ends", f"{runs}"),
        ("polls", f"{len(polls):,}"),
        ("most polls of one run", f"{max(Counter(poll.path for poll in polls).values())}"),
        ("CPU per 1,000 polls: a bare loop", f"{bare:.2f} s"),
        (
            "CPU per 1,000 polls: the gate, with its start and reports",
            f"{cpu:.2f} s, {cpu / bare:.1f} times the loop",
        ),
    ]
    targets = [
        Target("ended after the slowest run", late, LATENESS, "s"),
        Target("memory", used.memory, MEMORY, "MB"),
        Target("CPU per 1,000 polls", cpu, CPU, "s"),
    ]
    return Section([Table(("Many runs", ""), rows)], targets)


if __name__ == "__main__":
    main(measure, __doc__)
