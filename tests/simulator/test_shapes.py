"""The answers have the shape of the documentation's samples, key by key and in their order."""

import json
import re
from typing import Any

import pytest

from support.caller import Caller

TOP = [
    "_id",
    "streamId",
    "testSuiteId",
    "status",
    "totalTestStepsCount",
    "result",
    "percentageCompleted",
]
RESULT = [
    "nlpVersion",
    "startTime",
    "version",
    "status",
    "stepDetails",
    "errorDetails",
    "executionResults",
    "duration",
]
STEP = [
    "actualOutput",
    "intents",
    "faqs",
    "smalltalk",
    "input",
    "outputs",
    "requestId",
    "nlpVersion",
    "status",
]
RESPONSE = [
    "text",
    "nodeId",
    "componentType",
    "intentId",
    "nodeName",
    "intentType",
    "taskId",
    "dialogName",
    "transitions",
    "transitionNodeNames",
    "transitionNodeType",
    "assertions",
]
STANDARD_RESPONSE = ["text", "category", "isStandardResponse", "userPrompts", "assertions"]


def test_a_start_answers_with_the_id_of_the_run(caller: Caller) -> None:
    answer = caller.start("banking-transfer")

    assert answer.status == 200
    assert list(answer.json) == ["status", "testRunId"]
    assert answer.json["status"] == "IN_PROGRESS"
    assert re.fullmatch(r"ctr-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.json["testRunId"])


def test_a_run_that_goes_on_has_the_shape_of_the_first_sample(caller: Caller) -> None:
    run_id = caller.simulator.start("long")

    answer = caller.status("long", run_id).json

    assert list(answer) == TOP
    assert answer["_id"] == run_id
    assert answer["streamId"] == caller.simulator.stream_id
    assert re.fullmatch(r"ctc-[0-9a-f-]{36}", answer["testSuiteId"])
    assert answer["status"] == "inprogress"
    assert answer["totalTestStepsCount"] == 400
    assert answer["percentageCompleted"] == 0
    assert list(answer["result"]) == ["nlpVersion", "startTime", "version", "status"]
    assert answer["result"]["nlpVersion"] == []
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", answer["result"]["startTime"])
    assert answer["result"]["status"] == "inprogress"


def test_a_run_that_has_ended_has_the_shape_of_the_second_sample(caller: Caller) -> None:
    answer = caller.result("banking-transfer")

    assert list(answer) == TOP
    assert (answer["status"], answer["percentageCompleted"]) == ("passed", 100)
    result = answer["result"]
    assert list(result) == RESULT
    assert result["nlpVersion"] == ["v3"] * 10
    assert result["status"] == "passed"
    assert result["stepDetails"] == {"passed": 10, "failed": 0, "total": 10}
    assert list(result["stepDetails"]) == ["passed", "failed", "total"]
    assert result["errorDetails"] is None
    assert result["duration"] == 5000


def test_a_step_has_the_keys_of_the_sample(caller: Caller) -> None:
    answer = caller.result("banking-card-block")

    with_event, *others = answer["result"]["executionResults"]
    assert [key for key in with_event if key != "event"] == STEP
    assert list(with_event).index("event") == STEP.index("requestId")
    assert (with_event["input"], with_event["event"]) == ("Start_Flow", "Start_Flow")
    for index, step in enumerate(others, 1):
        assert list(step) == STEP
        assert step["requestId"] == f"{answer['_id']}{index}"
        assert step["nlpVersion"] == "v3"
        assert step["intents"] == step["faqs"] == step["smalltalk"] == []


@pytest.mark.parametrize("side", ["outputs", "actualOutput"])
def test_a_response_of_a_dialog_has_the_keys_of_the_sample(caller: Caller, side: str) -> None:
    steps = caller.result("banking-transfer")["result"]["executionResults"]

    (response,) = steps[4][side]

    assert list(response) == RESPONSE
    assert response["nodeId"] == response["nodeName"] == "AskAmount"
    assert response["componentType"] == "entity"
    assert (response["intentId"], response["intentType"]) == ("Transfer Money", "dialog")
    assert response["taskId"].startswith("dg-")
    assert response["dialogName"] == "Transfer Money"
    assert response["transitions"] == ["ConfirmPayee", "AskAmount"]
    assert response["transitionNodeNames"] == ["ConfirmPayee", "AskAmount"]
    assert response["transitionNodeType"] == ["confirmation", "entity"]


@pytest.mark.parametrize("side", ["outputs", "actualOutput"])
def test_a_standard_response_has_the_keys_of_the_sample(caller: Caller, side: str) -> None:
    steps = caller.result("banking-transfer")["result"]["executionResults"]

    (response,) = steps[9][side]

    assert list(response) == STANDARD_RESPONSE
    assert (response["category"], response["isStandardResponse"]) == ("Goodbye", True)
    assert response["assertions"]["flowLevel"]["contains"] == [
        {"nodeId": "Goodbye", "status": "passed"}
    ]


def test_a_text_mismatch_stands_at_the_end_of_the_expected_side(caller: Caller) -> None:
    steps = caller.result("airline-arrival-de")["result"]["executionResults"]

    assert list(steps[0]["outputs"][0])[-1] == "textMismatch"
    assert "textMismatch" not in steps[0]["actualOutput"][0]
    assert steps[0]["status"] == "passed"


def assertions(answer: Any, step: int, response: int = 0, side: str = "outputs") -> Any:
    return answer["result"]["executionResults"][step][side][response]["assertions"]


def test_an_enabled_assertion_has_a_status_and_a_disabled_one_has_not(caller: Caller) -> None:
    found = assertions(caller.result("banking-transfer"), 0)

    assert list(found) == ["flowLevel", "text", "context"]
    assert found["flowLevel"] == found["context"] == {"enabled": False, "contains": []}
    assert list(found["text"]) == ["enabled", "contains", "status"]
    assert list(found["text"]["contains"][0]) == ["text", "status"]


def test_of_several_variations_each_has_its_own_status(caller: Caller) -> None:
    found = assertions(caller.result("banking-transfer"), 3)

    assert found["text"]["status"] == "passed"
    assert [item["status"] for item in found["text"]["contains"]] == ["failed", "passed", "failed"]


def test_flow_and_context_items_name_what_they_assert(caller: Caller) -> None:
    answer = caller.result("airline-rebooking")

    assert assertions(answer, 0)["flowLevel"]["contains"] == [
        {"intentId": "Rebook Flight", "status": "passed"},
        {"nodeId": "AskBooking", "status": "passed"},
        {"transitions": ["AskBooking"], "status": "passed"},
    ]
    assert assertions(answer, 2)["context"] == {
        "enabled": True,
        "contains": [
            {"name": "session.BotUserSession.newFlight", "value": "TP1685", "status": "passed"},
            {
                "name": "session.BotUserSession.connection.city",
                "value": "Lisbon",
                "status": "failed",
            },
        ],
        "status": "failed",
    }


def test_both_sides_have_the_same_assertions_but_their_own_texts(caller: Caller) -> None:
    answer = caller.result("banking-card-block")
    step = answer["result"]["executionResults"][3]

    assert step["outputs"][0]["assertions"] == step["actualOutput"][0]["assertions"]
    assert step["outputs"][0]["nodeName"] == "AskLastPayment"
    assert step["actualOutput"][0]["nodeName"] == "ConfirmBlock"
    last = answer["result"]["executionResults"][6]
    assert last["outputs"][0]["text"].endswith("It is free of charge.")
    assert last["actualOutput"][0]["text"].endswith("It costs £5.")


def test_a_template_is_json_in_a_string(caller: Caller) -> None:
    steps = caller.result("retail-returns-ja")["result"]["executionResults"]

    template = json.loads(steps[3]["actualOutput"][0]["text"])

    assert template["type"] == "template"
    assert template["payload"]["quick_replies"][0]["title"] == "サイズ交換"


def test_a_step_that_was_not_executed_has_no_output_and_is_in_the_total_only(
    caller: Caller,
) -> None:
    result = caller.result("insurance-claim-stops")["result"]

    last = result["executionResults"][-1]
    assert (last["status"], last["actualOutput"]) == ("notexecuted", [])
    assert list(last) == STEP
    text = last["outputs"][0]["assertions"]["text"]
    assert text == {"enabled": True, "contains": [{"text": last["outputs"][0]["text"]}]}
    assert result["stepDetails"] == {"passed": 4, "failed": 1, "total": 8}


@pytest.mark.parametrize(
    ("version", "told"), [("published", "published"), ("inDevelopment", "configured")]
)
def test_the_result_has_a_word_of_its_own_for_the_version(
    caller: Caller, version: str, told: str
) -> None:
    assert caller.result("completed", version)["result"]["version"] == told
