"""An assertion is judged by its state, its items and whatever else it says: a table of reasons."""

import json
from typing import Any

import pytest

from gatekeeper.core.answer.read import read_result
from gatekeeper.core.answer.shape import Step
from gatekeeper.core.answer.states import State
from gatekeeper.core.model import Reason
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.verdict.assertion_states import state_by_items, states_of, status_of
from gatekeeper.core.verdict.assertions import (
    has_passed_assertion,
    judge_assertions,
    passed_without_response,
)
from support.builders import Json, assertion, finished, flow, greeting, response, step, text

FAILED, ERROR = Outcome.FAILED, Outcome.ERROR
UNKNOWN = (ERROR, Check.UNKNOWN_STATE, False)
UNEVALUATED = (ERROR, Check.NOT_EVALUATED, False)
CONTRADICTION = (ERROR, Check.CONTRADICTION, False)
FIRM = (ERROR, None, True)
LOOK = "look at the run on the platform"


def read(built: Json) -> Step:
    execution = read_result(json.dumps(finished(built)).encode()).result
    assert execution
    assert execution.execution_results
    return execution.execution_results[0]


def judged(kind: str, built: Any) -> list[Reason]:
    """Judge an assertion of the second response, which is expected only."""
    whole = step("hi", response("Hi!"), response("Bye!"))
    whole["outputs"][1]["assertions"] = {kind: built}
    return [*judge_assertions(read(whole), "steps[0]")]


def weight(reason: Reason) -> Any:
    return reason.outcome, reason.check, reason.firm


@pytest.mark.parametrize(
    ("field", "value", "expected", "found"),
    [
        ("enabled", "yes", "true or false", "text"),
        ("enabled", 7, "true or false", "number"),
        ("enabled", 0.5, "true or false", "number"),
        ("status", ["passed"], "text", "list"),
        ("status", {"is": "passed"}, "text", "object"),
        ("status", False, "text", "true or false"),
        ("contains", "all", "list", "text"),
        ("contains", {}, "list", "object"),
    ],
)
@pytest.mark.parametrize("kind", ["flowLevel", "text", "context"])
def test_a_wrong_type_is_named_with_its_place_what_was_expected_and_what_was_found(
    kind: str, field: str, value: Any, expected: str, found: str
) -> None:
    [reason] = judged(kind, text("Hi!") | {field: value})
    assert weight(reason) == FIRM
    place = f"steps[0].outputs[1].assertions.{kind}.{field}"
    assert reason.text.endswith(f": {place}: expected {expected}, found {found}")


def test_every_wrong_type_of_an_assertion_and_its_items_is_named() -> None:
    bad = {"enabled": 1, "status": 2, "contains": [{"status": "odd"}, {"status": 3}, 7]}
    texts = [reason.text.rpartition("text.")[2] for reason in judged("text", bad)]
    assert texts == [
        "enabled: expected true or false, found number",
        "status: expected text, found number",
        "contains[1].status: expected text, found number",
    ]


@pytest.mark.parametrize(("built", "found"), [([], "list"), ("passed", "text"), (7, "number")])
def test_an_assertion_that_is_no_object_is_malformed(built: Any, found: str) -> None:
    [reason] = judged("text", built)
    assert weight(reason) == FIRM
    assert reason.text.endswith(
        f": steps[0].outputs[1].assertions.text: expected an object, found {found}"
    )
    assert judged("text", None) == []


