"""The verdict, by examples: what passes, what fails, what is no verdict, and why."""

import json
from typing import Any

import pytest

from gatekeeper.core.answer.read import read_result
from gatekeeper.core.model import Verdict
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.core.verdict.run import judge
from gatekeeper.core.verdict.target import Observed, Target
from support.builders import (
    Json,
    assertion,
    context,
    finished,
    flow,
    greeting,
    response,
    step,
    text,
)


def judged(answer: Json, *accept: Check, observed: Any = 0, **target: Any) -> Verdict:
    result = read_result(json.dumps(answer).encode())
    policy = Policy(frozenset(accept))
    return judge(result, policy, Target("Booking", **target), Observed(observed))


def checks(verdict: Verdict) -> set[Check | None]:
    """Return the cross-checks behind a verdict."""
    everywhere = (verdict.reasons, *(case.reasons for case in verdict.cases))
    return {reason.check for reasons in everywhere for reason in reasons}


def one_step(built: Json, state: str = "passed") -> Json:
    return finished(built, status=state)


def test_a_run_passes_when_everything_in_it_passed() -> None:
    verdict = judged(finished(greeting(), greeting()))
    assert (verdict.outcome, verdict.reasons, verdict.warnings) == (Outcome.PASSED, (), ())
    assert [case.outcome for case in verdict.cases] == [Outcome.PASSED] * 2


def test_a_completed_run_passes_when_everything_below_it_passed() -> None:
    assert judged(finished(greeting(), status="completed")).outcome is Outcome.PASSED


def test_a_run_of_which_steps_were_cut_out_has_no_verdict_because_of_its_counters() -> None:
    answer = finished(greeting(), greeting(), totalTestStepsCount=13)
    answer["result"]["stepDetails"] = {"passed": 13, "failed": 0, "total": 13}
    verdict = judged(answer)
    assert (verdict.outcome, checks(verdict)) == (Outcome.ERROR, {Check.COUNTERS})
    assert judged(answer, Check.COUNTERS).outcome is Outcome.PASSED


def test_a_run_in_progress_has_no_verdict() -> None:
    answer = {"status": "inprogress", "totalTestStepsCount": 13, "percentageCompleted": 85}
    answer["result"] = {"status": "inprogress", "nlpVersion": []}
    verdict = judged(answer)
    assert verdict.outcome is Outcome.ERROR
    assert [str(reason) for reason in verdict.reasons] == ["the run has not finished (85 % done)"]


def test_a_failing_assertion_in_a_run_that_says_passed_fails_it_and_is_told_as_contradiction() -> (
    None
):
    lying = step("hello", response("Hi!", text=text("Bye!", status="failed")))
    verdict = judged(finished(greeting(), lying))
    assert verdict.outcome is Outcome.FAILED
    assert Check.CONTRADICTION in {reason.check for reason in verdict.reasons}
    assert judged(finished(lying), *Check).outcome is Outcome.FAILED


@pytest.mark.parametrize("side", ["outputs", "actualOutput"])
@pytest.mark.parametrize("kind", ["flowLevel", "text", "context"])
def test_a_failing_assertion_counts_on_either_side(side: str, kind: str) -> None:
    answer = finished(greeting())
    answer["result"]["executionResults"][0][side][0]["assertions"][kind] = assertion(
        {"status": "failed"}, status="failed"
    )
    assert judged(answer).outcome is Outcome.FAILED


def test_a_failure_that_both_sides_tell_is_told_once_with_what_was_expected_and_answered() -> None:
    failing = step(
        "hi", response("Bye!", text=text("Hi!", "Hello!", status="failed")), status="failed"
    )
    [reason] = judged(finished(failing, status="failed")).cases[0].reasons
    assert reason.mismatch is not None
    [comparison] = reason.mismatch.comparisons
    assert comparison.expected == ("Hi!", "Hello!")
    assert comparison.actual == "Bye!"


