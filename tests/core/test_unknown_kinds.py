"""An assertion of a kind yet unknown: what says failed counts, in any shape."""

import json
from typing import Any

import pytest

from gatekeeper.core.answer.read import read_result
from gatekeeper.core.model import Reason, Verdict
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.core.verdict.run import judge
from support.builders import Json, finished, greeting

NO: tuple[Any, ...] = (False, 0, 0.0, "false", "No", "0")
YES: tuple[Any, ...] = (True, 2, 0.5, "True", "yes", "3", [{}])
UNSAID: tuple[Any, ...] = (None, False, 0, "0", "", "no", [])
PASSED_NAMES = ("pass", "passed", "success", "isSuccessful", "succeeded", "ok", "match", "matched")
FAILED_NAMES = ("failed", "failures", "failedCount", "failure_count", "hasErrors", "error")
# What stands under these names is what somebody said or what something is called.
TEXT_NAMES = (
    *("text", "texts", "value", "values", "expected", "expectedValue", "expectedValues"),
    *("actual", "actualValue", "actualOutput", "input", "message"),
    *("name", "key", "variable", "path", "contextKey"),
)
SAY_FAILED: tuple[Any, ...] = (
    "failed",
    ["failed"],
    [["passed", ["Failed"]]],
    [{"status": "failed"}],
    {"Status": "failed"},
    {"STATE": "FAIL"},
    {"rules": [{"name": "a", "status": "passed"}, {"name": "b", "status": "failed"}]},
    {"rules": ["passed", "failed"]},
    {"rules": {"a": "passed", "b": "failed"}},
    {"rules": {"a": {"deep": [{"deeper": {"outcome": "failure"}}]}}},
    {"isEnabled": True, "result": "failed"},
    {"isEnabled": True, "result": {"status": "failed"}},
    {"enabled": True, "contains": ["failed"]},
    {"enabled": True, "status": "passed", "contains": [{"status": "failed"}]},
    {"enabled": True, "status": "passed", "contains": [{"Status": "failed"}]},
    {"enabled": True, "status": "passed", "verdict": "failed", "contains": []},
    {"passed": False},
    {"isPassed": False, "score": 0.2},
    {"Success": False},
    {"succeeded": "false"},
    {"failed": True},
    {"passed": 3, "failed": 1},
    {"result": False},
    {"values": [{"value": "x", "status": "failed"}]},
    *({name: {"status": "failed"}} for name in ("text", "value", "name", "expected", "actual")),
    {"text": {"text": {"passed": False}}},
    *({name: no} for name in ("passed", "isMatched", "match") for no in NO),
    *({name: False} for name in PASSED_NAMES),
    *({name: yes} for name in FAILED_NAMES for yes in YES),
    {"fail": True},
    {"failure": 1},
    {"error": "the tone was wrong"},
    {"error": -1},
    {"Errors": {"tone": "wrong"}},
    {"passed": "failed"},
    *({name: no} for name in ("status", "result") for no in (*NO, "unsuccessful")),
    {"status": "passed", "evaluation": "failed"},
    {"enabled": True, "status": "passed", "contains": [{"mood": "failed", "status": "passed"}]},
)
SAY_NOTHING: tuple[Any, ...] = (
    None,
    2,
    False,
    "none",
    [],
    {},
    *({name: "failed"} for name in TEXT_NAMES),
    {"expected": ["failed", "failure"], "actual": "failed", "result": "passed"},
    {"actual": {"text": "failed"}, "value": {"enabled": False, "status": "failed"}},
    *({name: no} for name in FAILED_NAMES for no in UNSAID),
    {"errors": {}, "error": "none", "match": "exact"},
    {"errors": "null", "error": "N/A"},
    {"failed": "perhaps"},
    {"failed": -1},
    {"failed": {"is": "perhaps"}},
    {"enabled": False, "status": "failed", "contains": [{"status": "failed"}]},
    {"isEnabled": False, "result": "failed"},
    {"IS_ENABLED": False, "rules": ["failed"]},
    {"rules": [{"enabled": False, "status": "failed"}, {"status": "passed"}]},
    {"enabled": True, "status": "passed", "contains": [{"text": "failed", "status": "passed"}]},
    {"passed": True, "failed": 0},
    {"by": "somebody", "score": 0.1},
)


