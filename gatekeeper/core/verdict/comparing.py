"""What an assertion expected, set beside what came."""

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
"""The response that was expected, and the one that came."""

# More things that did not match than anybody reads; each could repeat a text of megabytes.
_COMPARED = 50
# The name of a context variable has no documented key; these are the plausible ones.
_NAMES = ("name", "key", "variable", "path", "contextKey")
_VALUES = ("value", "expectedValue", "expected", TEXT)
_ACTUALS = ("actual", "actualValue", "actualOutput")


def mismatch(kind: str, response: int, items: Iterable[Any], sides: Sides) -> Mismatch:
    """Set each item of a failing assertion beside what came.

    `response` is the number of the response that it is about, from 1.
    """
    compared = tuple(islice(_compare(kind, items, sides[1]), _COMPARED))
    return Mismatch(kind, response, compared, _paths(sides) if kind == FLOW else ((), ()))


def _compare(kind: str, items: Iterable[Any], actual: Response | None) -> Iterator[Comparison]:
    if kind == TEXT:
        came = None if actual is None else as_text(actual.text)
        yield Comparison(TEXT, tuple(_value_of(item, (TEXT, *_VALUES)) for item in items), came)
        return
    for item in items:
        if kind == FLOW and isinstance(item, dict):
            for field, value in item.items():
                if field != "status" and field not in _ACTUALS:
                    came = _told(item, _ACTUALS) or _came(actual, field)
                    yield Comparison(field, (as_path(value),), came)
        else:
            name = _told(item, _NAMES) or kind
            yield Comparison(name, (_value_of(item, _VALUES),), _told(item, _ACTUALS))


def _paths(sides: Sides) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return through which nodes the app was expected to go, and through which it went."""
    expected, actual = map(_path, sides)
    return expected, actual


def _path(response: Response | None) -> tuple[str, ...]:
    if response is None:
        return ()
    nodes = response.path if isinstance(response.path, list) else []
    node = response.node_name or response.node_id
    # The transitions end with the node itself where they tell all of the way.
    way = [*nodes[:_COMPARED], *([node] if node and node not in nodes[-1:] else [])]
    return tuple(one_line(as_text(one), 100) for one in way)


_FIELDS = {
    "nodeId": "node_id",
    "nodeName": "node_name",
    "intentId": "intent_id",
    "dialogName": "dialog_name",
    "transitions": "transitions",
    "transitionNodeNames": "transition_node_names",
}


def _came(actual: Response | None, field: str) -> str | None:
    """What the response that came has in a field that a flow item names."""
    value = getattr(actual, _FIELDS[field]) if actual and field in _FIELDS else None
    return None if value is None else as_path(value)


def _told(item: Any, keys: Iterable[str]) -> str | None:
    """Return the first of these keys that the item has, as text."""
    if not isinstance(item, dict):
        return None
    found = next((key for key in keys if item.get(key) is not None), None)
    return None if found is None else as_text(item[found])


def _value_of(item: Any, keys: Iterable[str]) -> str:
    """Return what an item expects; the whole item where no known key tells it."""
    told = _told(item, keys)
    if told is not None:
        return told
    if isinstance(item, dict):
        item = {key: value for key, value in item.items() if key not in ("status", *_NAMES)}
    return as_text(item)
