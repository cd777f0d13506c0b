"""The scenarios: each is consistent in itself but for its overrides, and ends as its title says."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.simulator import library, scenario_names, scenario_title
from gatekeeper.simulator.evaluation import evaluate
from gatekeeper.simulator.runs import suite_of_scenario
from gatekeeper.simulator.scenario import Scenario, read_scenario
from gatekeeper.simulator.status_bodies import Identity, encoded, finished

IDENTITY = Identity("ctr-1", "st-1", "ctc-1", "published", "2025-01-01T00:00:00.000Z")
FAILING = {
    "banking-card-block": {4: {"flowLevel"}, 7: {"text"}},
    "airline-rebooking": {3: {"context"}, 4: {"flowLevel", "text"}},
    "retail-returns-ja": {4: {"text"}},
    "insurance-claim-stops": {5: {"flowLevel", "text"}},
    "flaky": {2: {"text"}},
    "no-step-detail-failed": {2: {"text"}},
    "lying-pass": {2: {"text"}},
    "hostile-text": {number: {"text"} for number in range(1, 9)},
}
NOT_EXECUTED = {"insurance-claim-stops": [6, 7, 8], "aborted": [3, 4]}
STATES = {
    "banking-card-block": "failed",
    "airline-rebooking": "failed",
    "retail-returns-ja": "failed",
    "insurance-claim-stops": "failed",
    "flaky": "failed",
    "no-step-detail-failed": "failed",
    "hostile-text": "failed",
    "aborted": "stopped",
    "completed": "completed",
    "unknown-state": "partially_done",
}

every_scenario = pytest.mark.parametrize("name", scenario_names())


def told(name: str) -> dict[str, Any]:
    """Return what the platform says in the end."""
    return finished(IDENTITY, library.scenario(name))


def truth(name: str) -> dict[str, Any]:
    """Return what it would say without the overrides."""
    return finished(IDENTITY, replace(library.scenario(name), overrides=()))


def steps_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = answer["result"]["executionResults"]
    return steps


def failing(step: dict[str, Any]) -> set[str]:
    """Return the kinds of a step's failing assertions."""
    return {
        kind
        for response in (*step["outputs"], *step["actualOutput"])
        for kind, assertion in response["assertions"].items()
        if assertion.get("status") == "failed"
    }


def test_the_names_are_those_of_the_files() -> None:
    folder = Path(library.__file__).with_name("scenarios")

    assert scenario_names()[0] == "banking-transfer"
    assert sorted(scenario_names()) == sorted(path.stem for path in folder.iterdir())


def test_an_unknown_name_is_no_path() -> None:
    with pytest.raises(ValueError, match="unknown scenario"):
        scenario_title("../scenarios/empty")


@every_scenario
def test_a_title_is_one_line_and_says_how_it_ends(name: str) -> None:
    title = scenario_title(name)

    assert title.isprintable()
    assert 20 < len(title) < 90


@every_scenario
def test_the_counters_are_those_of_the_steps(name: str) -> None:
    answer = truth(name)
    steps = steps_of(answer)
    statuses = [step["status"] for step in steps]

    assert set(statuses) <= {"passed", "failed", "notexecuted"}
    assert answer["totalTestStepsCount"] == len(steps) == len(answer["result"]["nlpVersion"])
    assert answer["result"]["stepDetails"] == {
        "passed": statuses.count("passed"),
        "failed": statuses.count("failed"),
        "total": len(steps),
    }
    assert answer["status"] == answer["result"]["status"]
    assert answer["status"] == ("failed" if "failed" in statuses else "passed")


@every_scenario
def test_a_step_passed_when_all_of_its_assertions_did(name: str) -> None:
    for step in steps_of(truth(name)):
        if step["status"] != "notexecuted":
            assert step["status"] == ("failed" if failing(step) else "passed")


