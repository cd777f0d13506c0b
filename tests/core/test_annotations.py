"""Annotations: the worst first, as many as a platform shows, at the step's line."""

from datetime import UTC, datetime

from gatekeeper.core.model import Gate, Run
from gatekeeper.core.reports.annotations import annotations_of
from gatekeeper.core.source_map import SourceMap
from support.builders import Json, finished, greeting, response, run_of, step


def gate(*runs: Run) -> Gate:
    return Gate(runs, datetime(2026, 5, 4, tzinfo=UTC), 16.4)


def run(*steps: Json, status: str = "failed") -> Run:
    return run_of(finished(*steps, status=status))


def test_each_failing_step_has_one_with_what_was_said_and_why() -> None:
    [only] = annotations_of(gate(run(greeting(), greeting("failed"))), None, 10)
    assert only.title == "Booking, step 2: failed"
    assert "user said: hello" in only.message
    assert "the text assertion of response 1 failed" in only.message
    assert (only.file, only.line, only.is_warning) == (None, None, False)


def test_it_points_at_the_line_that_the_source_map_tells() -> None:
    source = SourceMap("suites/booking.json", ((7, "hello"), (21, "hello")))
    [only] = annotations_of(gate(run(greeting(), greeting("failed"))), source, 10)
    assert (only.file, only.line) == ("suites/booking.json", 21)


def test_of_more_than_can_be_shown_the_last_tells_how_many() -> None:
    failing = [greeting("failed") for _ in range(25)]
    found = list(annotations_of(gate(run(*failing)), None, 10))
    assert len(found) == 10
    assert found[-1].message.startswith("… and 16 more")
    assert len(list(annotations_of(gate(run(*failing[:10])), None, 10))) == 10


def test_failures_come_before_what_could_not_be_judged() -> None:
    unsure = step("?", response("x"), status="perhaps")
    first, second, *_ = annotations_of(gate(run(unsure, greeting("failed"))), None, 10)
    assert first.title == "Booking, step 2: failed"
    assert second.title == "Booking, step 1: could not be judged"


def test_a_run_without_a_step_to_blame_has_its_own() -> None:
    [only] = annotations_of(gate(run()), None, 10)
    assert only.title == "Booking"
    assert "but none of its steps did" in only.message


def test_a_run_that_passed_has_none() -> None:
    assert list(annotations_of(gate(run(greeting(), status="passed")), None, 10)) == []


def test_warnings_are_told_apart() -> None:
    passed = step("hello", response("Hi!"), outputs=[{"text": "Hi", "textMismatch": True}])
    [failure, warning] = annotations_of(gate(run(passed, greeting("failed"))), None, 10)
    assert (failure.is_warning, warning.is_warning) == (False, True)
    assert "text mismatch" in warning.message
