"""Reading an answer: tolerant where nothing depends on it, exact about what is wrong."""

import json
from typing import Any

import pytest

from gatekeeper.core.answer.read import read_progress, read_result
from gatekeeper.core.answer.shape import LazySteps, StepDetails
from gatekeeper.errors import MalformedResult
from support.builders import Json, finished, greeting


def encoded(answer: Any) -> bytes:
    return json.dumps(answer).encode()


def with_step_status(value: Any) -> Json:
    return finished(greeting(), greeting(), greeting(), greeting() | {"status": value})


def test_a_wrong_type_is_told_with_its_path_in_words() -> None:
    with pytest.raises(MalformedResult) as error:
        read_result(encoded(with_step_status(["passed"])))
    assert "result.executionResults[3].status: expected text, found list" in error.value.what


@pytest.mark.parametrize(
    ("answer", "where"),
    [
        ([], "malformed response: expected object, found list"),
        ({"status": 1}, "status: expected text, found number"),
        ({"status": {}}, "status: expected text, found object"),
        ({"result": "passed"}, "result: expected object, found text"),
        ({"result": {"executionResults": {}}}, "result.executionResults: expected list"),
        ({"totalTestStepsCount": "13"}, "totalTestStepsCount: expected number, found text"),
        (
            {"result": {"stepDetails": {"passed": True}}},
            "passed: expected number, found true or false",
        ),
    ],
)
def test_each_needed_field_has_its_type(answer: Any, where: str) -> None:
    with pytest.raises(MalformedResult, match="malformed response") as error:
        read_result(encoded(answer))
    assert where in error.value.what


def test_a_wrong_type_deep_in_a_step_is_told_with_its_whole_path() -> None:
    steps = [greeting(), greeting() | {"actualOutput": [{"assertions": []}]}]
    with pytest.raises(MalformedResult) as error:
        read_result(encoded(finished(*steps)))
    assert "result.executionResults[1].actualOutput[0].assertions: expected" in error.value.what


@pytest.mark.parametrize(
    ("step", "found"), [("passed", "text"), (7, "number"), (None, "nothing"), ([], "list")]
)
def test_what_is_no_step_is_told_with_its_place(step: Any, found: str) -> None:
    with pytest.raises(MalformedResult) as error:
        read_result(encoded(finished(greeting()) | {"result": {"executionResults": [{}, step]}}))
    assert error.value.what == (
        f"malformed response: result.executionResults[1]: expected object, found {found}"
    )


def test_steps_are_there_as_often_as_they_are_looked_at() -> None:
    told = read_result(encoded(finished(greeting(), greeting("failed"), greeting()))).result
    assert told is not None
    steps = told.execution_results
    assert isinstance(steps, LazySteps)
    states = ["passed", "failed", "passed"]
    for _ in range(2):
        assert [step.status for step in steps] == states
        assert [steps[index].status for index in range(len(steps))] == states
        assert [step.status for step in steps[1:]] == states[1:]
    assert json.loads(steps.raw(1)) == greeting("failed")


@pytest.mark.parametrize("text", [rb'"\ud800"', b'"\xff"', b"NaN"])
@pytest.mark.parametrize("field", [b"input", b"new"])
def test_what_a_person_could_still_read_of_a_step_is_read(field: bytes, text: bytes) -> None:
    body = b'{"result": {"executionResults": [{"status": "passed", "%s": %s}]}}' % (field, text)
    told = read_result(body).result
    assert told is not None
    assert [step.status for step in told.execution_results or ()] == ["passed"]


@pytest.mark.parametrize("value", [None, 7, "x", ["x"], {"x": 1}, True])
@pytest.mark.parametrize("field", ["input", "requestId", "nlpVersion", "intents", "event", "new"])
def test_a_field_that_nobody_needs_may_have_any_type(field: str, value: Any) -> None:
    answer = finished(greeting() | {field: value})
    assert read_result(encoded(answer)).status == "passed"


