"""Shared by all benchmarks: commands timed as whole processes in turn, and figures with targets.

Machines are noisy, so commands that are compared run in turn, many times, and the result is the
median of the ratios of neighbouring runs. Everything is printed as Markdown, which `performance.py`
puts into `docs/explanation/performance.md`. It needs Linux, which reports what a process used.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

ROOT = Path(__file__).resolve().parents[1]
ENTRYPOINT = str(ROOT / "entrypoint.py")
# The only variables of this machine's environment that processes get. Python writes its bytecode
# as usual: the first run of each command is not counted.
KEPT = ("PATH", "HOME", "LANG")


class Spent(NamedTuple):
    """What a process used: wall-clock and CPU seconds, and its peak memory in megabytes."""

    wall: float
    cpu: float
    memory: float


class Command(NamedTuple):
    """A command, its environment variables, and its expected exit code."""

    arguments: Sequence[str]
    environ: dict[str, str] = {}  # noqa: RUF012 - never changed
    code: int = 0


class Target(NamedTuple):
    """A figure and its limit."""

    what: str
    value: float
    limit: float
    unit: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the figure is within its target."""
        return self.value <= self.limit


class Table(NamedTuple):
    """A table: its column heads, and rows with as many cells."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


class Section(NamedTuple):
    """The result of a benchmark."""

    tables: Sequence[Table]
    targets: Sequence[Target] = ()
    note: str = ""

    @property
    def markdown(self) -> str:
        """The result as Markdown, aligned to be readable in a terminal too."""
        targets = [
            (
                target.what,
                _figure(target.value, target.unit),
                _figure(target.limit, target.unit),
                _met(target),
            )
            for target in self.targets
        ]
        tables = list(self.tables)
        if targets:
            tables.append(Table(("Target", "reached", "at most", ""), targets))
        notes = [self.note] if self.note else []
        return "\n\n".join([*map(_aligned, tables), *notes])


def _figure(value: float, unit: str) -> str:
    return f"{value:,.3g} {unit}".rstrip()


def _met(target: Target) -> str:
    return "met" if target.is_met else "**missed**"


def _aligned(table: Table) -> str:
    rows = [table.heads, *table.rows]
    widths = [max(len(row[at]) for row in rows) for at in range(len(table.heads))]
    lines = [_row(row, widths) for row in rows]
    return "\n".join([lines[0], _row(["-" * width for width in widths], widths), *lines[1:]])


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return f"| {' | '.join(map(str.ljust, cells, widths))} |"


# Linux counts the memory of the parent at the start of a process as the process's own, so a small
# process starts it.
_STARTER = """
import json, os, sys, time
begun = time.perf_counter()
pid = os.spawnvp(os.P_NOWAIT, sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(pid, 0)
wall = time.perf_counter() - begun
with open(sys.argv[1], "w") as file:
    code = os.waitstatus_to_exitcode(status)
    json.dump([code, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024], file)
"""


def spend(command: Command, folder: Path) -> Spent:
    """Run a command in a folder and measure it; exits if its exit code is not the expected one."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    starter = [sys.executable, "-I", "-S", "-c", _STARTER, "spent.json"]
    done = subprocess.run(  # noqa: S603 - the benchmarks' own commands
        [*starter, *command.arguments],
        cwd=folder,
        env=kept | command.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    code, *spent = json.loads((folder / "spent.json").read_bytes())
    if code != command.code:
        sys.exit(f"{command.arguments}: {code}\n{done.stdout.decode()}")
    return Spent(*spent)


def in_turn(commands: Mapping[str, Command], runs: int) -> dict[str, list[Spent]]:
    """Run each command this often, all of them in turn, after one round that does not count."""
    spent: dict[str, list[Spent]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(runs + 1):
            for name, command in commands.items():
                measured = spend(command, Path(folder))
                if number:
                    spent[name].append(measured)
    return spent


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios of neighbouring runs."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def walls(spent: Sequence[Spent]) -> list[float]:
    """Return the wall-clock seconds of each run."""
    return [run.wall for run in spent]


def median_wall(spent: Sequence[Spent]) -> float:
    """Return the median wall-clock seconds."""
    return statistics.median(walls(spent))


def peak(spent: Sequence[Spent]) -> float:
    """Return the median peak memory in megabytes."""
    return statistics.median(run.memory for run in spent)


def in_words(seconds: float) -> str:
    """Return a time in milliseconds or seconds, whichever fits."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


class Measure(Protocol):
    """A benchmark; a short run only shows that it works."""

    def __call__(self, *, short: bool) -> Section:
        """Measure, and return the result."""


def main(measure: Measure, description: str | None) -> None:
    """Print the result of a benchmark; a short run has no targets, as its figures mean nothing."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--short", action="store_true", help="few and small runs; the figures mean nothing"
    )
    short = parser.parse_args().short
    section = measure(short=short)
    print((section._replace(targets=()) if short else section).markdown)


def found(*programs: str) -> bool:
    """Return whether all these programs are installed."""
    return all(map(shutil.which, programs))


@contextmanager
def installed_wheel() -> Iterator[Path]:
    """Install the project's wheel, with the packages at hand, and give the folder of its programs.

    It needs no network. A checkout starts more slowly, because it compiles templates in each run.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment, wheels = Path(folder, "venv"), Path(folder, "wheels")
        python = str(environment / "bin/python")
        venv.create(environment, symlinks=True)
        ready, site = (_site_packages(one) for one in (sys.executable, python))
        Path(site, "ready.pth").write_text(f"import site; site.addsitedir({ready!r})\n", "utf-8")
        pip = (sys.executable, "-m", "pip", "--quiet", "--python", python, "install", "--no-index")
        for command in (
            (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)),
            (*pip, "--no-deps", "--find-links", str(wheels), "kore-gatekeeper"),
        ):
            subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=None)  # noqa: S603 - our own
        yield Path(python).parent


def _site_packages(python: str) -> str:
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return subprocess.check_output([python, "-c", code], encoding="utf-8").strip()  # noqa: S603 - our own


@contextmanager
def processors_apart() -> Iterator[list[str]]:
    """Keep this process, a server, off one processor; yields the command prefix to use that one."""
    ours = os.sched_getaffinity(0)
    first, *others = sorted(ours)
    if not others:
        yield []
        return
    os.sched_setaffinity(0, others)
    try:
        yield ["taskset", "--cpu-list", str(first)]
    finally:
        os.sched_setaffinity(0, ours)
