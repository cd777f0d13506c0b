"""A step is judged by its own state and its responses': each reason has its weight and its word."""

import json
from typing import Any

import pytest

from gatekeeper.core.answer.read import read_result
from gatekeeper.core.model import Case, Reason
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.core.verdict.step import TEXT_MISMATCH, judge_step
from support.builders import Json, assertion, finished, greeting, response, step, text

FAILED, ERROR, SKIPPED = Outcome.FAILED, Outcome.ERROR, Outcome.SKIPPED
SILENT = step("hi", response("Hi!"))


def judged(built: Json, index: int = 1, **policy: Any) -> Case:
    execution = read_result(json.dumps(finished(built)).encode()).result
    assert execution
    assert execution.execution_results
    return judge_step(index, execution.execution_results[0], Policy(**policy))


def weights(reasons: tuple[Reason, ...]) -> list[tuple[Outcome, Check | None, bool]]:
    return [(reason.outcome, reason.check, reason.firm) for reason in reasons]


@pytest.mark.parametrize(
    ("word", "weight"),
    [
        ("Failed", (FAILED, None, False)),
        ("odd", (ERROR, Check.UNKNOWN_STATE, False)),
        ("x\ny", (ERROR, Check.UNKNOWN_STATE, False)),
        ("running", (ERROR, Check.NOT_EVALUATED, False)),
        ("skipped", (ERROR, Check.NOT_EVALUATED, False)),
        ("aborted", (ERROR, None, True)),
        ("completed", (ERROR, None, True)),
    ],
)
@pytest.mark.parametrize("side", ["outputs", "actualOutput"])
def test_what_a_response_says_of_itself_counts_and_is_quoted(
    word: str, weight: Any, side: str
) -> None:
    built = step("hi", response("Hi!"), response("Bye!"), status="failed")
    built[side][1]["status"] = word
    [reason, *_] = judged(built).reasons
    assert weights((reason,)) == [weight]
    assert reason.text.startswith("response 2 ")
    assert repr(word.replace("\n", " ")) in reason.text


def test_what_a_response_says_at_length_is_cut_short() -> None:
    built = step("hi", response("Hi!") | {"status": "x" * 101}, status="failed")
    [reason, *_] = judged(built).reasons
    assert f"'{'x' * 99}…'" in reason.text


def test_what_both_sides_of_a_response_say_is_told_once() -> None:
    built = step("hi", response("Hi!") | {"status": "aborted"}, status="failed")
    assert weights(judged(built).reasons) == [(ERROR, None, True), (FAILED, None, False)]


@pytest.mark.parametrize(
    ("built", "weight", "text"),
    [
        (
            greeting() | {"status": "failed"},
            (FAILED, None, False),
            "failed, but none of its assertions says why",
        ),
        (
            SILENT | {"status": "not executed"},
            (SKIPPED, Check.NOT_EXECUTED, False),
            "was not executed",
        ),
        (greeting() | {"status": None}, (ERROR, Check.MISSING_STATUS, False), "has no status"),
        (
            SILENT | {"status": ""},
            (ERROR, None, True),
            "has neither a status nor an assertion that passed",
        ),
        (
            greeting() | {"status": "o\nd"},
            (ERROR, Check.UNKNOWN_STATE, False),
            "has the unknown status 'o d'",
        ),
        (
            greeting() | {"status": "running"},
            (ERROR, Check.CONTRADICTION, False),
            "is still in status 'running'",
        ),
        (greeting() | {"status": "aborted"}, (ERROR, None, True), "ended with status 'aborted'"),
        (
            greeting() | {"status": "completed"},
            (ERROR, None, True),
            "ended with status 'completed'",
        ),
    ],
)
def test_a_step_that_does_not_say_passed_says_why(built: Json, weight: Any, text: str) -> None:
    case = judged(built, 7)
    assert (case.index, case.outcome, case.warnings) == (7, weight[0], ())
    assert weights(case.reasons) == [weight]
    assert case.reasons[0].text == f"the step {text}"