@pytest.mark.parametrize(
    ("built", "expected", "quoted"),
    [
        (assertion({"status": "passed"}), [], ""),
        (assertion(), [], ""),
        (assertion({"text": "Hi!"}), [], ""),
        (assertion({"status": "passed"}, status=None), [], ""),
        (assertion({"status": "passed"}) | {"enabled": None}, [], ""),
        (assertion(status="failed") | {"enabled": False}, [], ""),
        (assertion({"status": "failed"}) | {"enabled": False}, [], ""),
        (assertion(status="o\nd"), [UNKNOWN], "'o d'"),
        (assertion(status="x" * 101), [UNKNOWN], f"'{'x' * 99}…'"),
        (assertion(status="running"), [UNEVALUATED], ""),
        (assertion(status="skipped"), [UNEVALUATED], ""),
        (assertion(status=None), [UNEVALUATED], ""),
        (assertion({"text": "Hi!"}, status=""), [UNEVALUATED], ""),
        (assertion(status="abor\nted"), [FIRM], "'abor ted'"),
        (assertion(status="time\nd out"), [FIRM], "'time d out'"),
        (assertion(status="timed out" + " " * 90 + "_"), [FIRM], "'timed out _'"),
        (assertion({"status": "passed"}, {"status": "odd"}, status=None), [UNKNOWN], ""),
        (assertion({"status": "passed"}, {"status": "odd"}), [UNKNOWN], ""),
        (assertion({"status": "passed"}, {"status": "aborted"}), [UNKNOWN], ""),
        (assertion({"status": "passed"}, {"status": "failed"}), [CONTRADICTION], ""),
        (assertion() | {"verdict": "failed"}, [CONTRADICTION], "'failed'"),
        (assertion() | {"verdict": "aborted"}, [FIRM], "'aborted'"),
        (assertion() | {"verdict": "running"}, [UNEVALUATED], "'running'"),
        (assertion() | {"Status": "failed"}, [(FAILED, None, False)], ""),
        (assertion() | {"a": {"status": "failed"}, "b": ["fail"]}, [CONTRADICTION], "'fail'"),
        (assertion() | {"a": {"failed": 1}}, [CONTRADICTION], """'{"failed": 1}'"""),
    ],
)
def test_what_an_assertion_says_comes_to_a_reason_that_quotes_it(
    built: Json, expected: list[Any], quoted: str
) -> None:
    reasons = judged("context", built)
    assert [weight(reason) for reason in reasons] == expected
    for reason in reasons:
        assert "the context assertion of response 2 " in reason.text
        assert quoted in reason.text
        assert "None" not in reason.text


def test_of_a_text_every_variation_must_have_failed_to_contradict_it() -> None:
    items = [{"text": "a", "status": "failed"}, {"text": "b", "status": "odd"}]
    assert judged("text", assertion(*items, {"status": "passed"})) == []
    [reason] = judged("text", assertion(*items))
    assert weight(reason) == CONTRADICTION
    text = "the text assertion of response 2 passed, but every variation of it failed"
    assert reason.text == text
    [reason] = judged("context", assertion(*items))
    text = "the context assertion of response 2 passed, but one of its items failed"
    assert reason.text == text
    [reason] = judged("text", assertion({"text": "a"}, {"text": "b", "status": "odd"}))
    assert weight(reason) == UNKNOWN


@pytest.mark.parametrize(
    ("kind", "name", "shown"),
    [("text", "text", [("a", "b", "c")]), ("context", "context", [("b",), ("c",)])],
)
def test_what_failed_is_shown_of_a_text_with_every_variation(
    kind: str, name: str, shown: Any
) -> None:
    items = [{"text": "a"}, {"text": "b", "status": "failed"}, {"text": "c", "status": "failed"}]
    [reason] = judged(kind, assertion(*items, status="failed"))
    assert weight(reason) == (FAILED, None, False)
    assert reason.mismatch
    assert (reason.mismatch.kind, reason.mismatch.response) == (name, 2)
    assert [comparison.expected for comparison in reason.mismatch.comparisons] == shown
    [reason] = judged(kind, assertion({"text": "a"}, status="failed"))
    assert reason.mismatch
    assert [comparison.expected for comparison in reason.mismatch.comparisons] == [("a",)]


