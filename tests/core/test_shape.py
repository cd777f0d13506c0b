"""What counts as a number in an answer, and what its fields come to."""

import json
import math
from typing import Any

import msgspec
import pytest

from gatekeeper.core.answer.read import read_progress, read_result
from gatekeeper.core.answer.shape import Execution, LazySteps, Progress, Result, number


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0.0),
        (7, 7.0),
        (-1.5, -1.5),
        (True, None),
        (False, None),
        ("7", None),
        (None, None),
        ([7], None),
        (math.nan, None),
        (math.inf, None),
        (-math.inf, None),
        (10**400, None),
    ],
)
def test_only_a_finite_number_is_a_number(value: Any, expected: float | None) -> None:
    assert number(value) == expected
    assert expected is None or isinstance(number(value), float)


@pytest.mark.parametrize(
    ("milliseconds", "seconds"),
    [
        (14364, 14.364),
        (0, 0.0),
        (99_999_999_999, 99_999_999.999),
        (1e11, None),
        (-1, None),
        ("1", None),
        (None, None),
    ],
)
def test_a_duration_is_told_in_milliseconds(milliseconds: Any, seconds: float | None) -> None:
    assert Result(result=Execution(duration=milliseconds)).duration == seconds
    assert Result().duration is None


@pytest.mark.parametrize(("version", "text"), [("v2", "v2"), (7, None), (None, None)])
def test_only_a_text_is_a_version(version: Any, text: str | None) -> None:
    assert Result(result=Execution(version=version)).version == text


def test_a_response_without_a_result_has_neither_a_version_nor_a_link() -> None:
    assert (Result().version, Result().results_url) == (None, None)


@pytest.mark.parametrize(
    ("value", "percentage", "steps"),
    [(0, 0.0, 0), (100, 100.0, 100), (100.5, None, 100), (-0.5, None, 0), (None, None, None)],
)
def test_progress_is_from_nothing_to_all(
    value: Any, percentage: float | None, steps: int | None
) -> None:
    progress = Progress(percentage_completed=value, total_test_steps_count=value)
    assert (progress.percentage, progress.total_steps) == (percentage, steps)


@pytest.mark.parametrize(
    ("result", "state"),
    [({"status": "running"}, "running"), ({}, None), (None, None), ("running", None)],
)
def test_progress_has_the_state_of_the_run_and_that_of_its_result(
    result: Any, state: str | None
) -> None:
    body = json.dumps({"status": "passed", "result": result}).encode()
    assert read_progress(body).states == ("passed", state)


def test_steps_are_read_from_the_first_the_last_and_in_parts() -> None:
    steps = [{"status": str(at), "input": at} for at in range(5)]
    body = json.dumps({"result": {"executionResults": steps}}).encode()
    execution = read_result(body).result
    assert execution
    read = execution.execution_results
    assert read is not None
    assert (len(read), read[0].status, read[-1].status) == (5, "0", "4")
    assert [step.input for step in read] == [*range(5)]
    assert [step.input for step in read[1:4:2]] == [1, 3]


def test_a_step_is_shown_as_it_stands_in_the_answer_but_for_what_is_no_text() -> None:
    steps = LazySteps([msgspec.Raw(b'{ "input" : 1}'), msgspec.Raw(b'{"input": "\xff"}')])
    assert [steps.raw(at) for at in range(2)] == ['{ "input" : 1}', '{"input": "\ufffd"}']
