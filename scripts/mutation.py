"""Run mutmut on the core and compare the survivors with the list of equivalent mutants.

Takes modules or folders such as `core/pacing` and `core/verdict`, all that pyproject.toml selects
where there are none. Exits with 1 where a mutant survives that is not listed, and where a listed
one no longer survives.
"""

import json
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

ROOT = Path(__file__).parents[1]
MUTANTS = ROOT / "mutants"
LIST = ROOT / "tests" / "mutation" / "equivalent.toml"
# A mutant that never ends is noticed as well.
KILLED = ("killed", "timeout")


class Mutant(NamedTuple):
    """A mutant by the lines that it changes: mutmut's own names hold numbers that shift."""

    module: str
    function: str
    original: str
    mutated: str

    def __str__(self) -> str:
        """Return where it is, and the lines as the list has them."""
        return f"{self.module} {self.function}\n- {self.original}\n+ {self.mutated}"


def run_mutmut(patterns: Sequence[str]) -> None:
    """Run mutmut from scratch: what it keeps of an earlier run knows nothing of changed tests."""
    shutil.rmtree(MUTANTS, ignore_errors=True)
    command = [str(Path(sys.executable).with_name("mutmut")), "run", *patterns]
    # Its progress is for a terminal only.
    output = None if sys.stdout.isatty() else subprocess.PIPE
    ran = subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, text=True, check=False
    )
    if ran.returncode:
        sys.exit((ran.stdout or "")[-10_000:] + f"mutmut ended with {ran.returncode}")


def statuses(patterns: Sequence[str]) -> Iterator[tuple[Path, str, str]]:
    """Yield each mutant that was to be checked: its module's path, its name, what became of it."""
    for meta in sorted(MUTANTS.rglob("*.py.meta")):
        codes = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
        path = meta.relative_to(MUTANTS).with_suffix("")
        for name, code in codes.items():
            if not patterns or any(fnmatchcase(name, pattern) for pattern in patterns):
                yield path, name, status_by_exit_code[code]


def described(path: Path, name: str) -> Mutant:
    """Return what a mutant changes."""
    lines = get_diff_for_mutant(name, path=path).splitlines()[2:]
    sides = [" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+"]
    function = name.rpartition(".")[2].partition("__mutmut_")[0]
    function = function.removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
    module = str(path.relative_to("gatekeeper").with_suffix(""))
    return Mutant(module, function, sides[0], sides[1])


class Equivalent:
    """The mutants that are listed as equivalent: each by its place, or a kind of them anywhere."""

    def __init__(self) -> None:
        entries = tomllib.loads(LIST.read_text(encoding="utf-8"))
        kinds = entries.pop("anywhere", [])
        self.kinds = [pair for entry in kinds for pair in self._pairs(entry)]
        self.mutants: set[Mutant] = set()
        for place, listed in entries.items():
            module, _, function = place.partition(" ")
            pairs = (pair for entry in listed for pair in self._pairs(entry))
            self.mutants |= {Mutant(module, function, *pair) for pair in pairs}

    @staticmethod
    def _pairs(entry: dict[str, str]) -> Iterator[tuple[str, str]]:
        lines = [line[2:] for line in entry["diff"].strip("\n").split("\n")]
        return zip(lines[::2], lines[1::2], strict=True)

    def __contains__(self, mutant: Mutant) -> bool:
        """Whether a mutant is listed."""
        return mutant in self.mutants or any(
            mutant.original.replace(original, mutated, 1) == mutant.mutated
            for original, mutated in self.kinds
        )


def main() -> int:
    """Run mutmut, print the figures of each module, and return the exit code."""
    patterns = [f"gatekeeper.{name.strip('/').replace('/', '.')}.*" for name in sys.argv[1:]]
    run_mutmut(patterns)
    equivalent = Equivalent()
    survivors: set[Mutant] = set()
    figures: dict[str, Counter[str]] = {}
    for path, name, status in statuses(patterns):
        module = str(path.relative_to("gatekeeper").with_suffix(""))
        figure = figures.setdefault(module, Counter())
        figure["mutants"] += 1
        if status in KILLED:
            figure[status] += 1
            continue
        mutant = described(path, name)
        survivors.add(mutant)
        figure["listed" if mutant in equivalent else "survived"] += 1
    columns = ("mutants", "killed", "timeout", "listed", "survived")
    total = sum(figures.values(), Counter())
    print(f"{'':32}" + "".join(f"{column:>10}" for column in columns))
    for module, figure in (*figures.items(), ("total", total)):
        print(f"{module:32}" + "".join(f"{figure[column]:10}" for column in columns))
    unlisted = sorted(mutant for mutant in survivors if mutant not in equivalent)
    gone = equivalent.mutants - survivors
    stale = sorted(mutant for mutant in gone if not patterns or mutant.module in figures)
    for title, mutants in (
        ("No test fails for these:", unlisted),
        (f"These are in {LIST.relative_to(ROOT)}, and do not survive:", stale),
    ):
        if mutants:
            print("", title, "", *mutants, sep="\n")
    return 1 if unlisted or stale else 0


if __name__ == "__main__":
    sys.exit(main())