def test_what_a_yet_unknown_kind_says_is_named_and_shown_in_part() -> None:
    kind = "k" * 61
    [reason] = judged(kind, {"rules": [{"name": str(at), "status": "failed"} for at in range(60)]})
    assert weight(reason) == (FAILED, None, False)
    assert reason.text.startswith(f"the {'k' * 59}… assertion of response 2 ")
    assert reason.mismatch
    assert [comparison.subject for comparison in reason.mismatch.comparisons] == [
        str(at) for at in range(50)
    ]
    [reason] = judged(kind, {"enabled": True, "status": "odd"})
    assert reason.text.startswith(f"the {'k' * 59}… assertion of response 2 has the unknown ")
    for built, expected in (
        ({"enabled": True}, UNEVALUATED),
        ({"contains": [{"a": 1}]}, UNEVALUATED),
        ({"status": "odd"}, UNKNOWN),
        ({"result": "aborted"}, FIRM),
        (assertion({"status": "passed", "verdict": "aborted"}), FIRM),
        ({"enabled": True, "status": 7}, FIRM),
    ):
        [reason] = judged("mood", built)
        assert weight(reason) == expected
        about = "malformed response: steps[0].outputs[1].assertions.mood.status: "
        about = about if "status: " in reason.text else "the mood assertion of response 2 "
        assert reason.text.startswith(about)
    items = [{"name": "a", "status": "passed"}, {"name": "b", "status": "failed"}]
    [reason] = judged("mood", {"status": "failed", "contains": items})
    assert reason.mismatch
    assert [comparison.subject for comparison in reason.mismatch.comparisons] == ["b"]
    for name in ("enabled", "isEnabled"):
        assert judged("mood", {name: False, "status": "odd"}) == []


def test_both_sides_are_judged_each_response_beside_its_own() -> None:
    whole = step("hi", response("a"), response("b"))
    for side, at, word in (("outputs", 0, "x"), ("actualOutput", 0, "x"), ("actualOutput", 1, "y")):
        whole[side][at]["assertions"]["text"] = assertion(status=word)
    whole["outputs"].pop()
    texts = [reason.text for reason in judge_assertions(read(whole), "")]
    found = [("response 1" in text, "'x'" in text) for text in texts]
    assert found == [(True, True), (False, False)]


def test_each_assertion_of_a_response_is_judged_by_its_place() -> None:
    built = step("hi", response("a", text=text("a", status="failed"), flowLevel={"status": 1}))
    expected = [
        "the text assertion of response 1 failed",
        *(
            f"malformed response: steps[0].{side}[0].assertions.flowLevel.status: "
            "expected text, found number"
            for side in ("outputs", "actualOutput")
        ),
    ]
    texts = [reason.text for reason in judge_assertions(read(built), "steps[0]")]
    assert sorted(texts, reverse=True) == expected


@pytest.mark.parametrize("count", [1, 3])
def test_a_passed_step_that_got_no_response_says_how_many_were_expected(count: int) -> None:
    built = step("hi", *[response("Hi!", text=text("Hi!"))] * count) | {"actualOutput": []}
    [reason] = passed_without_response(read(built))
    assert weight(reason) == CONTRADICTION
    missing = f"the step passed, but the bot sent no response (expected {count}): {LOOK}"
    assert reason.text == missing
    assert [*passed_without_response(read(built | {"outputs": []}))] == []


def test_each_response_that_never_came_but_passed_is_named_with_its_first_passed_kind() -> None:
    disabled = text("d") | {"enabled": False}
    built = step(
        "hi",
        response("a", text=text("a")),
        response("b", context=assertion(status="odd"), flowLevel=flow("b"), text=text("b")),
        response("c", text=disabled),
        response("d") | {"assertions": {"k" * 61: {"status": "passed"}}},
        response("e", text=text("e", status="failed")),
        response("f") | {"assertions": {"text": "passed", "mood": {"contains": [{}]}}},
        response("g") | {"assertions": None},
        response("h") | {"assertions": {"text": text("h") | {"isEnabled": False}}},
    )
    built["actualOutput"] = built["actualOutput"][:1]
    for status in ("passed", None):
        reasons = [*passed_without_response(read(built | {"status": status}))]
        assert [weight(reason) for reason in reasons] == [CONTRADICTION] * 3
        assert [reason.text for reason in reasons] == [
            f"response {number} is missing, but its {kind} assertion passed: {LOOK}"
            for number, kind in ((2, "flow"), (4, f"{'k' * 59}…"), (8, "text"))
        ]
    nothing_came = [*passed_without_response(read(built | {"status": None, "actualOutput": None}))]
    assert [reason.text.split()[1] for reason in nothing_came] == ["1", "2", "4", "8"]


