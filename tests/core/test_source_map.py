"""A step's line in the suite's JSON file is told where it is sure, and only there."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.source_map import read_source_map


def suite(*inputs: str, **message: Any) -> dict[str, Any]:
    messages = [{"input": said, "outputs": [{"contains": "Hi"}], **message} for said in inputs]
    return {"botId": "st-1", "testCases": [{"name": "all", "messages": messages}]}


def written(document: Any) -> str:
    return json.dumps(document, indent=2)


def test_each_step_is_found_by_its_number_and_its_input() -> None:
    text = written(suite("hello", 'say "yes"', "hello"))
    source = read_source_map("suites/booking.json", text)
    lines = text.split("\n")
    for index, said in enumerate(["hello", 'say "yes"', "hello"], 1):
        line = source.line_of(index, said)
        assert line is not None
        assert json.dumps(said) in lines[line - 1]
    assert source.line_of(1, "hello") != source.line_of(3, "hello")


def test_a_step_that_moved_is_found_where_its_input_stands_once() -> None:
    source = read_source_map("s.json", written(suite("one", "two", "two")))
    assert source.line_of(7, "one") == source.line_of(1, "one")
    assert source.line_of(7, "two") is None
    assert source.line_of(1, "three") is None
    assert source.line_of(1, None) is None


def test_the_inputs_of_other_things_are_passed_over() -> None:
    document = {"preprocessor": {"input": "hello"}} | suite("hello", "bye")
    document["testCases"][0]["messages"].insert(0, {"event": "Start", "input": ""})
    text = written(document)
    source = read_source_map("s.json", text)
    line = source.line_of(3, "bye")
    assert line is not None
    assert '"bye"' in text.split("\n")[line - 1]


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{}", '{"testCases": 1}', '{"testCases": [[]]}', "[" * 100_000]
)
def test_what_is_no_suite_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="not a test suite's JSON"):
        read_source_map("s.json", text)


@given(st.lists(st.text(), min_size=1))
def test_whatever_is_said_every_step_is_found(inputs: list[str]) -> None:
    text = written(suite(*inputs))
    source = read_source_map("s.json", text)
    lines = text.split("\n")
    for index, said in enumerate(inputs, 1):
        line = source.line_of(index, said)
        assert line is not None
        assert lines[line - 1].strip() == f'"input": {json.dumps(said)},'
