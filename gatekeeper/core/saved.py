"""`result.json` read back: an earlier gate's end, to compare with or to join to others."""

from __future__ import annotations

import msgspec

from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.text import printable
from gatekeeper.errors import MalformedResult


class SavedCase(msgspec.Struct, frozen=True, gc=False):
    """How one step ended; `name` is its number and its input, `outcome` that of its verdict."""

    index: int
    name: str
    outcome: str


class SavedRun(msgspec.Struct, frozen=True, gc=False):
    """How one run of one suite ended."""

    test_suite: str
    verdict: str
    language: str | None = None
    duration: float | None = None
    cases: tuple[SavedCase, ...] = ()


class SavedGate(msgspec.Struct, frozen=True, gc=False):
    """How a gate ended; `started_at` is in ISO 8601, `duration` in seconds."""

    schema: int
    verdict: str
    started_at: str
    duration: float
    runs: tuple[SavedRun, ...]


def read_saved(body: bytes) -> SavedGate:
    """Read a `result.json`; raises `MalformedResult` for what is none."""
    try:
        return msgspec.json.decode(body, type=SavedGate)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedResult(f"it is no result.json: {error}") from None


def failed_steps(saved: SavedGate, test_suite: str, language: str) -> frozenset[str] | None:
    """Name the steps that failed when this suite ran in this language; `None` if it did not run.

    A run whose language is not known fits any. Of several runs, all steps that failed are named.
    """
    runs = [
        run
        for run in saved.runs
        if run.test_suite == printable(test_suite) and run.language in (None, language)
    ]
    if not runs:
        return None
    failed = (Outcome.FAILED, Outcome.TOLERATED)
    return frozenset(case.name for run in runs for case in run.cases if case.outcome in failed)
