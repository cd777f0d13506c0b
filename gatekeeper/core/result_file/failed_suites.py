"""Which suites of a gate did not pass in an earlier result, and why it must not be used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from gatekeeper.core.record import Record
from gatekeeper.core.result_file.consistency import duplicate_run_ids, gate_inconsistencies
from gatekeeper.core.result_file.schema import SavedGate, SavedRun
from gatekeeper.core.text import one_line, printable
from gatekeeper.core.verdict.target import Target
from gatekeeper.core.versions import target_key
from gatekeeper.errors import ExitCode

_MOST_LISTED = 5
_Suite: TypeAlias = tuple[str, str | None]


class FailedSuites(Record):
    """The suites of a gate that did not pass in an earlier result, by their indexes.

    `unknown` names the suites that the result does not have. With `problems`, the result must not
    be used: what it says is not about this gate. `has_failures` says whether anything in it did
    not pass, whichever gate it belongs to.
    """

    indexes: tuple[int, ...]
    unknown: tuple[str, ...]
    problems: tuple[str, ...]
    has_failures: bool


def failed_suites(saved: SavedGate, targets: Sequence[Target]) -> FailedSuites:
    """Find the suites of a gate, given as targets, that did not pass in an earlier result.

    Tolerated ones passed: they did not keep that gate from passing.
    """
    failed: list[int] = []
    unknown: list[Target] = []
    mismatched: dict[_Suite, str] = {}
    for index, target in enumerate(targets):
        of_suite = [run for run in saved.runs if _suite(run) == _suite(target)]
        runs = [run for run in of_suite if _key(run) == _key(target)]
        if any(not run.verdict.is_green for run in runs):
            failed.append(index)
        elif of_suite and not runs:
            what = f"{_name(target)} ran there {_about(of_suite[0])}, now {_about(target)}"
            mismatched[_suite(target)] = what
        elif not of_suite:
            unknown.append(target)
    red = [run for run in saved.runs if not run.verdict.is_green]
    requested = {(_suite(target), _key(target)) for target in targets}
    foreign = [
        f"{_name(run)} {_about(run)}"
        for run in red
        if (_suite(run), _key(run)) not in requested and _suite(run) not in mismatched
    ]
    problems = [*_defects(saved)] or [*_mismatches([*mismatched.values()], foreign)]
    return FailedSuites(
        tuple(failed), tuple(map(_name, unknown)), tuple(problems), has_failures=bool(red)
    )


def _defects(saved: SavedGate) -> Iterator[str]:
    """Yield why a result cannot be relied on, whatever the gate."""
    if saved.exit_code == ExitCode.CONFIGURATION:
        yield "the settings of that gate were invalid, so it ran no suite"
    yield from gate_inconsistencies(saved)
    for run_id in duplicate_run_ids(saved):
        yield f"run {one_line(run_id)} is in it more than once"


def _mismatches(mismatched: Sequence[str], foreign: Sequence[str]) -> Iterator[str]:
    if mismatched:
        yield f"it is about another app or version: {listed(mismatched)}"
    if foreign:
        yield f"this gate does not have all suites that did not pass there: {listed(foreign)}"


def listed(texts: Sequence[str]) -> str:
    """Return the first few of some texts, and how many more there are."""
    more = len(texts) - _MOST_LISTED
    return "; ".join([*texts[:_MOST_LISTED], *([f"and {more} more"] if more > 0 else [])])


def _suite(suite: SavedRun | Target) -> _Suite:
    return printable(suite.test_suite), suite.language and one_line(suite.language)


def _key(suite: SavedRun | Target) -> tuple[str | None, ...]:
    return target_key(suite.stream_id, suite.language, suite.bot_version)


def _name(suite: SavedRun | Target) -> str:
    language = f" ({one_line(suite.language)})" if suite.language else ""
    return f'"{one_line(suite.test_suite)}"{language}'


def _about(suite: SavedRun | Target) -> str:
    stream, _, version = _key(suite)
    return f"in stream {stream or '(unknown)'}, version {version or '(unknown)'}"