@pytest.mark.parametrize(
    "body",
    [
        rb'{"status": "passed", "new": "\ud800"}',
        b'{"status": "passed", "new": "\xff"}',
        b'\xef\xbb\xbf{"status": "passed"}',
        b'{"status": "passed", "new": NaN}',
        b'{"status": "passed", "new": 1e999}',
    ],
)
def test_what_a_person_could_still_read_is_read(body: bytes) -> None:
    assert read_result(body).status == "passed"
    assert read_progress(body).states == ("passed", None)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"status": "passed"', b"<html>", b"null", b'{"a":' + b"[" * 100_000, b"\x00"],
)
def test_what_is_no_whole_json_object_is_malformed(body: bytes) -> None:
    for read in (read_result, read_progress):
        with pytest.raises(MalformedResult, match="malformed response"):
            read(body)


@pytest.mark.parametrize("value", ["85", None, [], True, float("nan")])
def test_a_percentage_that_is_no_number_is_not_told(value: Any) -> None:
    answer = {"status": "inprogress", "percentageCompleted": value}
    assert read_progress(encoded(answer)).percentage is None


def test_a_run_in_progress_is_read_whatever_its_result_is_like() -> None:
    progress = read_progress(b'{"status": "inprogress", "percentageCompleted": 85, "result": [1]}')
    assert (progress.states, progress.percentage) == (("inprogress", None), 85)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://bots.kore.ai/f?sig=1", "https://bots.kore.ai/f?sig=1"),
        ("http://bots.kore.ai/f", None),
        ("javascript:alert(1)", None),
        ("https://x/\n::error::", None),
        (7, None),
    ],
)
def test_only_a_safe_link_to_the_results_file_is_passed_on(url: Any, told: str | None) -> None:
    answer = finished(greeting())
    answer["result"]["fileUrl"] = url
    assert read_result(encoded(answer)).results_url == told


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize(
    ("rest", "why"),
    [
        ('{"status": "a", "status": "a"}', r"'status' occurs twice"),
        ('{"result": {"version": 1, "version": 1}}', r"'version' occurs twice"),
        ('{"status": 7}', r"status: expected text, found number"),
        ('{"status": "a"', r"\b1[47] bytes\b.*column"),
        ("[" * 201 + "]" * 201, r"\b200\b"),
        ("[]", r"expected object, found list"),
        ('{"result": {"executionResults": [{}, {"status": 7}]}}', r"Results\[1\]\.status: "),
        ('{"result": {"executionResults": [7]}}', r"Results\[0\]: expected object, found number"),
    ],
)
def test_what_cannot_be_read_says_why_also_after_a_byte_order_mark(
    start: str, rest: str, why: str
) -> None:
    with pytest.raises(MalformedResult, match=f"^malformed response: .*{why}"):
        read_result((start + rest).encode())


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('\ufeff{"status": "Straße"}'.encode(), "Straße"),
        (b'{"status": "\\ud800"}', "?"),
        (b'{"status": "a\xff"}', "a\ufffd"),
        ('{"status": "é", "later": NaN}'.encode(), "é"),
    ],
)
def test_what_is_mended_keeps_its_other_characters(body: bytes, status: str) -> None:
    assert read_result(body).status == status


def test_counters_that_are_not_declared_are_kept_by_their_names() -> None:
    answer = finished(greeting())
    answer["result"]["stepDetails"] |= {"skipped": 2, "odd": "x"}
    execution = read_result(encoded(answer)).result
    assert execution
    others = {"skipped": 2, "odd": "x"}
    assert execution.step_details == StepDetails(passed=1, failed=0, total=1, others=others)


@pytest.mark.parametrize(
    "place",
    [
        '"odd": 1e999, "result": {"executionResults": [{',
        '"result": {"executionResults": [{"odd": 1e999, ',
    ],
)
def test_a_number_out_of_range_in_a_field_that_is_not_declared_does_not_matter(place: str) -> None:
    execution = read_result(f'{{{place}"status": "passed"}}]}}}}'.encode()).result
    assert execution
    assert [step.status for step in execution.execution_results or ()] == ["passed"]
