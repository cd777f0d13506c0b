"""As much of earlier gates as trends need: when they began, and how their runs and steps ended."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.result_file.history import read_past, start_time_in
from gatekeeper.errors import MalformedResult

BEGUN = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("head", "begun"),
    [
        (b'{"schema": 1, "started_at": "2026-05-04T03:02:01Z", "runs": [', BEGUN),
        (b'{"started_at"\n :\t"2026-05-04T03:02:01"', BEGUN),
        (b'"started_at": "2026-05-04T05:02:01+02:00"', BEGUN),
        (b'"started_at": "2026-05-04T03:02:01Z', None),
        (b'"started_at": "yesterday"', None),
        (b'"started_at": "\xff\xfe"', None),
        (b'"text": "\\"started_at\\": \\"2026-05-04T03:02:01Z\\""', None),
        (b"", None),
    ],
)
def test_the_first_bytes_of_a_file_tell_when_its_gate_began(
    head: bytes, begun: datetime | None
) -> None:
    assert start_time_in(head) == begun


def document(**fields: Any) -> dict[str, Any]:
    return {"schema": 1, "started_at": "2026-05-04T05:02:01+02:00", "runs": []} | fields


def read(told: Any) -> Any:
    return read_past(json.dumps(told).encode())


def test_a_gate_is_read_with_its_begin_and_which_steps_of_its_runs_failed() -> None:
    outcomes = ("passed", "failed", "tolerated", "error", "skipped")
    cases = [{"name": f"001 {one}", "outcome": one, "id": f"id of {one}"} for one in outcomes]
    run = {"test_suite": "A", "language": "en", "verdict": "failed", "duration": 7.5}
    gate = read(document(runs=[run | {"steps": {"total": 5}, "cases": cases}]))
    assert gate.start_time == BEGUN
    assert gate.start_time.utcoffset() == timedelta(hours=2)
    [past] = gate.runs
    assert (past.test_suite, past.language, past.verdict) == ("A", "en", Outcome.FAILED)
    assert (past.duration, past.steps.total) == (7.5, 5)
    assert past.seen == tuple(f"id of {one}" for one in outcomes)
    assert past.failed == {"id of failed", "id of tolerated"}


def test_a_gate_of_some_of_its_suites_is_read_as_partial() -> None:
    assert not read(document()).is_partial
    assert read(document(partial={"not_run": 2})).is_partial


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"schema": 7}, r"\b7\b.*\b1\b"),
        ({"schema": None}, "schema"),
        ({"started_at": "yesterday"}, "yesterday"),
        ({"runs": {}}, r"\$\.runs"),
        ({"runs": [{"test_suite": "A", "verdict": "skipped"}]}, r"\bA\b.*\bskipped\b"),
        ({"runs": [{"test_suite": "A", "verdict": "odd"}]}, r"\$\.runs\[0\]\.verdict"),
    ],
)
def test_what_no_gate_wrote_is_refused_with_what_is_wrong_in_it(fields: Any, why: str) -> None:
    with pytest.raises(MalformedResult, match=why):
        read(document(**fields))