def judged(assertion: Any, *accept: Check, side: str = "outputs") -> Verdict:
    answer: Json = finished(greeting())
    answer["result"]["executionResults"][0][side][0]["assertions"]["sentiment"] = assertion
    return judge(read_result(json.dumps(answer).encode()), Policy(frozenset(accept)))


def failing(verdict: Verdict) -> Reason:
    return next(one for one in verdict.cases[0].reasons if one.outcome is Outcome.FAILED)


@pytest.mark.parametrize("side", ["outputs", "actualOutput"])
@pytest.mark.parametrize("assertion", SAY_FAILED, ids=str)
def test_what_says_failed_in_any_shape_failed_and_is_named(assertion: Any, side: str) -> None:
    verdict = judged(assertion, *Check, side=side)
    assert verdict.outcome is Outcome.FAILED
    reason = failing(verdict)
    assert str(reason) == "the sentiment assertion of response 1 failed"
    assert reason.mismatch is not None
    assert (reason.mismatch.kind, reason.mismatch.response) == ("sentiment", 1)


@pytest.mark.parametrize("assertion", SAY_NOTHING, ids=str)
def test_what_does_not_say_failed_is_passed_over(assertion: Any) -> None:
    verdict = judged(assertion)
    assert (verdict.outcome, verdict.cases[0].reasons) == (Outcome.PASSED, ())


@pytest.mark.parametrize("word", ["aborted", "error", "timed out", "Cancelled"])
@pytest.mark.parametrize("key", ["status", "State", "result", "outcome"])
def test_what_ended_otherwise_is_an_error_that_nothing_accepts(key: str, word: str) -> None:
    for assertion in ({key: word}, {"isEnabled": True, "rules": [{key: word}]}):
        verdict = judged(assertion, *Check)
        assert verdict.outcome is Outcome.ERROR
        assert f"ended with status {word!r}" in str(verdict.cases[0].reasons[0])


@pytest.mark.parametrize("word", ["skipped", "running", "not executed"])
def test_what_was_not_evaluated_is_an_error_of_that_name(word: str) -> None:
    verdict = judged({"isEnabled": True, "result": word})
    [reason] = verdict.cases[0].reasons
    assert (verdict.outcome, reason.check) == (Outcome.ERROR, Check.NOT_EVALUATED)


def test_what_failed_is_shown_with_what_it_says() -> None:
    rules = [
        {"name": "tone", "expected": "kind", "status": "failed"},
        {"name": "length", "status": "passed"},
    ]
    mismatch = failing(judged({"rules": rules})).mismatch
    assert mismatch is not None
    shown = [(one.subject, one.expected) for one in mismatch.comparisons]
    assert shown == [("tone", ("kind",))]


def test_an_assertion_as_deep_as_an_answer_may_be_is_looked_into() -> None:
    assertion: Any = "failed"
    for _ in range(150):
        assertion = [assertion]
    assert judged(assertion).outcome is Outcome.FAILED


@pytest.mark.parametrize("kind", ["flowLevel", "context"])
@pytest.mark.parametrize("name", ["Status", "STATUS", "sta-tus"])
def test_an_items_status_counts_in_any_spelling(kind: str, name: str) -> None:
    for item in ({name: "failed"}, {"status": "passed", name: "failed"}):
        answer = finished(greeting())
        assertions = answer["result"]["executionResults"][0]["outputs"][0]["assertions"]
        assertions[kind] = {"enabled": True, "status": "passed", "contains": [item]}
        verdict = judge(read_result(json.dumps(answer).encode()))
        [reason] = verdict.cases[0].reasons
        assert (verdict.outcome, reason.check) == (Outcome.ERROR, Check.CONTRADICTION)


@pytest.mark.parametrize("more", [{"Status": "failed"}, {"result": "failed"}, {"passed": False}])
def test_a_known_kind_that_says_passed_and_failed_does_not_pass(more: Json) -> None:
    answer = finished(greeting())
    held = answer["result"]["executionResults"][0]["outputs"][0]["assertions"]["text"]
    held |= more
    assert judge(read_result(json.dumps(answer).encode())).outcome is not Outcome.PASSED
