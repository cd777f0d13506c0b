"""How long the installed gate takes to start, and a whole job on a finished run of 13 steps.

    python bench/start.py [--short]

It is compared with a bare interpreter, a straight-line script with the same packages, `curl` and
`jq`, `node`, and other CI tools if they are installed (`make bench` does that).
"""

from __future__ import annotations

from pathlib import Path

from measuring import (
    ROOT,
    Command,
    Section,
    Table,
    Target,
    found,
    in_turn,
    in_words,
    installed_wheel,
    main,
    median_wall,
    ratio,
    walls,
)
from serving import STREAM, answer, serving, settings

STEPS = 13
RUN = "ctr-13"
STRAIGHT = "a straight-line script"
BARE = "`python -c pass`"
VERSION, HELP = "`gatekeeper --version`", "`gatekeeper --help`"
LEAN, WHOLE = "gatekeeper, XML and JSON", "gatekeeper, all reports"
PEERS = ("datadog-ci", "newman", "checkly")


def commands(host: str, programs: Path) -> dict[str, Command]:
    """Return everything that is timed, as far as it is on this machine."""
    python, gatekeeper = str(programs / "python"), str(programs / "gatekeeper")
    environ = settings(host, RUN)
    url = f"{host}/api/public/stream/{STREAM}/conversation/testsuite/suite/{RUN}/status"
    curl = f"curl --silent --fail '{url}' | jq --exit-status '.status == \"passed\"'"
    timed = {
        BARE: Command([python, "-c", "pass"]),
        VERSION: Command([gatekeeper, "--version"]),
        HELP: Command([gatekeeper, "--help"]),
        LEAN: Command([gatekeeper, "gate", "--reports", "junit,result"], environ),
        WHOLE: Command([gatekeeper, "gate"], environ),
        STRAIGHT: Command([python, str(ROOT / "bench/straight_line.py")], environ),
    }
    if found("curl", "jq"):
        timed["`curl` and `jq`, verdict only"] = Command(["sh", "-c", curl])
    if found("node"):
        fetch = str(ROOT / "bench/peers/fetch.mjs")
        timed["`node` and `fetch`, verdict only"] = Command(["node", fetch, url])
    for peer in PEERS:
        program = ROOT / "bench/peers/node_modules/.bin" / peer
        if program.exists():
            timed[f"`{peer} --version`"] = Command([str(program), "--version"])
    return timed


def measure(*, short: bool) -> Section:
    """Time everything in turn."""
    with serving({RUN: answer(STEPS)}) as host, installed_wheel() as programs:
        spent = in_turn(commands(host, programs), 2 if short else 21)
    straight, bare = walls(spent[STRAIGHT]), walls(spent[BARE])
    rows = [
        (name, in_words(median_wall(runs)), f"{ratio(walls(runs), straight):.2f}")
        for name, runs in spent.items()
    ]
    targets = [
        Target(f"{name}, against {BARE}", ratio(walls(spent[name]), bare), 5)
        for name in (VERSION, HELP)
    ]
    targets += [
        Target(f"{name}, against {STRAIGHT}", ratio(walls(spent[name]), straight), limit)
        for name, limit in ((LEAN, 1.4), (WHOLE, 1.8))
    ]
    return Section([Table(("What", "time", "relative to straight line"), rows)], targets)


if __name__ == "__main__":
    main(measure, __doc__)