def test_all_failing_assertions_of_a_step_are_told() -> None:
    failing = step(
        "hi",
        response("Bye!", text=text("Hi!", status="failed"), flowLevel=flow("Menu", "failed")),
        response("More", context=context("session.city", "Paris", "failed")),
        status="failed",
    )
    reasons = judged(finished(failing, status="failed")).cases[0].reasons
    told = [reason.mismatch for reason in reasons if reason.mismatch]
    assert [(one.kind, one.response) for one in told] == [("flow", 1), ("text", 1), ("context", 2)]
    subjects = [one.comparisons[0].subject for one in told]
    assert subjects == ["nodeId", "text", "session.city"]
    assert told[0].comparisons[0].actual == "Answer0"


@pytest.mark.parametrize("side", ["outputs", "actualOutput"])
def test_a_response_that_says_failed_fails_its_step_and_contradicts_it(side: str) -> None:
    answer = finished(greeting())
    answer["result"]["executionResults"][0][side][0]["status"] = "Failed"
    verdict = judged(answer)
    assert (verdict.outcome, verdict.cases[0].outcome) == (Outcome.FAILED, Outcome.FAILED)
    assert [str(reason) for reason in verdict.cases[0].reasons] == [
        "response 1 has status 'Failed'",
        "[contradiction] the step has status 'passed', but a response in it failed",
    ]
    assert judged(answer, *Check).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("word", "check"),
    [
        ("odd", Check.UNKNOWN_STATE),
        (7, Check.UNKNOWN_STATE),
        ("running", Check.NOT_EVALUATED),
        ("skipped", Check.NOT_EVALUATED),
        ("aborted", None),
        ("passed", "passes"),
        ("", "passes"),
        (None, "passes"),
    ],
)
def test_a_response_in_no_final_state_keeps_its_step_from_passing(word: Any, check: Any) -> None:
    answer = finished(greeting())
    answer["result"]["executionResults"][0]["outputs"][0]["status"] = word
    verdict = judged(answer)
    if check == "passes":
        assert verdict.outcome is Outcome.PASSED
    else:
        assert (verdict.outcome, checks(verdict)) == (Outcome.ERROR, {check})


@pytest.mark.parametrize("word", ["passed", "completed"])
@pytest.mark.parametrize("done", [0, 40, 99.5])
def test_a_run_that_says_passed_before_all_of_it_is_done_contradicts_itself(
    word: str, done: float
) -> None:
    answer = finished(greeting(), status=word, percentageCompleted=done)
    verdict = judged(answer)
    assert verdict.outcome is Outcome.ERROR
    assert [str(reason) for reason in verdict.reasons] == [
        f"[contradiction] the run has status {word!r}, but only {done:g} % is done"
    ]
    assert judged(answer, Check.CONTRADICTION).outcome is Outcome.PASSED


@pytest.mark.parametrize("word", [None, "odd"])
def test_who_accepts_any_state_of_a_run_does_not_accept_that_it_is_not_done(word: Any) -> None:
    answer = finished(greeting(), percentageCompleted=40)
    answer["status"] = word
    verdict = judged(answer, Check.MISSING_STATUS, Check.UNKNOWN_STATE)
    assert verdict.outcome is Outcome.ERROR


@pytest.mark.parametrize("done", [None, 100, 100.0, "all"])
def test_a_percentage_that_is_missing_or_whole_does_not_matter(done: Any) -> None:
    answer = finished(greeting(), percentageCompleted=done)
    assert judged(answer).outcome is Outcome.PASSED


@pytest.mark.parametrize("detailed", [True, False])
@pytest.mark.parametrize(
    "name",
    ["skipped", "error", "errors", "errored", "aborted", "notExecuted", "not_executed", "Failed"],
)
def test_a_counter_of_steps_that_did_not_pass_counts_under_any_name(
    name: str, detailed: bool
) -> None:
    answer = finished(greeting())
    answer["result"]["stepDetails"][name] = 1
    if not detailed:
        del answer["result"]["executionResults"]
    verdict = judged(answer)
    assert (verdict.outcome, checks(verdict)) == (Outcome.ERROR, {Check.COUNTERS})
    assert f"stepDetails.{name} is 1, but" in str(verdict.reasons[0])
    for harmless in (0, None, "none"):
        answer["result"]["stepDetails"][name] = harmless
        assert judged(answer).outcome is Outcome.PASSED


