"""Watch many suites in one gate: whether each is seen to its end, how soon, and at what cost.

    python bench/many.py [--runs N] [--longest SECONDS] [--seed SEED]

The real program watches N runs at once against the simulator, in real time. They last from 5 s to
the longest, their percentages rise unevenly, and 2 % of the answers about them are faulty. The
platform allows an app 60 starts a minute, so the clock of the wall time begins with the last start.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

# The script measures the checkout it lies in, installed or not.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gatekeeper.simulator import Fault, Simulator

ROOT = Path(__file__).resolve().parents[1]
SHORTEST = 5.0
FAULTY = 0.02
STEPS = 20
# What the gate may come to: seconds after the slowest run, megabytes, CPU seconds per 1,000 polls.
LATENESS, MEMORY, CPU = 3.0, 150.0, 1.0


def answer() -> dict[str, object]:
    """Build the answer about a run that passed, without a run's id."""
    counts = {"passed": STEPS, "failed": 0, "total": STEPS}
    result = {"status": "passed", "version": "published", "stepDetails": counts}
    return {"status": "passed", "totalTestStepsCount": STEPS, "result": result}


def faults(chance: random.Random, polls: int) -> list[Fault]:
    """Make every fiftieth answer or so a faulty one, of a kind that passes by itself."""
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


def main() -> int:
    """Run the gate once, and print what it came to; fails where a run was not seen to its end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--longest", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)  # noqa: S311 - a repeatable choice, no secret
    durations = [chance.uniform(SHORTEST, options.longest) for _ in range(options.runs)]
    durations[-1] = options.longest

    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(faults=faults(chance, 100 * options.runs)) as simulator,
    ):
        names = [f"suite {number}" for number in range(options.runs)]
        for name, duration in zip(names, durations, strict=True):
            simulator.add_suite(name, answer(), duration=duration)
        settings = simulator.environment("\n".join(names))
        gate = [sys.executable, str(ROOT / "entrypoint.py"), "--parallel", str(options.runs)]
        done = subprocess.run(  # noqa: S603 - our own program
            gate, cwd=folder, env=os.environ | settings, capture_output=True, check=False
        )
        ended = time.monotonic()
        report = Path(folder) / "gatekeeper-report" / "result.json"
        verdicts = Counter(run["verdict"] for run in json.loads(report.read_bytes())["runs"])
        starts = {
            unquote(one.path.split("/")[-2]): one.time
            for one in simulator.requests
            if one.call == "start"
        }
        polls = [one for one in simulator.requests if one.call == "status"]

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    lasts = dict(zip(names, durations, strict=True))
    late = ended - max(begun + lasts[name] for name, begun in starts.items())
    cpu = (used.ru_utime + used.ru_stime) / len(polls) * 1000
    memory = used.ru_maxrss / 1024
    most = max(Counter(poll.path for poll in polls).values())
    print(f"{options.runs} runs: {dict(verdicts)}, exit code {done.returncode}")
    print(f"{len(polls)} polls, at most {most} of one run; {len(starts)} starts")
    for what, value, limit, unit in (
        ("ended after the slowest run", late, LATENESS, "s"),
        ("memory at most", memory, MEMORY, "MB"),
        ("CPU per 1,000 polls", cpu, CPU, "s"),
    ):
        met = "met" if value <= limit else "missed"
        print(f"{what:<28} {value:7.2f} {unit:<2} (target {limit:g}: {met})")
    return 0 if verdicts == {"passed": options.runs} and done.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
