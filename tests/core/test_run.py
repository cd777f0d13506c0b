"""What speaks against a run as a whole: each reason has its weight, and says what it is about."""

import json
import re
from typing import Any

import pytest

from gatekeeper.core.answer.read import read_result
from gatekeeper.core.model import Reason, Steps, Verdict
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.core.verdict.run import judge
from gatekeeper.core.verdict.target import NOT_OBSERVED, Observed, Target
from support.builders import Json, finished, greeting

FIRM = (Outcome.ERROR, None, True)
FAILED_COUNTED = (Outcome.FAILED, None, False)
FAILED_SOMEWHERE = (Outcome.FAILED, None, True)
COUNTERS = (Outcome.ERROR, Check.COUNTERS, False)
FIRM_COUNTERS = (Outcome.ERROR, Check.COUNTERS, True)
MISSING = (Outcome.ERROR, Check.MISSING_STATUS, False)
UNKNOWN = (Outcome.ERROR, Check.UNKNOWN_STATE, False)
CONTRADICTION = (Outcome.ERROR, Check.CONTRADICTION, False)
FIRM_CONTRADICTION = (Outcome.ERROR, Check.CONTRADICTION, True)
UNEXECUTED = (Outcome.ERROR, Check.NOT_EXECUTED, False)


def judged(answer: Any, *accept: Check, observed: Observed = NOT_OBSERVED) -> Verdict:
    result = read_result(json.dumps(answer).encode())
    return judge(result, Policy(frozenset(accept)), Target("Booking"), observed)


def weight(reason: Reason) -> Any:
    return reason.outcome, reason.check, reason.firm


def hold(verdict: Verdict, *expected: tuple[Any, str]) -> None:
    """See that the run's own reasons have these weights, and these texts in them."""
    assert [weight(reason) for reason in verdict.reasons] == [wanted for wanted, _ in expected]
    for reason, (_, text) in zip(verdict.reasons, expected, strict=True):
        assert text in reason.text
        # It stands within a sentence.
        assert re.fullmatch("[a-z0-9].*[^.A-Z]", reason.text)


def changed(answer: Json, **fields: Any) -> Json:
    """Change fields of an answer: those of its result by `in_`, of its counters by `of_`."""
    for name, value in fields.items():
        place = answer
        if name.startswith(("in_", "of_")):
            place = answer["result"]
        if name.startswith("of_"):
            place = place["stepDetails"]
        place[name.removeprefix("in_").removeprefix("of_")] = value
    return answer


def two(*statuses: str, **fields: Any) -> Json:
    return changed(finished(*map(greeting, statuses or ("passed", "passed"))), **fields)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"percentageCompleted": 99.5}, [(CONTRADICTION, "run has status 'passed', but only 99")]),
        (
            {"percentageCompleted": 40, "status": None},
            [(CONTRADICTION, "result has status 'passed', but only 40 %"), (MISSING, "the run")],
        ),
        (
            {"percentageCompleted": 0, "status": "odd", "in_status": "aborted"},
            [(CONTRADICTION, "only 0 %"), (UNKNOWN, "'odd'"), (FIRM, "its result ended")],
        ),
        (
            {"percentageCompleted": 40, "status": "completed"},
            [(CONTRADICTION, "the run has status 'completed', but only 40 %")],
        ),
        ({"percentageCompleted": 100.5}, []),
        ({"percentageCompleted": -1}, [(CONTRADICTION, "only -1 %")]),
        ({"status": None}, [(MISSING, "the run ")]),
        ({"in_status": ""}, [(MISSING, "its result ")]),
        ({"status": "o\nd"}, [(UNKNOWN, "the run has the unknown status 'o d'")]),
        ({"in_status": "odd"}, [(UNKNOWN, "its result has the unknown status 'odd'")]),
        ({"status": "aborted"}, [(FIRM, "the run ended with status 'aborted'")]),
        ({"in_status": "not run"}, [(FIRM, "its result ended with status 'not run'")]),
        ({"status": "completed", "in_status": "complete"}, []),
        ({"status": "failed"}, [(FIRM_CONTRADICTION, "the run failed, but none")]),
        ({"in_status": "failed"}, [(FIRM_CONTRADICTION, "its result failed, but none")]),
        (
            {"status": "failed", "percentageCompleted": 40},
            [(FIRM_CONTRADICTION, "the run failed, but none")],
        ),
        ({"status": "running"}, [(FIRM, "(100 % done)")]),
        ({"in_status": "running", "percentageCompleted": None}, [(FIRM, "finished")]),
    ],
)
def test_what_a_run_and_its_result_say_of_themselves(fields: Json, expected: Any) -> None:
    hold(judged(two(**fields)), *expected)