@pytest.mark.parametrize("detailed", [True, False])
def test_a_counter_of_steps_not_executed_that_agrees_with_them_is_no_contradiction(
    detailed: bool,
) -> None:
    answer = finished(greeting(), greeting("notexecuted"))
    answer["result"]["stepDetails"]["notExecuted"] = 1
    if not detailed:
        del answer["result"]["executionResults"]
    verdict = judged(answer)
    assert (verdict.outcome, checks(verdict)) == (Outcome.ERROR, {Check.NOT_EXECUTED})
    assert judged(answer, Check.NOT_EXECUTED).outcome is Outcome.PASSED


@pytest.mark.parametrize("name", ["notes", "others", "started", "completed", ""])
def test_another_counter_does_not_matter(name: str) -> None:
    answer = finished(greeting())
    answer["result"]["stepDetails"][name] = 1
    assert judged(answer).outcome is Outcome.PASSED


@pytest.mark.parametrize("garbage", [None, "failed", 7, [], {"status": "failed"}])
def test_a_disabled_assertion_does_not_count_whatever_it_contains(garbage: Any) -> None:
    disabled = {"enabled": False, "contains": garbage, "status": garbage, "more": garbage}
    answer = finished(step("hi", response("Hi!", text=text("Hi!"), flowLevel=disabled)))
    assert judged(answer).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("kind", "states", "outcome"),
    [
        ("text", ["failed", "passed"], Outcome.PASSED),
        ("text", ["failed", "failed"], Outcome.FAILED),
        ("text", ["failed", None], Outcome.ERROR),
        ("flowLevel", ["passed", "passed"], Outcome.PASSED),
        ("flowLevel", ["passed", "failed"], Outcome.FAILED),
        ("flowLevel", ["passed", None], Outcome.ERROR),
        ("context", ["passed", "odd"], Outcome.ERROR),
        ("context", ["failed", None], Outcome.FAILED),
        ("text", [], Outcome.ERROR),
        ("flowLevel", [], Outcome.ERROR),
    ],
)
def test_without_a_status_an_assertion_is_decided_by_its_items(
    kind: str, states: list[str | None], outcome: Outcome
) -> None:
    items = [{"text": "x", **({"status": state} if state else {})} for state in states]
    answer = finished(step("hi", response("Hi!", **{kind: assertion(*items, status=None)})))
    assert judged(answer).cases[0].outcome is outcome


@pytest.mark.parametrize("kind", ["flowLevel", "context"])
def test_an_item_that_failed_contradicts_a_flow_or_context_assertion_that_passed(kind: str) -> None:
    items = ({"x": 1, "status": "passed"}, {"x": 2, "status": "failed"})
    verdict = judged(finished(step("hi", response("Hi!", **{kind: assertion(*items)}))))
    assert (verdict.outcome, checks(verdict)) == (Outcome.ERROR, {Check.CONTRADICTION})


def test_one_variation_that_matched_is_enough_for_text_and_none_is_not() -> None:
    matched = step("hi", response("Hi!", text=text("Hi!", "Hello!", "Hey!")))
    assert judged(finished(matched)).outcome is Outcome.PASSED
    items = ({"text": "Hi!", "status": "failed"}, {"text": "Hey!", "status": "failed"})
    none_did = step("hi", response("Bye!", text=assertion(*items)))
    verdict = judged(finished(none_did))
    assert (verdict.outcome, checks(verdict)) == (Outcome.ERROR, {Check.CONTRADICTION})


