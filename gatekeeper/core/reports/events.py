"""The events of a gate for other programs: JSON Lines with the names that `result.json` has."""

from __future__ import annotations

import re
from datetime import datetime
from itertools import islice
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from gatekeeper.core.masking import Mask, masked_value
from gatekeeper.core.model import Gate, Partial, Run, Steps
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.text import one_line, printable
from gatekeeper.core.wording.verdicts import reasons_of

HEAD = b'{"event":"'
"""The beginning of each line."""
_MOST_REASONS = 10
_REASON_LIMIT = 300
# As JSON escapes, what a CI platform would execute in a line of the log has no effect. Commands at
# the start of a line cannot occur.
_COMMANDS = re.compile(r"#|(?<=fold):|(?<=time):(?!\")")


class _RunEvent(Record, kw_only=True, tag_field="event"):
    """What all events of a run have; `time` is when it happened, in UTC."""

    time: str = ""
    test_suite: str
    language: str | None
    test_run_id: str | None
    attempt: int


class Started(_RunEvent, kw_only=True, tag="started"):
    """A run was started, or `attached` to."""

    attached: bool


class Progress(_RunEvent, kw_only=True, tag="progress"):
    """A run has another percentage, which may be unknown; `elapsed` is in seconds."""

    percentage: float | None
    elapsed: float


class Ended(_RunEvent, kw_only=True, tag="ended"):
    """An attempt at a suite ended; `duration` is in seconds."""

    verdict: Outcome
    duration: float | None
    steps: Steps
    reasons: tuple[str, ...]


class JudgedRun(Record):
    """How a suite ended, whichever of its attempts counts."""

    test_suite: str
    language: str | None
    test_run_id: str | None
    attempt: int
    verdict: Outcome
    flaky: bool


class GateVerdict(Record, kw_only=True, tag_field="event", tag="verdict"):
    """The gate ended; `duration` is in seconds, `interrupted_by` is the number of a signal.

    If it is `partial`, it ran only suites that had not passed before.
    """

    time: str = ""
    verdict: Outcome
    exit_code: int
    interrupted_by: int | None
    duration: float
    steps: Steps
    partial: Partial | msgspec.UnsetType = msgspec.UNSET
    runs: tuple[JudgedRun, ...]


Event: TypeAlias = Started | Progress | Ended | GateVerdict


def ended(run: Run, attempt: int) -> Ended:
    """Return the event of an attempt's end, with its first reasons."""
    reasons = islice(reasons_of(run.verdict), _MOST_REASONS)
    return Ended(
        test_suite=printable(run.test_suite),
        language=run.language,
        test_run_id=run.test_run_id,
        attempt=attempt,
        verdict=run.verdict.outcome,
        duration=None if run.duration is None else round(run.duration, 3),
        steps=run.verdict.steps,
        reasons=tuple(one_line(reason, _REASON_LIMIT) for reason in reasons),
    )


def gate_verdict(gate: Gate) -> GateVerdict:
    """Return the event of a gate's end."""
    return GateVerdict(
        verdict=gate.outcome,
        exit_code=gate.exit_code.value,
        interrupted_by=gate.interrupted_by,
        duration=round(gate.duration, 3),
        steps=gate.steps,
        partial=gate.partial or msgspec.UNSET,
        runs=tuple(
            JudgedRun(
                printable(run.test_suite),
                run.language,
                run.test_run_id,
                run.attempt,
                run.verdict.outcome,
                run.is_flaky,
            )
            for run in gate.runs
        ),
    )


def json_line(event: Event, now: datetime, mask: Mask) -> str:
    """Return an event as one line, with its texts masked, and nothing that a CI platform obeys."""
    shown = replace(masked_value(event, mask), time=now.isoformat(timespec="milliseconds"))
    text = msgspec.json.encode(shown).decode()
    return f"{_COMMANDS.sub(_escaped, text)}\n"


def _escaped(match: re.Match[str]) -> str:
    return rf"\u{ord(match[0]):04x}"