@every_scenario
def test_an_assertion_says_what_its_items_come_to(name: str) -> None:
    for step in steps_of(truth(name)):
        for response in (*step["outputs"], *step["actualOutput"]):
            for kind, assertion in response["assertions"].items():
                statuses = [item.get("status") for item in assertion["contains"]]
                assert assertion["enabled"] == bool(statuses)
                if not statuses or step["status"] == "notexecuted":
                    assert "status" not in assertion
                    assert set(statuses) <= {None}
                else:
                    enough = any if kind == "text" else all
                    passed = enough(status == "passed" for status in statuses)
                    assert assertion["status"] == ("passed" if passed else "failed")


@every_scenario
def test_the_two_sides_of_a_response_have_the_same_assertions(name: str) -> None:
    for step in steps_of(truth(name)):
        sides = [
            [response["assertions"] for response in step[side]]
            for side in ("outputs", "actualOutput")
        ]
        assert sides[0] == sides[1] or step["actualOutput"] == []


@every_scenario
def test_exactly_the_assertions_that_are_meant_to_fail_do(name: str) -> None:
    found = {number: failing(step) for number, step in enumerate(steps_of(truth(name)), 1)}

    assert {number: kinds for number, kinds in found.items() if kinds} == FAILING.get(name, {})


@every_scenario
def test_exactly_the_steps_that_are_meant_to_stay_out_do(name: str) -> None:
    found = [
        number
        for number, step in enumerate(steps_of(truth(name)), 1)
        if step["status"] == "notexecuted"
    ]

    assert found == NOT_EXECUTED.get(name, [])


@every_scenario
def test_a_run_ends_in_the_state_that_it_is_meant_to(name: str) -> None:
    answer = told(name)

    assert answer["status"] == answer["result"]["status"] == STATES.get(name, "passed")
    assert answer["percentageCompleted"] == (50 if name == "aborted" else 100)


@every_scenario
def test_every_flow_stands_at_nodes_whose_type_is_known(name: str) -> None:
    scenario = library.scenario(name)
    for step in steps_of(truth(name)):
        for response in (*step["outputs"], *step["actualOutput"]):
            names = {response.get("nodeName", ""), *response.get("transitions", ())} - {""}
            assert names <= set(scenario.nodes)


@every_scenario
def test_an_answer_is_utf_8_json_as_it_goes_over_the_wire(name: str) -> None:
    answer = told(name)

    assert json.loads(encoded(answer).decode("utf-8")) == answer


@every_scenario
def test_a_small_run_takes_a_few_seconds(name: str) -> None:
    assert library.scenario(name).duration <= 5 or name == "long"


def test_a_passing_run_can_hide_a_failed_assertion() -> None:
    answer = told("lying-pass")

    assert answer["result"]["stepDetails"] == {"passed": 3, "failed": 0, "total": 3}
    assert [step["status"] for step in steps_of(answer)] == ["passed"] * 3
    assert [failing(step) for step in steps_of(answer)] == [set(), {"text"}, set()]


def test_the_newest_shape_leaves_out_everything_but_the_counters() -> None:
    for name in ("no-step-detail", "no-step-detail-failed"):
        assert list(told(name)["result"]) == [
            "startTime",
            "version",
            "status",
            "stepDetails",
            "duration",
        ]


def test_counters_can_be_off() -> None:
    answer = told("counters-disagree")

    assert answer["result"]["stepDetails"] == {"passed": 4, "failed": 0, "total": 4}
    assert len(steps_of(answer)) == answer["totalTestStepsCount"] == 3


def test_a_status_can_be_missing_or_of_a_wrong_type() -> None:
    assert "status" not in steps_of(told("missing-status"))[1]
    assert steps_of(told("malformed"))[1]["status"] == ["passed"]


def test_an_enabled_assertion_can_have_nothing_to_go_by() -> None:
    step = steps_of(told("not-evaluated"))[1]

    for side in ("outputs", "actualOutput"):
        assert step[side][0]["assertions"]["context"] == {"enabled": True, "contains": []}