def test_an_enabled_assertion_with_nothing_to_go_by_was_not_evaluated() -> None:
    verdict = judged(finished(step("hi", response("Hi!", context=assertion(status=None)))))
    assert (verdict.outcome, checks(verdict)) == (Outcome.ERROR, {Check.NOT_EVALUATED})


def test_an_assertion_of_a_kind_yet_unknown_counts_and_an_unknown_field_does_not() -> None:
    answer = finished(greeting())
    assertions = answer["result"]["executionResults"][0]["outputs"][0]["assertions"]
    assertions["version"] = 2
    assertions["meta"] = {"by": "somebody"}
    assert judged(answer).outcome is Outcome.PASSED
    assertions["sentiment"] = assertion({"mood": "good", "status": "failed"}, status="failed")
    assert judged(answer).outcome is Outcome.FAILED
    assertions["sentiment"] = {"contains": [{"mood": "good", "status": "failed"}]}
    assert judged(answer).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("field", "value"), [("enabled", "yes"), ("status", ["passed"]), ("contains", "all")]
)
def test_a_wrong_type_in_an_enabled_assertion_is_malformed_and_told_with_its_path(
    field: str, value: Any
) -> None:
    answer = finished(greeting())
    answer["result"]["executionResults"][0]["outputs"][0]["assertions"]["text"][field] = value
    verdict = judged(answer, *Check)
    assert verdict.outcome is Outcome.ERROR
    path = f"result.executionResults[0].outputs[0].assertions.text.{field}: expected"
    assert path in str(verdict.cases[0].reasons[0])


def test_a_step_that_was_not_executed_is_skipped_and_keeps_the_run_from_passing() -> None:
    skipped = step("bye", response("", text=assertion(status=None)), status="notexecuted")
    answer = finished(greeting(), skipped)
    verdict = judged(answer)
    assert (verdict.outcome, verdict.cases[1].outcome) == (Outcome.ERROR, Outcome.SKIPPED)
    assert checks(verdict) == {Check.NOT_EXECUTED}
    accepted = judged(answer, Check.NOT_EXECUTED)
    assert (accepted.outcome, accepted.cases[1].outcome) == (Outcome.PASSED, Outcome.SKIPPED)


@pytest.mark.parametrize(
    "built",
    [
        step("hi"),
        step("hi", response("Hi!")),
        step("hi", response("Hi!", text={"enabled": False, "status": "passed"})),
        step("hi", response("Hi!") | {"assertions": {"sentiment": {"by": "somebody"}}}),
    ],
)
def test_a_step_with_neither_a_status_nor_a_passed_assertion_never_passes(built: Json) -> None:
    answer = finished(greeting(), built | {"status": None})
    answer["result"]["stepDetails"] = None
    verdict = judged(answer, *Check)
    assert verdict.outcome is Outcome.ERROR
    [reason] = verdict.cases[1].reasons
    assert str(reason) == "the step has neither a status nor an assertion that passed"


def test_a_step_without_a_status_whose_assertion_passed_can_be_accepted() -> None:
    for kind in ("text", "sentiment"):
        built = step("hi", response("Hi!") | {"assertions": {kind: text("Hi!")}})
        answer = finished(greeting(), built | {"status": None})
        answer["result"]["stepDetails"] = None
        assert judged(answer).outcome is Outcome.ERROR
        assert judged(answer, Check.MISSING_STATUS).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("status", "check"),
    [(None, Check.MISSING_STATUS), ("odd", Check.UNKNOWN_STATE), ("running", Check.CONTRADICTION)],
)
def test_a_step_in_no_final_state_is_an_error_that_can_be_accepted(
    status: str | None, check: Check
) -> None:
    answer = finished(greeting() | {"status": status})
    answer["result"]["stepDetails"] = None
    verdict = judged(answer)
    assert (verdict.outcome, checks(verdict)) == (Outcome.ERROR, {check})
    assert judged(answer, check).outcome is Outcome.PASSED


