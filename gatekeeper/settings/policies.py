"""Reading the policy by which each suite is judged."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from msgspec.structs import replace

from gatekeeper.core.result_file.consistency import duplicate_run_ids, gate_inconsistencies
from gatekeeper.core.text import one_line
from gatekeeper.core.verdict.baseline import Baseline, baseline_of
from gatekeeper.core.verdict.policy import KnownFailure, Policy
from gatekeeper.errors import GatekeeperError
from gatekeeper.result_files import is_missing, read_result
from gatekeeper.settings.catalogue import ACCEPT, STRICT_TEXT
from gatekeeper.settings.config_file import ConfigFile
from gatekeeper.settings.file_keys import (
    BASELINE,
    BLOCKING,
    MIN_PASS_RATE,
    NAME,
    REASON,
    STEP,
    SUITE,
    UNTIL,
)
from gatekeeper.settings.sources import Reader
from gatekeeper.settings.table import Table
from gatekeeper.settings.unexpanded import why_unexpanded


def common_policy(reader: Reader) -> Policy:
    """Read the part of a policy that does not need the configuration file."""
    return Policy(accept=reader.read(ACCEPT), strict_text=reader.read(STRICT_TEXT))


def policy_of(
    reader: Reader, config: ConfigFile, test_suite: str, baselines: dict[Path, Baseline]
) -> Policy:
    """Read the policy for the runs of a suite; `baselines` has those that are read already."""
    _, min_pass_rate = reader.in_file(MIN_PASS_RATE) or ("", None)
    _, blocking = reader.in_file(BLOCKING) or ("", True)
    return replace(
        common_policy(reader),
        min_pass_rate=min_pass_rate,
        blocking=blocking,
        known_failures=tuple(
            KnownFailure(
                table.values[STEP.name], table.values[REASON.name], table.values[UNTIL.name]
            )
            for table in config.known_failures
            if _matches(table, test_suite)
        ),
        baseline=_baseline(reader, baselines),
    )


def warn_of_unmatched_patterns(
    reader: Reader, config: ConfigFile, requested: Iterable[str]
) -> None:
    """Warn of each known failure that matches no suite of the file, and none that is requested."""
    names = {table.values[NAME.name] for table in config.suites}.union(requested)
    for table in config.known_failures:
        if not any(_matches(table, name) for name in names):
            reader.warn(f'{table.place}: no suite matches "{one_line(_pattern(table))}"')


def _pattern(table: Table) -> str:
    return table.get(SUITE) or str(SUITE.default)


def _matches(table: Table, name: str) -> bool:
    # Brackets in the names of suites stand for themselves.
    return fnmatchcase(name, _pattern(table).replace("[", "[[]"))


def _baseline(reader: Reader, known: dict[Path, Baseline]) -> Baseline | None:
    """Read the earlier gate to compare with; warn if it is missing, note what is wrong with it."""
    place, path = reader.in_file(BASELINE) or ("", None)
    if path is None:
        return None
    if path in known:
        return known[path]
    listed = one_line(str(path))
    if is_missing(path):
        unexpanded = why_unexpanded(BASELINE.kind, str(path))
        why = f"{listed} does not exist, so every failure counts as new"
        reader.warn(f"{place}: baseline: {why}{unexpanded and f'; {unexpanded}'}")
        return Baseline(str(path), is_missing=True)
    try:
        saved = read_result(path)
    except GatekeeperError as error:
        reader.note(f"{place}: baseline: {one_line(error.what)}")
        return None
    problems = [
        *gate_inconsistencies(saved),
        *(f"run {one_line(run)} is in it more than once" for run in duplicate_run_ids(saved)),
    ]
    for why in problems:
        reader.note(f"{place}: baseline: {listed}: {why}")
    baseline = baseline_of(saved, str(path))
    if not problems:
        known[path] = baseline
    return baseline