@pytest.mark.parametrize(
    ("status", "weight"),
    [
        ("passed", [(ERROR, Check.CONTRADICTION, False)]),
        ("failed", []),
        (None, [(ERROR, Check.MISSING_STATUS, False)]),
    ],
)
def test_a_failing_assertion_or_response_has_its_step_explain_itself(
    status: str | None, weight: Any
) -> None:
    assertion_failed = judged(greeting("failed") | {"status": status})
    built = step("hi", response("Hi!") | {"status": "failed"}, status="x") | {"status": status}
    response_failed = judged(built)
    for case, what in ((assertion_failed, "an assertion"), (response_failed, "a response")):
        assert case.outcome is FAILED
        assert weights(case.reasons[1:]) == weight
        if status == "passed":
            text = f"the step has status 'passed', but {what} in it failed"
            assert case.reasons[1].text == text
    both = greeting("failed") | {"status": "passed"}
    both["outputs"][0]["status"] = "failed"
    of_assertion, of_response, of_step = judged(both).reasons
    assert of_assertion.text == "the text assertion of response 1 failed"
    assert of_response.text == "response 1 has status 'failed'"
    assert " an assertion " in of_step.text


def test_a_malformed_assertion_is_named_by_its_place_in_the_results() -> None:
    built = step("hi", response("Hi!", text={"enabled": "yes"}))
    texts = [reason.text for reason in judged(built, 3).reasons]
    place = "result.executionResults[2].outputs[0].assertions.text.enabled"
    assert f"malformed response: {place}: expected true or false, found text" in texts
    assert judged(greeting(), 3) == Case(3, Outcome.PASSED)


def test_a_missing_response_counts_unless_the_step_failed_anyway() -> None:
    missing = "the step passed, but the bot sent no response (expected 1): "
    silent = greeting() | {"actualOutput": []}
    [reason] = judged(silent).reasons
    assert reason.text.startswith(missing)
    assert len(judged(silent | {"status": "failed"}).reasons) == 1
    built = greeting("failed") | {"status": "passed", "actualOutput": []}
    assert not any(reason.text.startswith(missing) for reason in judged(built).reasons)


def test_a_step_that_was_not_executed_says_so_alone_unless_something_failed() -> None:
    unevaluated = step("hi", response("", text=assertion(status=None)), status="notexecuted")
    assert weights(judged(unevaluated).reasons) == [(SKIPPED, Check.NOT_EXECUTED, False)]
    accepted = judged(unevaluated, accept=frozenset({Check.NOT_EXECUTED}))
    assert (accepted.outcome, accepted.reasons) == (SKIPPED, ())
    assert weights(accepted.warnings) == [(SKIPPED, Check.NOT_EXECUTED, False)]
    failing = step("hi", response("", text=text("Hi!", status="failed")), status="notexecuted")
    assert judged(failing).outcome is FAILED


def test_at_most_a_hundred_reasons_are_kept_the_worst_first() -> None:
    def kinds(odd: int, failed: int) -> Json:
        built = step("hi", response("Hi!"), status="failed")
        assertions = built["outputs"][0]["assertions"]
        assertions |= {f"odd {at}": assertion({"status": "odd"}, status=None) for at in range(odd)}
        assertions |= {f"bad {at}": assertion(status="failed") for at in range(failed)}
        return built

    whole = judged(kinds(60, 40)).reasons
    assert [reason.outcome for reason in whole] == [ERROR] * 60 + [FAILED] * 40
    *kept, more = judged(kinds(60, 61)).reasons
    assert [reason.outcome for reason in kept] == [FAILED] * 61 + [ERROR] * 39
    assert weights((more,)) == [(ERROR, None, True)]
    assert "21" in more.text.split()


@pytest.mark.parametrize("side", ["outputs", "actualOutput"])
@pytest.mark.parametrize("noted", [True, "yes", 1, None, False])
def test_a_text_mismatch_on_either_side_of_a_passed_step_is_noted_or_fails_it(
    side: str, noted: Any
) -> None:
    built = greeting()
    built[side][0]["textMismatch"] = noted
    mismatch = () if noted in (None, False) else (TEXT_MISMATCH,)
    lenient, strict = judged(built), judged(built, strict_text=True)
    assert (lenient.outcome, lenient.reasons, lenient.warnings) == (Outcome.PASSED, (), mismatch)
    assert (strict.reasons, strict.warnings) == (mismatch, ())
    assert strict.outcome is (FAILED if mismatch else Outcome.PASSED)
    failed = judged(built | {"status": "failed"}, strict_text=True)
    assert TEXT_MISMATCH not in failed.reasons