def test_a_step_that_failed_without_a_failing_assertion_failed_all_the_same() -> None:
    verdict = judged(finished(greeting() | {"status": "failed"}, status="failed"), *Check)
    assert verdict.outcome is Outcome.FAILED


@pytest.mark.parametrize("status", ["error", "stopped", "aborted", "cancelled", "timed out"])
def test_a_run_that_ended_otherwise_has_no_verdict_and_cannot_be_accepted(status: str) -> None:
    assert judged(finished(greeting(), status=status), *Check).outcome is Outcome.ERROR


def test_a_run_that_says_failed_while_no_step_did_contradicts_itself_and_never_passes() -> None:
    for accept in ((), tuple(Check)):
        verdict = judged(finished(greeting(), status="failed"), *accept)
        assert verdict.outcome is Outcome.ERROR
        assert Check.CONTRADICTION in checks(verdict)


@pytest.mark.parametrize("details", ["boom", ["boom"], {"message": "boom"}, 0, False])
def test_error_details_keep_a_run_from_passing(details: Any) -> None:
    answer = finished(greeting())
    answer["result"]["errorDetails"] = details
    assert judged(answer, *Check).outcome is Outcome.ERROR


@pytest.mark.parametrize("details", [None, "", [], {}])
def test_empty_error_details_do_not_matter(details: Any) -> None:
    answer = finished(greeting())
    answer["result"]["errorDetails"] = details
    assert judged(answer).outcome is Outcome.PASSED


def test_an_empty_run_never_passes() -> None:
    assert judged(finished(), *Check).outcome is Outcome.ERROR


def test_a_hidden_failed_step_cannot_be_accepted_away() -> None:
    """A counter of failed steps above what the results show speaks of a step we do not see."""
    answer = finished(greeting())
    answer["result"]["stepDetails"]["failed"] = 1
    assert judged(answer, *Check).outcome is Outcome.ERROR


def test_a_text_mismatch_on_a_passed_step_warns_and_fails_when_texts_are_strict() -> None:
    answer = finished(greeting())
    answer["result"]["executionResults"][0]["outputs"][0]["textMismatch"] = True
    verdict = judged(answer)
    assert (verdict.outcome, len(verdict.cases[0].warnings)) == (Outcome.PASSED, 1)
    result = read_result(json.dumps(answer).encode())
    assert judge(result, Policy(strict_text=True)).outcome is Outcome.FAILED


def without_step_detail(passed: int, failed: int, total: int, status: str = "passed") -> Json:
    answer = finished(status=status, totalTestStepsCount=total)
    for field in ("executionResults", "nlpVersion", "errorDetails"):
        del answer["result"][field]
    answer["result"]["stepDetails"] = {"passed": passed, "failed": failed, "total": total}
    return answer


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (without_step_detail(3, 0, 3), Outcome.PASSED),
        (without_step_detail(3, 0, 3, "completed"), Outcome.PASSED),
        (without_step_detail(2, 1, 3, "failed"), Outcome.FAILED),
        (without_step_detail(2, 1, 3), Outcome.FAILED),
        (without_step_detail(2, 0, 3), Outcome.ERROR),
        (without_step_detail(0, 0, 0), Outcome.ERROR),
        (without_step_detail(3, 0, 3, "failed"), Outcome.ERROR),
        (without_step_detail(0, 0, 13), Outcome.ERROR),
        (without_step_detail(0, 0, 13, "failed"), Outcome.ERROR),
    ],
)
def test_without_step_details_states_and_counters_decide_and_a_warning_says_so(
    answer: Json, outcome: Outcome
) -> None:
    verdict = judged(answer)
    assert verdict.outcome is outcome
    assert "no step details" in str(verdict.warnings[-1])


@pytest.mark.parametrize(
    ("passed", "failed", "total"), [(0.5, 0, 0.5), (10**400, 0, 10**400), (14, -1, 13), (3, 1.5, 3)]
)
def test_a_counter_that_counts_nothing_is_malformed(passed: Any, failed: Any, total: Any) -> None:
    verdict = judged(without_step_detail(passed, failed, total), *Check)
    assert verdict.outcome is Outcome.ERROR
    assert "expected a count" in str(verdict.reasons[0])


