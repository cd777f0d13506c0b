"""Reads from earlier gates' `result.json` only what trends and comparisons need, to save memory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from gatekeeper.core.model import Partial, Steps
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.result_file.schema import (
    INVALID,
    SCHEMA,
    SavedCase,
    SavedGate,
    SavedResponse,
    SavedRun,
    unsupported_schema,
)
from gatekeeper.core.step_ids import ids_saved
from gatekeeper.core.text import one_line
from gatekeeper.core.versions import target_key
from gatekeeper.errors import MalformedResult

HEAD_BYTES = 4096
# Inside a JSON string its quotes would be escaped, so this is the field itself.
_STARTED_AT = re.compile(rb'"started_at"\s*:\s*"([^"\\]{1,64})"')
FAILURES = (Outcome.FAILED, Outcome.TOLERATED)
"""The outcomes of steps that failed."""

RunKey: TypeAlias = tuple[str, tuple[str | None, ...]]
"""What runs have in common that can be compared: the suite, and its `target_key`."""


class PastRun(Record):
    """How a run ended; `seen` has the ids of its steps, `failed` the ids of those that failed.

    `target` is the run's `target_key`. `answers` has the responses of steps that passed, by the
    step's id, as far as the file has them.
    """

    test_suite: str
    language: str | None
    verdict: Outcome
    steps: Steps
    duration: float | None
    seen: tuple[str, ...] = ()
    failed: frozenset[str] = frozenset()
    target: tuple[str | None, ...] = ()
    answers: Mapping[str, tuple[SavedResponse, ...]] = msgspec.field(default_factory=dict)

    @property
    def key(self) -> RunKey:
        """What a run must have in common with this one to be compared with it."""
        return self.test_suite, self.target


class PastGate(Record):
    """An earlier gate and when it started; a time without a zone is UTC.

    A gate that `is_partial` ran only suites that had not passed before.
    """

    start_time: datetime
    runs: tuple[PastRun, ...]
    commit: str | None = None
    is_partial: bool = False

    def answered(self) -> Iterator[tuple[RunKey, str]]:
        """Yield the steps, by their runs and ids, that passed with responses in the file."""
        return ((run.key, step) for run in self.runs for step in run.answers)

    def without_answers(self, steps: AbstractSet[tuple[RunKey, str]]) -> PastGate:
        """Return the gate without the responses of these steps."""
        return replace(self, runs=tuple(_without(run, steps) for run in self.runs))


def _without(run: PastRun, steps: AbstractSet[tuple[RunKey, str]]) -> PastRun:
    kept = {step: said for step, said in run.answers.items() if (run.key, step) not in steps}
    return replace(run, answers=kept)


class _Case(Record, kw_only=True):
    id: str | None = None
    name: str
    outcome: Outcome
    answers: tuple[SavedResponse, ...] = ()


class _Run(Record, kw_only=True):
    test_suite: str
    stream_id: str | None = None
    language: str | None = None
    bot_version: str | None = None
    verdict: Outcome
    steps: Steps = msgspec.field(default_factory=Steps)
    duration: float | None = None
    cases: tuple[_Case, ...] = ()


class _Gate(Record, kw_only=True):
    schema: int
    started_at: str
    commit: str | None = None
    partial: Partial | None = None
    runs: tuple[_Run, ...]


def start_time_in(head: bytes) -> datetime | None:
    """Return when a gate started, from the first bytes of its file; `None` if it is not there."""
    found = _STARTED_AT.search(head)
    try:
        return found and _time(found[1].decode())
    except (ValueError, OverflowError):
        return None


def read_past(body: bytes) -> PastGate:
    """Read a `result.json` for trends and comparisons; raises `MalformedResult`."""
    try:
        gate = msgspec.json.decode(body, type=_Gate)
        start_time = _time(gate.started_at)
    except (msgspec.DecodeError, ValueError, OverflowError, RecursionError) as error:
        raise MalformedResult(f"{INVALID}: {one_line(str(error))}") from None
    if gate.schema != SCHEMA:
        raise MalformedResult(unsupported_schema(gate.schema))
    for run in gate.runs:
        if run.verdict is Outcome.SKIPPED:
            name = one_line(run.test_suite)
            raise MalformedResult(f"{INVALID}: run of {name}: invalid verdict: {run.verdict}")
    runs = tuple(map(_run, gate.runs))
    return PastGate(start_time, runs, gate.commit, is_partial=gate.partial is not None)


def past_of(saved: SavedGate) -> PastGate:
    """Return as much of a saved gate as comparisons need."""
    return PastGate(saved.start_time, tuple(map(_run, saved.runs)), saved.commit)


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _run(run: _Run | SavedRun) -> PastRun:
    cases: Sequence[_Case | SavedCase] = run.cases
    ids = ids_saved([(case.id, case.name) for case in cases])
    pairs = tuple(zip(ids, cases, strict=True))
    return PastRun(
        run.test_suite,
        run.language,
        run.verdict,
        run.steps,
        run.duration,
        ids,
        frozenset(step for step, case in pairs if case.outcome in FAILURES),
        target_key(run.stream_id, run.language, run.bot_version),
        {
            step: case.answers
            for step, case in pairs
            if case.outcome is Outcome.PASSED and case.answers
        },
    )
