"""What is read of a run before it ends: its id at its start, and what its answers announce."""

import json
from typing import Any

import pytest

from gatekeeper.core.answer.read import (
    Announced,
    mentions_run,
    read_announced,
    read_progress,
    read_started,
)
from gatekeeper.errors import MalformedResult
from support.builders import finished, greeting


@pytest.mark.parametrize(
    ("body", "run_id", "mentioned"),
    [
        ('{"testRunId": "ctr-1"}', "ctr-1", True),
        ('{"testRunId":"!~"}', "!~", True),
        (f'{{"testRunId": "{"a" * 200}"}}', "a" * 200, True),
        (f'{{"testRunId": "{"a" * 201}"}}', None, True),
        ('{"testRunId": "a b"}', None, True),
        ('{"testRunId": "a\\u007f"}', None, True),
        ('{"testRunId": "é"}', None, True),
        ('{"testRunId" : 7}', None, True),
        ('{"testRunId": ["ctr-1"]}', None, True),
        ('{"testRunId": "ctr-1", "testRunId": "ctr-1"}', None, True),
        ('{"run": {"testRunId": "ctr-1"}}', None, True),
        ('{"testRunId": ""}', None, False),
        ('{"testRunId": null}', None, False),
        ('{"testrunid": "ctr-1"}', None, False),
        ('{"TESTRUNID": "ctr-1"}', None, False),
        ("{}", None, False),
    ],
)
def test_a_start_is_that_of_a_run_with_a_usable_id_and_any_id_is_a_mention(
    body: str, run_id: str | None, *, mentioned: bool
) -> None:
    assert read_started(body.encode()) == run_id
    assert mentions_run(body.encode()) is mentioned


def announced(told: Any) -> Announced:
    return read_announced(json.dumps(told).encode())


@pytest.mark.parametrize(
    "told", [{}, {"result": None}, {"result": []}, {"result": {"stepDetails": 7}}]
)
def test_what_says_nothing_announces_nothing(told: Any) -> None:
    assert announced(told) == Announced()


def test_an_answer_announces_its_run_its_steps_and_those_that_failed() -> None:
    answer = finished(greeting(), greeting("failed"), greeting("Failed"))
    assert announced(answer) == Announced(3, 2, "ctr-1", None)


@pytest.mark.parametrize(
    ("count", "details", "listed", "steps"),
    [
        (5, 4, 3, 5),
        (4, 5, 3, 5),
        (3, 4, 5, 5),
        ("7", None, 0, 7),
        (None, "7", 0, 7),
        (-7, -7, 0, 0),
        (7.9, None, 0, 7),
        ("-7", "7.5", 1, 1),
        ("9" * 9, None, 0, 999_999_999),
        ("9" * 10, None, 0, 0),
        (True, [7], 0, 0),
    ],
)
def test_the_most_steps_that_any_of_it_tells_of_are_announced(
    count: Any, details: Any, listed: int, steps: int
) -> None:
    inner = {"stepDetails": {"total": details}, "executionResults": [{}] * listed}
    assert announced({"totalTestStepsCount": count, "result": inner}).steps == steps


@pytest.mark.parametrize(
    ("details", "listed", "failed"),
    [
        (2, ["failed", "passed"], 2),
        (0, ["failed", "FAILURE", "passed", None, "error"], 2),
        ("3", [], 3),
        (None, [], 0),
    ],
)
def test_the_most_failed_steps_that_any_of_it_tells_of_are_announced(
    details: Any, listed: list[Any], failed: int
) -> None:
    results = [{"status": word} for word in listed]
    inner = {"stepDetails": {"failed": details}, "executionResults": [*results, 7, None]}
    assert announced({"result": inner}).failed == failed


@pytest.mark.parametrize(
    ("answer", "errors"),
    [
        ({"errors": ["a"], "result": {"errorDetails": "b"}}, ["a"]),
        ({"errors": [], "result": {"errorDetails": "b"}}, "b"),
        ({"result": {"errorDetails": {"c": 1}}}, {"c": 1}),
    ],
)
def test_what_is_wrong_is_announced_in_its_own_words(answer: Any, errors: Any) -> None:
    assert announced(answer).errors == errors


@pytest.mark.parametrize(
    ("percentage", "steps", "read"),
    [
        ("42.5", "7", (42.5, 7)),
        ("0.0", "7.0", (0.0, 7)),
        ("NaN", "NaN", (None, -1)),
        ("Infinity", "1e999", (None, -1)),
        ("-1e999", "-Infinity", (None, -1)),
    ],
)
def test_a_number_that_json_cannot_hold_is_no_percentage_and_no_count(
    percentage: str, steps: str, read: Any
) -> None:
    body = f'\ufeff{{"percentageCompleted": {percentage}, "totalTestStepsCount": {steps}}}'
    progress = read_progress(body.encode())
    assert (progress.percentage, progress.total_steps) == read


def test_what_is_no_object_is_malformed() -> None:
    for body in (b"[]", b"7", b"", b"{"):
        with pytest.raises(MalformedResult, match="malformed response"):
            read_announced(body)