@pytest.mark.parametrize(
    ("fields", "next_step"),
    [
        ({"status": "paused"}, "look at the run on the platform"),
        ({"in_status": "not run"}, "look at the run on the platform"),
        ({"status": "failed"}, ""),
        ({}, ""),
    ],
)
def test_a_run_that_was_ended_early_has_a_next_step(fields: Json, next_step: str) -> None:
    assert judged(two(**fields)).next_step.startswith(next_step)
    assert bool(judged(two(**fields)).next_step) is bool(next_step)


def test_a_run_in_progress_of_unknown_progress_gives_none() -> None:
    [reason] = judged(two(status="running", percentageCompleted="most")).reasons
    assert "%" not in reason.text


def test_an_answer_without_a_result_is_missing_it_and_its_state_alone() -> None:
    verdict = judged({"_id": "ctr-1", "streamId": "st-1", "status": "passed", "result": None})
    hold(verdict, (MISSING, "no result"), (FIRM, "neither"))
    assert len(verdict.warnings) == 1
    verdict = judged({"_id": "ctr-1", "streamId": "st-1"})
    hold(verdict, (MISSING, "no result"), (MISSING, "the run "), (FIRM, "neither"))


@pytest.mark.parametrize("status", ["passed", "failed"])
def test_failed_steps_contradict_each_state_that_says_passed(status: str) -> None:
    verdict = judged(two("passed", "failed", "failed", status="passed", in_status=status))
    sides = ["the run"] if status == "failed" else ["the run", "its result"]
    text = "has status 'passed', but 2 of 3 steps failed"
    hold(verdict, *((CONTRADICTION, f"{side} {text}") for side in sides))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("boom", "boom"),
        (["a"], '["a"]'),
        ({"b": 1}, '{"b": 1}'),
        (0, "0"),
        (False, "false"),
        ("x" * 501, "x" * 499 + "…"),
        (None, None),
        ("", None),
        (" \n", None),
        ([], None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("field", ["errors", "in_errorDetails"])
def test_errors_that_the_platform_reports_are_shown_by_their_field(
    field: str, value: Any, shown: str | None
) -> None:
    name = field.removeprefix("in_")
    expected = [] if shown is None else [(FIRM, f" {name}: {shown}")]
    hold(judged(two(**{field: value})), *expected)


@pytest.mark.parametrize(
    ("observed", "expected"),
    [
        (Observed(2), []),
        (Observed(), []),
        (Observed(3), [(COUNTERS, "3 steps were reported")]),
        (Observed(0, 1), [(CONTRADICTION, "1 of 2 steps")]),
        (Observed(0, 3), [(CONTRADICTION, "3 of 3 steps")]),
        (Observed(5, 1), [(COUNTERS, "has 2"), (CONTRADICTION, "has 0 that failed")]),
    ],
)
def test_a_run_ends_with_no_less_than_was_observed(observed: Observed, expected: Any) -> None:
    hold(judged(two(), observed=observed), *expected)


def test_as_many_steps_failed_at_the_end_as_were_observed() -> None:
    bad = two("passed", "failed", status="failed", in_status="failed")
    assert judged(bad, observed=Observed(0, 1)).reasons == ()
    hold(judged(bad, observed=Observed(0, 2)), (CONTRADICTION, "2 of 2 steps"))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"totalTestStepsCount": 2.0, "of_failed": None, "of_passed": 2.0}, []),
        ({"totalTestStepsCount": None, "in_stepDetails": None}, []),
        ({"totalTestStepsCount": 3}, [(COUNTERS, "totalTestStepsCount is 3, but ")]),
        ({"of_total": 1}, [(COUNTERS, "stepDetails.total is 1, but ")]),
        ({"of_passed": 3}, [(COUNTERS, "stepDetails.passed is 3, but ")]),
        ({"of_failed": 1}, [(FIRM_COUNTERS, "stepDetails.failed is 1, but ")]),
        (
            {"of_total": 3, "of_passed": 1, "of_failed": 1},
            [
                (
                    FIRM_COUNTERS,
                    "stepDetails.total is 3, stepDetails.passed is 1, stepDetails.failed is 1, ",
                )
            ],
        ),
        ({"of_total": -1}, [(FIRM, "stepDetails.total")]),
    ],
)
def test_counters_are_those_of_the_steps(fields: Json, expected: Any) -> None:
    verdict = judged(two(**fields))
    hold(verdict, *expected)
    for reason in verdict.reasons:
        if reason.check is Check.COUNTERS:
            assert "are 2 step results, of which 2 passed and 0 failed" in reason.text