def test_accepted_counters_do_not_cover_steps_that_were_not_executed() -> None:
    for passed in (0, 10):
        answer = without_step_detail(passed, 0, 13)
        assert judged(answer, Check.COUNTERS).outcome is Outcome.ERROR
    assert judged(without_step_detail(0, 0, 13), *Check).outcome is Outcome.ERROR


def test_strict_texts_are_no_contradiction_of_the_platforms() -> None:
    answer = finished(greeting())
    answer["result"]["executionResults"][0]["outputs"][0]["textMismatch"] = True
    verdict = judge(read_result(json.dumps(answer).encode()), Policy(strict_text=True))
    assert checks(verdict) == {None}


def test_what_only_one_side_tells_is_told_as_well() -> None:
    answer = finished(greeting() | {"status": "failed"}, status="failed")
    [one] = answer["result"]["executionResults"]
    for side, node in (("outputs", "A"), ("actualOutput", "B")):
        one[side][0]["assertions"]["flowLevel"] = flow(node, "failed")
    told = [reason.mismatch for reason in judged(answer).cases[0].reasons if reason.mismatch]
    assert [one.comparisons[0].expected for one in told] == [("A",), ("B",)]


def test_without_step_details_and_counters_nothing_is_known() -> None:
    answer = without_step_detail(3, 0, 3)
    answer["result"]["stepDetails"] = None
    assert judged(answer, *Check).outcome is Outcome.ERROR


def test_a_run_that_says_no_more_than_failed_failed() -> None:
    answer = without_step_detail(0, 0, 0, "failed")
    answer["result"]["stepDetails"] = None
    assert judged(answer).outcome is Outcome.FAILED
    assert judged({"status": "failed"}).outcome is Outcome.ERROR


@pytest.mark.parametrize(
    "asked",
    [{"test_run_id": "ctr-2"}, {"stream_id": "st-2"}],
)
def test_an_answer_about_something_else_than_was_asked_for_is_no_verdict(asked: Any) -> None:
    verdict = judged(finished(greeting()), **asked)
    assert (verdict.outcome, checks(verdict)) == (Outcome.ERROR, {Check.CONTRADICTION})


def test_an_answer_about_what_was_asked_for_passes() -> None:
    asked = {"test_run_id": "ctr-1", "stream_id": "st-1", "bot_version": "published"}
    assert judged(finished(greeting()), **asked).outcome is Outcome.PASSED


def test_an_error_answer_is_told_in_its_own_words() -> None:
    verdict = judged({"errors": [{"msg": "Test Result not found.", "code": 400}]}, *Check)
    assert verdict.outcome is Outcome.ERROR
    assert "Test Result not found." in " ".join(map(str, verdict.reasons))


@pytest.mark.parametrize("asked", ["published", "inDevelopment"])
@pytest.mark.parametrize(
    "version", ["configured", "published", "in_development", "v2", "Published!", 7, ["published"]]
)
def test_any_version_but_the_one_asked_for_is_an_error_of_its_own_name(
    asked: str, version: Any
) -> None:
    answer = finished(greeting())
    answer["result"]["version"] = version
    verdict = judged(answer, bot_version=asked)
    known = {"published": ["published"], "inDevelopment": ["configured", "in_development"]}
    if version in known[asked]:
        assert verdict.outcome is Outcome.PASSED
        return
    assert (verdict.outcome, checks(verdict)) == (Outcome.ERROR, {Check.VERSION})
    assert "set accept = version" in str(verdict.reasons[0])
    accepted = judged(answer, Check.VERSION, bot_version=asked)
    assert (accepted.outcome, len(accepted.warnings)) == (Outcome.PASSED, 1)
    assert judged(answer, Check.CONTRADICTION, bot_version=asked).outcome is Outcome.ERROR
    assert judged(answer).outcome is Outcome.PASSED


