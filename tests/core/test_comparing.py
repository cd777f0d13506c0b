"""What an assertion expected is set beside what came, whichever names the platform has for both."""

import json
from typing import Any

import pytest

from gatekeeper.core.answer.shape import Response
from gatekeeper.core.model import Comparison, Mismatch
from gatekeeper.core.verdict.comparing import FLOW, TEXT, mismatch

CAME = Response(
    text="Bye!",
    node_id="n-1",
    node_name="Answer",
    intent_id="i-1",
    dialog_name="Book",
    transitions=["t-1", "t-2"],
    transition_node_names=["Welcome", "Answer"],
)


def compared(kind: str, *items: Any, actual: Response | None = CAME) -> tuple[Comparison, ...]:
    return mismatch(kind, 1, items, (None, actual)).comparisons


def test_a_mismatch_has_its_kind_and_its_response() -> None:
    told = mismatch("context", 3, [], (None, None))
    assert (told.kind, told.response, told.comparisons, told.paths) == ("context", 3, (), ((), ()))


def test_a_mismatch_of_a_flow_has_both_paths() -> None:
    sides = (Response(node_name="Greet"), None)
    assert mismatch(FLOW, 3, [], sides) == Mismatch(FLOW, 3, (), (("Greet",), ()))


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"text": "Hi!", "value": "no"}, "Hi!"),
        ({"value": "Hi!", "expectedValue": "no"}, "Hi!"),
        ({"expectedValue": "Hi!", "expected": "no"}, "Hi!"),
        ({"expected": "Hi!"}, "Hi!"),
        ({"text": None, "value": ["a", 1]}, '["a", 1]'),
        ("Hi!", "Hi!"),
        (7, "7"),
        ({"status": "failed", "name": "a", "key": "b", "other": 1}, '{"other": 1}'),
    ],
)
def test_a_texts_variations_are_all_set_beside_the_text_that_came(item: Any, expected: str) -> None:
    assert compared(TEXT, item, "Hey!") == (Comparison("text", (expected, "Hey!"), "Bye!"),)
    assert compared(TEXT, item, actual=None) == (Comparison("text", (expected,), None),)


@pytest.mark.parametrize(
    ("field", "actual"),
    [
        ("nodeId", "n-1"),
        ("nodeName", "Answer"),
        ("intentId", "i-1"),
        ("dialogName", "Book"),
        ("transitions", "t-1 → t-2"),
        ("transitionNodeNames", "Welcome → Answer"),
        ("other", None),
    ],
)
def test_each_field_of_a_flows_item_is_set_beside_that_of_the_response(
    field: str, actual: str | None
) -> None:
    item = {"status": "failed", field: ["a", "b"], "actualValue": None}
    assert compared(FLOW, item) == (Comparison(field, ("a → b",), actual),)
    assert compared(FLOW, item, actual=None) == (Comparison(field, ("a → b",), None),)
    assert compared(FLOW, item, actual=Response()) == (Comparison(field, ("a → b",), None),)
    told = item | {"actualValue": "said"}
    assert compared(FLOW, told) == (Comparison(field, ("a → b",), "said"),)


def test_an_item_of_a_flow_that_is_no_object_is_shown_whole() -> None:
    assert compared(FLOW, "Welcome") == (Comparison("flow", ("Welcome",), None),)


@pytest.mark.parametrize("name", ["name", "key", "variable", "path", "contextKey"])
@pytest.mark.parametrize("value", ["value", "expectedValue", "expected", "text"])
@pytest.mark.parametrize("actual", ["actual", "actualValue", "actualOutput"])
def test_a_variable_is_known_by_any_plausible_name(name: str, value: str, actual: str) -> None:
    item = {"status": "failed", name: "city", value: "Paris", actual: "Rome"}
    assert compared("context", item) == (Comparison("city", ("Paris",), "Rome"),)


def test_a_variable_without_a_known_name_is_shown_as_what_it_is() -> None:
    item = {"status": "failed", "odd": 1}
    assert compared("context", item) == (Comparison("context", ('{"odd": 1}',), None),)
    assert compared("context", "x") == (Comparison("context", ("x",), None),)


@pytest.mark.parametrize("kind", [FLOW, "context"])
def test_no_more_is_compared_than_anybody_reads(kind: str) -> None:
    items = [{"nodeId": str(number)} for number in range(60)]
    assert [json.loads(*one.expected) for one in compared(kind, *items)] == (
        [*range(50)] if kind == FLOW else [{"nodeId": str(number)} for number in range(50)]
    )


@pytest.mark.parametrize(
    ("response", "path"),
    [
        (None, ()),
        (Response(), ()),
        (CAME, ("Welcome", "Answer")),
        (Response(node_name="Answer"), ("Answer",)),
        (Response(node_id="n-1"), ("n-1",)),
        (Response(node_name="Answer", node_id="n-1", transitions=["a"]), ("a", "Answer")),
        (Response(node_name="a", transitions=["a", "b"]), ("a", "b", "a")),
        (Response(node_name="a", transitions=["b", "a", "b"]), ("b", "a", "b", "a")),
        (Response(node_name="a", transitions=["a"]), ("a",)),
        (Response(transitions=["a"], transition_node_names=["b"]), ("b",)),
        (Response(transitions=["a"], transition_node_names=[]), ("a",)),
        (Response(node_name="a", transitions="x"), ("a",)),
        (Response(node_name="z", transitions=["a"] * 60), (*["a"] * 50, "z")),
        (Response(transitions=["a\nb", {"c": 1}]), ("a b", '{"c": 1}')),
        (Response(transitions=["x" * 101]), ("x" * 99 + "…",)),
    ],
)
def test_a_flow_shows_the_nodes_on_the_way_and_ends_with_its_own(
    response: Response | None, path: tuple[str, ...]
) -> None:
    for sides, paths in (((response, None), (path, ())), ((None, response), ((), path))):
        assert mismatch(FLOW, 1, [], sides).paths == paths
        assert mismatch("context", 1, [], sides).paths == ((), ())