def test_fewer_failed_steps_counted_than_seen_is_no_hidden_failure() -> None:
    answer = two("passed", "failed", status="failed", in_status="failed", of_failed=0)
    hold(judged(answer), (COUNTERS, "1 passed and 1 failed"))


def test_an_empty_run_says_so() -> None:
    answer = finished()
    hold(judged(answer), (FIRM, "empty"))
    assert judged(answer).steps == Steps()


@pytest.mark.parametrize(
    ("details", "planned", "steps", "expected"),
    [
        ((3, 0, 3), 3, Steps(3, 3), []),
        ((3, None, 3), None, Steps(3, 3), []),
        ((3, None, None), 3, Steps(3, 3), []),
        ((3, 0, 3), None, Steps(3, 3), []),
        ((2, 0, 3), 3, Steps(3, 2, skipped=1), [(UNEXECUTED, "1 of 3 steps")]),
        ((0, 0, 3), 3, Steps(3, skipped=3), [(FIRM, "no step of the run has ended")]),
        ((0, 0, 0), 0, Steps(), [(FIRM, "empty")]),
        ((4, 0, 3), 3, Steps(4, 4), [(COUNTERS, "4 passed and 0 failed of 3 steps")]),
        ((3, 0, 3), 4, Steps(3, 3), [(COUNTERS, "of 3 steps, and totalTestStepsCount is 4")]),
        ((4, 0, 3), None, Steps(4, 4), [(COUNTERS, "4 passed and 0 failed of 3")]),
        (
            (None, None, 3),
            3,
            Steps(3, skipped=3),
            [(FIRM, "neither executionResults nor stepDetails")],
        ),
        ((2, 0, None), 3, Steps(3, 2, skipped=1), [(UNEXECUTED, "1 of 3 steps")]),
        (
            (2, 2, 3),
            3,
            Steps(4, 2, 2),
            [
                *[(CONTRADICTION, "2 of 4 steps")] * 2,
                (FAILED_COUNTED, "counts 2 failed steps"),
                (COUNTERS, "2 passed and 2 failed of 3 steps"),
            ],
        ),
        ((3, 0, None), None, Steps(3, 3), [(FIRM, "neither")]),
        (
            (2, 1, 3),
            3,
            Steps(3, 2, 1),
            [(CONTRADICTION, "1 of 3 steps")] * 2 + [(FAILED_COUNTED, "1 failed step")],
        ),
        (
            (None, 1, 3),
            3,
            Steps(3, 0, 1, skipped=2),
            [(CONTRADICTION, "1 of 3 steps")] * 2
            + [(FAILED_COUNTED, "1 failed"), (FIRM, "neither")],
        ),
        (
            (1, 1, 3),
            3,
            Steps(3, 1, 1, skipped=1),
            [(CONTRADICTION, "1 of 3 steps")] * 2
            + [(FAILED_COUNTED, "1 failed"), (UNEXECUTED, "1 of")],
        ),
    ],
)
def test_without_step_details_the_counters_are_judged(
    details: Any, planned: Any, steps: Steps, expected: Any
) -> None:
    answer = finished(totalTestStepsCount=planned)
    del answer["result"]["executionResults"]
    answer["result"]["stepDetails"] = dict(zip(("passed", "failed", "total"), details, strict=True))
    verdict = judged(answer)
    assert verdict.steps == steps
    hold(verdict, *expected)
    text = "the response has no step details: the verdict rests on its statuses and counters"
    assert verdict.warnings == (Reason(Outcome.PASSED, text),)