@pytest.mark.parametrize("version", [None, "", " "])
def test_a_result_without_a_version_is_missing_it_whatever_was_asked_for(version: Any) -> None:
    answer = finished(greeting())
    answer["result"]["version"] = version
    for asked in ({}, {"bot_version": "published"}):
        verdict = judged(answer, **asked)
        assert (verdict.outcome, checks(verdict)) == (Outcome.ERROR, {Check.MISSING_STATUS})


@pytest.mark.parametrize("field", ["_id", "streamId"])
def test_an_answer_that_does_not_say_what_it_is_about_warns(field: str) -> None:
    answer = finished(greeting())
    del answer[field]
    for asked in ({}, {"test_run_id": "ctr-1", "stream_id": "st-1"}):
        verdict = judged(answer, **asked)
        [warning] = verdict.warnings
        assert verdict.outcome is Outcome.PASSED
        assert f"no {field}" in str(warning)


def test_fewer_steps_than_were_announced_are_no_verdict_and_more_are() -> None:
    for answer in (finished(greeting(), greeting()), without_step_detail(2, 0, 2)):
        verdict = judged(answer, observed=3)
        assert (verdict.outcome, checks(verdict)) == (Outcome.ERROR, {Check.COUNTERS})
        for observed in (0, 1, 2):
            assert judged(answer, observed=observed).outcome is Outcome.PASSED


def test_a_run_of_which_no_step_passed_is_never_passed() -> None:
    skipped = step("bye", response("", text=assertion(status=None)), status="notexecuted")
    verdict = judged(finished(skipped, skipped, status="completed"), *Check)
    assert verdict.outcome is Outcome.ERROR
    assert str(verdict.reasons[0]) == "no step of the run passed"


@pytest.mark.parametrize("kind", ["flowLevel", "text", "context", "sentiment"])
def test_an_assertion_that_passed_on_a_response_that_never_came_is_a_contradiction(
    kind: str,
) -> None:
    messages = [response("Hi!", text=text("Hi!")), response("Bye!")]
    messages[1]["assertions"][kind] = assertion({"text": "Bye!", "status": "passed"})
    short = step("hi", *messages)
    short["actualOutput"].pop()
    verdict = judged(finished(short))
    assert (verdict.outcome, checks(verdict)) == (Outcome.ERROR, {Check.CONTRADICTION})
    assert "response 2 is missing" in str(verdict.cases[0].reasons[0])


@pytest.mark.parametrize("came", [None, []])
def test_a_step_that_passed_without_any_response_that_was_expected_is_a_contradiction(
    came: Any,
) -> None:
    silent = step("hi", response("Hi!")) | {"actualOutput": came}
    verdict = judged(finished(silent))
    assert (verdict.outcome, checks(verdict)) == (Outcome.ERROR, {Check.CONTRADICTION})
    assert "the bot sent no response" in str(verdict.cases[0].reasons[0])


def test_a_response_that_never_came_adds_nothing_to_a_step_that_failed() -> None:
    failing = step("hi", response("Hi!", text=text("Hi!")), status="failed") | {"actualOutput": []}
    assert checks(judged(finished(failing, status="failed"))) == {None}


def test_responses_that_nobody_expected_do_not_matter() -> None:
    more = step("hi", response("Hi!", text=text("Hi!")))
    more["actualOutput"].append(response("Anything else?"))
    for one in (more, step("hi"), step("hi") | {"outputs": None}):
        assert judged(finished(one)).outcome is Outcome.PASSED


def test_a_run_that_says_failed_though_all_its_steps_are_counted_as_passed_is_a_contradiction() -> (
    None
):
    answer = without_step_detail(3, 0, 3, "failed")
    del answer["result"]["stepDetails"]["failed"]
    for accept in ((), tuple(Check)):
        verdict = judged(answer, *accept)
        assert (verdict.outcome, checks(verdict)) == (Outcome.ERROR, {Check.CONTRADICTION})
