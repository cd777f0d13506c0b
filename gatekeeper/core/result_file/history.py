"""Reads from earlier gates' `result.json` only what trends need, to save memory."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import msgspec

from gatekeeper.core.model import Steps
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.result_file.schema import INVALID, SCHEMA, unsupported_schema
from gatekeeper.core.step_ids import ids_saved
from gatekeeper.core.text import one_line
from gatekeeper.errors import MalformedResult

HEAD_BYTES = 4096
# Inside a JSON string its quotes would be escaped, so this is the field itself.
_STARTED_AT = re.compile(rb'"started_at"\s*:\s*"([^"\\]{1,64})"')
_FAILURES = (Outcome.FAILED, Outcome.TOLERATED)


class PastRun(Record):
    """How a run ended; `seen` has the ids of its steps, `failed` the ids of those that failed."""

    test_suite: str
    language: str | None
    verdict: Outcome
    steps: Steps
    duration: float | None
    seen: tuple[str, ...] = ()
    failed: frozenset[str] = frozenset()


class PastGate(Record):
    """An earlier gate and when it started; a time without a zone is UTC."""

    start_time: datetime
    runs: tuple[PastRun, ...]


class _Case(Record, kw_only=True):
    id: str | None = None
    name: str
    outcome: Outcome


class _Run(Record, kw_only=True):
    test_suite: str
    language: str | None = None
    verdict: Outcome
    steps: Steps = msgspec.field(default_factory=Steps)
    duration: float | None = None
    cases: tuple[_Case, ...] = ()


class _Gate(Record):
    schema: int
    started_at: str
    runs: tuple[_Run, ...]


def start_time_in(head: bytes) -> datetime | None:
    """Return when a gate started, from the first bytes of its file; `None` if it is not there."""
    found = _STARTED_AT.search(head)
    try:
        return found and _time(found[1].decode())
    except (ValueError, OverflowError):
        return None


def read_past(body: bytes) -> PastGate:
    """Read a `result.json` for trends; raises `MalformedResult` if it is invalid."""
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
    return PastGate(start_time, tuple(map(_run, gate.runs)))


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _run(run: _Run) -> PastRun:
    ids = ids_saved([(case.id, case.name) for case in run.cases])
    pairs = zip(ids, run.cases, strict=True)
    failed = frozenset(step for step, case in pairs if case.outcome in _FAILURES)
    return PastRun(run.test_suite, run.language, run.verdict, run.steps, run.duration, ids, failed)
