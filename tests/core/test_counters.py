"""The platform's counters: each is a count, and none counts more than is known to be."""

import json
from collections import Counter
from typing import Any

import pytest

from gatekeeper.core.answer.read import read_result
from gatekeeper.core.answer.shape import Execution, Result, StepDetails
from gatekeeper.core.answer.states import State
from gatekeeper.core.model import Reason
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.verdict.counters import check_counters, malformed_counters
from support.builders import finished, greeting

NAMES = (
    "totalTestStepsCount",
    "result.stepDetails.total",
    "result.stepDetails.passed",
    "result.stepDetails.failed",
)


def malformed(name: str, value: Any) -> list[Any]:
    answer = finished(greeting())
    place = answer
    *folders, last = name.split(".")
    for folder in folders:
        place = place[folder]
    place[last] = value
    result = read_result(json.dumps(answer).encode())
    return [*malformed_counters(result, result.result or Execution())]


@pytest.mark.parametrize("name", NAMES)
def test_each_counter_that_is_no_count_is_malformed_by_its_name(name: str) -> None:
    value: float | None
    for value in (-1, -0.5, 0.5, 1.5):
        [reason] = malformed(name, value)
        assert (reason.outcome, reason.check, reason.firm) == (Outcome.ERROR, None, True)
        assert f": {name}: " in reason.text
        assert reason.text.endswith(f" {value}")
    for count in (None, 0, 1, 1.0, 7):
        assert malformed(name, count) == []


def test_without_counters_none_is_malformed() -> None:
    answer = finished(greeting()) | {"totalTestStepsCount": None}
    answer["result"]["stepDetails"] = None
    result = read_result(json.dumps(answer).encode())
    assert [*malformed_counters(result, Execution())] == []


KNOWN = Counter({State.FAILED: 2, State.ENDED: 1})


def counted(details: StepDetails | None) -> list[Reason]:
    result = Result(total_test_steps_count=3)
    return [*check_counters(result, Execution(step_details=details), KNOWN)]


@pytest.mark.parametrize(
    ("name", "value", "firm"),
    [
        ("failures", 3, True),
        ("errored", 2, True),
        ("errors", 2, True),
        ("error", 1.5, True),
        ("skipped", 1, False),
        ("not_executed", 1, False),
    ],
)
def test_a_counter_under_another_name_counts_against_a_run_beyond_what_is_known(
    name: str, value: float, *, firm: bool
) -> None:
    [reason] = counted(StepDetails(others={"odd": 9, name: value}))
    assert (reason.outcome, reason.check, reason.firm) == (Outcome.ERROR, Check.COUNTERS, firm)
    assert f".{name} is {value}, " in reason.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("failures", 2),
        ("error", 1),
        ("skipped", 0),
        ("skipped", "many"),
        ("skipped", None),
        ("passed", 9),
        ("running", 9),
        ("s", 9),
        ("odd", 9),
    ],
)
def test_a_counter_of_no_more_than_is_known_or_of_nothing_bad_does_not_matter(
    name: str, value: Any
) -> None:
    assert counted(StepDetails(others={name: value})) == []


def test_every_counter_is_looked_at_and_its_name_and_amount_are_cut_short() -> None:
    long = "error" + "_" * 70
    counters = {"odd": 1, "failed ": 3, "skipped": 1, long: 10**30}
    reasons = counted(StepDetails(others=counters))
    assert len(reasons) == 3
    assert f".{long[:59]}… is {str(10**30)[:23]}…, " in reasons[2].text
    assert counted(None) == counted(StepDetails()) == []
