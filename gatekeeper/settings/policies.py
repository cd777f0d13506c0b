"""What is asked of each suite: the policy that flags, variables, inputs and the file make."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from msgspec.structs import replace

from gatekeeper.core.policy import KnownFailure, Policy
from gatekeeper.core.saved import failed_steps, read_saved
from gatekeeper.core.text import one_line
from gatekeeper.errors import MalformedResult
from gatekeeper.settings import values
from gatekeeper.settings.config_file import ConfigFile
from gatekeeper.settings.reader import Reader, Table


def common_policy(reader: Reader) -> Policy:
    """Read the part of a policy that the catalogue's settings tell."""
    return Policy(
        accept=reader.read("accept", values.checks, frozenset()),
        strict_text=reader.read("strict-text", values.switch, default=False),
    )


def policy_of(reader: Reader, config: ConfigFile, test_suite: str, language: str) -> Policy:
    """Read the policy for a suite's run in a language."""
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
        baseline=_baseline(reader, test_suite, language),
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


def _baseline(reader: Reader, test_suite: str, language: str) -> frozenset[str] | None:
    """Read which steps failed before; what was said about that wrongly is noted."""
    place, path = reader.in_file("baseline") or ("", None)
    if path is None or not test_suite:
        return None
    try:
        failed = failed_steps(read_saved(Path(path).read_bytes()), test_suite, language)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it names no file"
        reader.note(f"{place}: baseline: {one_line(path)} cannot be read: {why}")
        return frozenset()
    except MalformedResult as error:
        reader.note(f"{place}: baseline: {one_line(path)}: {one_line(error.what)}")
        return frozenset()
    if failed is None:
        reader.warn(
            f'{place}: baseline: {one_line(path)} has no run of suite "{one_line(test_suite)}" '
            f"in {language}, so every failure is a new one"
        )
        return frozenset()
    return failed