def test_an_assertion_can_contradict_its_item() -> None:
    step = steps_of(told("contradiction"))[1]

    for side in ("outputs", "actualOutput"):
        flow = step[side][0]["assertions"]["flowLevel"]
        assert (flow["status"], flow["contains"][0]["status"]) == ("passed", "failed")


def test_a_passed_run_can_have_error_details() -> None:
    assert told("error-details")["result"]["errorDetails"]["code"] == "SERVICE_UNAVAILABLE"


def test_hostile_text_has_everything_that_breaks_a_report() -> None:
    body = encoded(told("hostile-text"))
    text = json.dumps(told("hostile-text"), ensure_ascii=False)

    for part in ("\\n::error", "##[error]", "]]>", "<script>", "\u202e", "\\u001b", "\\u0000"):
        assert part in text
    assert rb"\ud83d alone, \ude00 alone" in body
    assert max(len(step["actualOutput"][0]["text"]) for step in steps_of(told("hostile-text"))) > (
        100_000
    )


def test_the_long_scenario_tells_its_steps_apart() -> None:
    steps = steps_of(told("long"))

    assert len(steps) == 400
    assert steps[1]["input"] == "PX-1-NL"
    assert steps[-1]["actualOutput"][0]["text"] == "We'll leave it at number 80."


def scenario_of(*responses: dict[str, Any], **more: Any) -> Scenario:
    step = {"input": "hello", "responses": list(responses)}
    data = {"title": "A test", "duration": 1, "steps": [step], **more}
    return read_scenario("test", json.dumps(data))


@pytest.mark.parametrize(
    ("says", "expects", "passed"),
    [
        ("Hello!", "Hello!", True),
        ("Hello!", "hello!", False),
        ("Hello, Ana!", "Hello, {{name}}!", True),
        ("Hello, !", "Hello, {{name}}!", True),
        ("Hello, Ana", "Hello, {{name}}!", False),
        ("one\ntwo\nthree", "one{{any}}three", True),
        ("a.c", "a.c", True),
        ("abc", "a.c", False),
        ("1 and 2", "{{x}} and {{y}}", True),
    ],
)
def test_dynamic_parts_match_anything_and_the_rest_literally(
    says: str, expects: str, *, passed: bool
) -> None:
    scenario = scenario_of({"says": says, "expects": [expects]})

    text = evaluate(scenario.steps[0].responses[0])["text"]

    assert text["status"] == ("passed" if passed else "failed")


def test_a_response_that_expects_nothing_asserts_nothing() -> None:
    (step,) = steps_of(finished(IDENTITY, scenario_of({"says": "Hello", "expects": []})))

    assert step["outputs"][0]["assertions"]["text"] == {"enabled": False, "contains": []}
    assert (step["outputs"][0]["text"], step["status"]) == ("Hello", "passed")


def test_where_the_app_stays_silent_everything_that_is_asserted_fails() -> None:
    response = {
        "expects": ["Hello"],
        "node": "Greet",
        "flow": ["node"],
        "context": {"session.x": 1},
    }
    (step,) = steps_of(finished(IDENTITY, scenario_of(response)))

    assert failing(step) == {"flowLevel", "text", "context"}
    assert step["actualOutput"] == []


@pytest.mark.parametrize("where", ["step", "response"])
def test_a_misspelt_field_of_a_scenario_is_found(where: str) -> None:
    step: dict[str, Any] = {"input": "x", "responses": [{"says": "y"}]}
    (step if where == "step" else step["responses"][0])["expect"] = ["z"]

    with pytest.raises(ValueError, match="expect"):
        scenario_of(steps=[step])


def test_an_override_that_leads_nowhere_is_found() -> None:
    scenario = scenario_of({"says": "x"}, overrides=[{"path": "result.x.y", "value": 1}])

    with pytest.raises(KeyError):
        finished(IDENTITY, scenario)


def test_every_second_run_of_the_flaky_scenario_passes() -> None:
    suite = suite_of_scenario(library.scenario("flaky"))
    statuses = [json.loads(suite.result(IDENTITY))["status"] for _ in range(4)]
    assert statuses == ["failed", "passed"] * 2