def test_without_any_details_the_planned_steps_are_counted() -> None:
    answer = finished(totalTestStepsCount=3)
    del answer["result"]["executionResults"], answer["result"]["stepDetails"]
    assert judged(answer).steps == Steps(3)


def test_counters_of_what_goes_on_are_not_judged() -> None:
    answer = finished(status="running", totalTestStepsCount=7)
    del answer["result"]["executionResults"]
    verdict = judged(answer)
    hold(verdict, (FIRM, "finished"))
    assert verdict.warnings == ()


@pytest.mark.parametrize(
    ("name", "count", "known"), [("skipped", 2, 1), ("failures", 2, 1), ("errors", 1, 0)]
)
def test_other_counters_are_held_against_what_the_declared_ones_leave(
    name: str, count: int, known: int
) -> None:
    answer = finished(status="failed", totalTestStepsCount=4)
    del answer["result"]["executionResults"]
    answer["result"]["stepDetails"] = {"passed": 2, "failed": 1, "total": 4, name: count}
    texts = [reason.text for reason in judged(answer).reasons if f".{name} " in reason.text]
    assert len(texts) == 1
    assert f" is {count}, but only {known} such " in texts[0]
    answer["result"]["stepDetails"][name] = known
    assert not [reason for reason in judged(answer).reasons if f".{name} " in reason.text]


@pytest.mark.parametrize(
    ("details", "planned", "expected"),
    [
        (None, None, FAILED_SOMEWHERE),
        (None, 3, FAILED_SOMEWHERE),
        ({"passed": 2, "total": 3}, 3, FAILED_SOMEWHERE),
        ({"passed": 3, "total": 3}, 3, FIRM_CONTRADICTION),
        ({"passed": 3}, 4, FIRM_CONTRADICTION),
        ({"passed": 0.5}, None, FIRM_CONTRADICTION),
        ({"passed": 0, "total": 0}, 0, FAILED_SOMEWHERE),
        ({"passed": 2, "total": 3, "failed": 0}, 3, FIRM_CONTRADICTION),
    ],
)
def test_a_run_that_says_failed_without_a_failed_step_failed_where_nothing_denies_it(
    details: Any, planned: Any, expected: Any
) -> None:
    answer = finished(status="failed", totalTestStepsCount=planned)
    del answer["result"]["executionResults"]
    answer["result"]["stepDetails"] = details
    failed = [reason for reason in judged(answer).reasons if " failed, but " in reason.text]
    assert [weight(reason) for reason in failed] == [expected] * 2
    assert [reason.text.partition(" failed")[0] for reason in failed] == ["the run", "its result"]


def test_a_text_that_only_the_policy_requires_is_no_contradiction() -> None:
    answer = two()
    answer["result"]["executionResults"][1]["outputs"][0]["textMismatch"] = True
    result = read_result(json.dumps(answer).encode())
    verdict = judge(result, Policy(strict_text=True))
    assert (verdict.outcome, verdict.reasons) == (Outcome.FAILED, ())
    assert [case.index for case in verdict.cases] == [1, 2]


def test_other_reasons_than_a_failure_do_not_contradict_a_run_that_passed() -> None:
    answer = two("passed", "odd", in_stepDetails=None)
    assert judged(answer).reasons == ()
    assert judged(answer).outcome is Outcome.ERROR


def test_what_is_accepted_leaves_no_run_without_a_passed_step_passed() -> None:
    skipped = finished(greeting("notexecuted"), status="completed")
    verdict = judged(skipped, *Check)
    assert verdict.outcome is Outcome.ERROR
    hold(verdict, (FIRM, "no step"))
    assert verdict.steps == Steps(1, skipped=1)