@pytest.mark.parametrize(
    ("kind", "built", "passed"),
    [
        ("text", text("Hi!"), True),
        ("text", text("Hi!") | {"enabled": None}, True),
        ("text", text("Hi!") | {"enabled": False}, False),
        ("text", text("Hi!") | {"isEnabled": False}, True),
        ("mood", text("Hi!") | {"isEnabled": False}, False),
        ("text", text("Hi!", status="failed"), False),
        ("text", assertion({"status": "failed"}, {"status": "passed"}, status=None), True),
        ("mood", assertion({"status": "failed"}, {"status": "passed"}, status=None), False),
        ("mood", assertion({"status": "passed"}, status=None), True),
        ("text", {"contains": "passed"}, False),
        ("text", "passed", False),
    ],
)
@pytest.mark.parametrize("side", ["outputs", "actualOutput"])
def test_a_passed_assertion_is_seen_on_either_side(
    kind: str, built: Any, *, passed: bool, side: str
) -> None:
    whole = step("hi", response("Hi!"))
    whole[side][0]["assertions"][kind] = built
    assert has_passed_assertion(read(whole)) is passed
    assert not has_passed_assertion(read(greeting() | {"outputs": None, "actualOutput": None}))


@pytest.mark.parametrize(
    ("held", "word"),
    [
        ({"status": "odd"}, "odd"),
        ({"Status": "passed", "STATUS": "odd"}, "odd"),
        ({"Status": "odd", "STATUS": "passed"}, "odd"),
        ({"status": "odd", "sta_tus": "failed"}, "failed"),
        ({"status": "failed", "sta_tus": "odd"}, "failed"),
        ({"status": "failed", "Status": "aborted"}, "failed"),
        ({"status": "passed", "Status": "running"}, "running"),
        ({"status": "passed", "Status": "failed"}, "failed"),
        ({"status": "passed", "Status": "passed"}, "passed"),
        ({"state": "passed"}, None),
        ({}, None),
    ],
)
def test_of_several_states_in_an_object_the_worst_is_its_word(held: Json, word: Any) -> None:
    assert status_of(held) == word


def test_items_that_are_no_objects_have_no_state() -> None:
    assert states_of([{"Status": "odd"}, {}, "passed", {"status": "passed"}]) == [
        State.UNKNOWN,
        State.MISSING,
        State.MISSING,
        State.PASSED,
    ]


@pytest.mark.parametrize(
    ("words", "of_text", "of_others"),
    [
        ([], State.MISSING, State.MISSING),
        (["passed"], State.PASSED, State.PASSED),
        (["passed", "failed"], State.PASSED, State.FAILED),
        (["passed", "odd"], State.PASSED, State.UNKNOWN),
        (["failed", "failed"], State.FAILED, State.FAILED),
        (["failed", "odd"], State.UNKNOWN, State.FAILED),
        (["odd", None], State.UNKNOWN, State.UNKNOWN),
        (["passed", None], State.PASSED, State.MISSING),
        ([None], State.MISSING, State.MISSING),
        (["running"], State.MISSING, State.MISSING),
    ],
)
def test_items_decide_an_assertion_of_text_by_any_and_of_others_by_all(
    words: list[Any], of_text: State, of_others: State
) -> None:
    items = [{"status": word} for word in words]
    assert state_by_items("text", items) is of_text
    assert state_by_items("flow", items) is state_by_items("mood", items) is of_others
