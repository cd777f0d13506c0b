"""What is asked of each suite: the policy that flags, variables, inputs and the file make."""

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
from gatekeeper.settings import parse as values
from gatekeeper.settings.config_file import ConfigFile
from gatekeeper.settings.sources import Reader, Table


def common_policy(reader: Reader) -> Policy:
    """Read the part of a policy that the catalogue's settings tell."""
    return Policy(
        accept=reader.read("accept", values.checks, frozenset()),
        strict_text=reader.read("strict-text", values.switch, default=False),
    )


def policy_of(reader: Reader, config: ConfigFile, test_suite: str) -> Policy:
    """Read the policy for a suite's runs."""
    _, min_pass_rate = reader.in_file("min-pass-rate") or ("", None)
    _, blocking = reader.in_file("blocking") or ("", True)
    return replace(
        common_policy(reader),
        min_pass_rate=min_pass_rate,
        blocking=blocking,
        known_failures=tuple(
            KnownFailure(table.values["step"], table.values["reason"], table.values["until"])
            for table in config.known_failures
            if _fits(table, test_suite)
        ),
        baseline=_baseline(reader),
    )


def warn_of_strays(reader: Reader, config: ConfigFile, asked: Iterable[str]) -> None:
    """Note each known failure that is of no suite, neither of the file nor of those asked for."""
    names = {table.values["name"] for table in config.suites}.union(asked)
    for table in config.known_failures:
        if not any(_fits(table, name) for name in names):
            reader.warn(f'{table.place}: no suite fits "{one_line(_pattern(table))}"')


def _pattern(table: Table) -> str:
    return str(table.values.get("suite", "*"))


def _fits(table: Table, name: str) -> bool:
    # Suites' names have brackets that stand for themselves.
    return fnmatchcase(name, _pattern(table).replace("[", "[[]"))


def _baseline(reader: Reader) -> Baseline | None:
    """Read what failed before; a file that is not there is warned of, what is wrong is noted."""
    place, path = reader.in_file("baseline") or ("", None)
    if path is None:
        return None
    shown = one_line(path)
    if is_missing(Path(path)):
        reader.warn(f"{place}: baseline: {shown} is not there, so every failure is a new one")
        return Baseline(path, is_missing=True)
    try:
        saved = read_result(Path(path))
    except GatekeeperError as error:
        reader.note(f"{place}: baseline: {one_line(error.what)}")
        return None
    for why in gate_inconsistencies(saved):
        reader.note(f"{place}: baseline: {shown}: {why}")
    for run_id in duplicate_run_ids(saved):
        about = f"run {one_line(run_id)} is in it more than once"
        reader.note(f"{place}: baseline: {shown}: {about}")
    return baseline_of(saved, path)
