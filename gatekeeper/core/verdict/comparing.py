"""What an assertion expected beside the actual value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeAlias

from gatekeeper.core.answer.shape import Response
from gatekeeper.core.model import Comparison, Mismatch
from gatekeeper.core.text import as_path, as_text, one_line

TEXT = "text"
FLOW = "flow"
Sides: TypeAlias = tuple[Response | None, Response | None]
"""The expected response and the actual one."""

# More mismatches than anybody reads; each could repeat a text of megabytes.
_MAX_COMPARISONS = 50
_MAX_NODES = 50
# The key that names a context variable is not documented; these are the plausible ones.
_NAME_KEYS = ("name", "key", "variable", "path", "contextKey")
_VALUE_KEYS = ("value", "expectedValue", "expected", TEXT)
_ACTUAL_KEYS = ("actual", "actualValue", "actualOutput")
_RESPONSE_FIELDS = {
    "nodeId": "node_id",
    "nodeName": "node_name",
    "intentId": "intent_id",
    "dialogName": "dialog_name",
    "transitions": "transitions",
    "transitionNodeNames": "transition_node_names",
}


def mismatch(kind: str, response: int, items: Iterable[Any], sides: Sides) -> Mismatch:
    """Compare each item of a failing assertion with the actual response.

    `response` is the number of the response, from 1.
    """
    comparisons = tuple(islice(_compare(kind, items, sides[1]), _MAX_COMPARISONS))
    if kind != FLOW:
        return Mismatch(kind, response, comparisons)
    expected, actual = map(_path, sides)
    return Mismatch(kind, response, comparisons, (expected, actual))


def _compare(kind: str, items: Iterable[Any], response: Response | None) -> Iterator[Comparison]:
    if kind == TEXT:
        variations = tuple(_value_of(item, (TEXT, *_VALUE_KEYS)) for item in items)
        yield Comparison(TEXT, variations, None if response is None else as_text(response.text))
        return
    for item in items:
        if kind == FLOW and isinstance(item, dict):
            for field, value in item.items():
                if field != "status" and field not in _ACTUAL_KEYS:
                    actual = _first_of(item, _ACTUAL_KEYS) or _actual_field(response, field)
                    yield Comparison(field, (as_path(value),), actual)
        else:
            name = _first_of(item, _NAME_KEYS) or kind
            yield Comparison(name, (_value_of(item, _VALUE_KEYS),), _first_of(item, _ACTUAL_KEYS))


def _path(response: Response | None) -> tuple[str, ...]:
    """Return the nodes that lead to a response, its own node being the last."""
    if response is None:
        return ()
    nodes = response.path if isinstance(response.path, list) else []
    node = response.node_name or response.node_id
    # A complete path ends with the node itself.
    path = [*nodes[:_MAX_NODES], *([node] if node and node not in nodes[-1:] else [])]
    return tuple(one_line(as_text(node), 100) for node in path)


def _actual_field(response: Response | None, field: str) -> str | None:
    """Return the actual response's value of a field that a flow item names."""
    if response is None or field not in _RESPONSE_FIELDS:
        return None
    value = getattr(response, _RESPONSE_FIELDS[field])
    return None if value is None else as_path(value)


def _first_of(item: Any, keys: Iterable[str]) -> str | None:
    """Return the value of the first of these keys that an item has, as text."""
    if not isinstance(item, dict):
        return None
    key = next((key for key in keys if item.get(key) is not None), None)
    return None if key is None else as_text(item[key])


def _value_of(item: Any, keys: Iterable[str]) -> str:
    """Return what an item expects; all of the item if it has none of the keys."""
    value = _first_of(item, keys)
    if value is not None:
        return value
    if isinstance(item, dict):
        item = {key: value for key, value in item.items() if key not in ("status", *_NAME_KEYS)}
    return as_text(item)
