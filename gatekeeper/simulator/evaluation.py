"""Evaluates the assertions of a bot response, as documented for each kind.

A text assertion passes if any variation matches, apart from dynamic parts; a flow or context
assertion passes if all its items do.
"""

from __future__ import annotations

import re
from typing import Any

from gatekeeper.simulator.scenario import Place, Response

_DYNAMIC = re.compile(r"\{\{(?:(?!\{\{).)*?\}\}", re.DOTALL)


def evaluate(response: Response) -> dict[str, Any]:
    """Return the `assertions` object of a response, with the status of each assertion."""
    text = _text_items(response)
    # One matching variation is enough.
    text_passed = any(item["status"] == "passed" for item in text)
    return {
        "flowLevel": _assertion(_flow_items(response)),
        "text": _assertion(text, passed=text_passed),
        "context": _assertion(_context_items(response)),
    }


def unevaluated(response: Response) -> dict[str, Any]:
    """Return the `assertions` object of a response in a step that was not executed: no statuses."""
    assertions = evaluate(response)
    for assertion in assertions.values():
        assertion.pop("status", None)
        for item in assertion["contains"]:
            del item["status"]
    return assertions


def has_passed(assertions: dict[str, Any]) -> bool:
    """Whether no assertion of a response failed."""
    return all(assertion.get("status") != "failed" for assertion in assertions.values())


def _assertion(items: list[dict[str, Any]], *, passed: bool | None = None) -> dict[str, Any]:
    """Return an assertion; one without items is disabled and has no status."""
    if not items:
        return {"enabled": False, "contains": []}
    if passed is None:
        passed = all(item["status"] == "passed" for item in items)
    return {"enabled": True, "contains": items, "status": _status(passed=passed)}


def _text_items(response: Response) -> list[dict[str, Any]]:
    return [
        {"text": expected, "status": _status(passed=matches(expected, response.says))}
        for expected in response.expects
    ]


def _flow_items(response: Response) -> list[dict[str, Any]]:
    if response.standard is not None:
        return [
            {"nodeId": response.standard, "status": _status(passed=response.says is not None)}
            for _ in response.flow
        ]
    received = response.says is not None
    items = []
    for part in response.flow:
        key, expected = _asserted(response.expected, part)
        _, actual = _asserted(response.actual, part)
        items.append({key: expected, "status": _status(passed=received and expected == actual)})
    return items


def _asserted(place: Place, part: str) -> tuple[str, Any]:
    """Return the platform's name for a part of a place, and its value."""
    if part == "transitions":
        return "transitions", list(place.transitions)
    return {"node": ("nodeId", place.node), "intent": ("intentId", place.intent)}[part]


def _context_items(response: Response) -> list[dict[str, Any]]:
    received = response.says is not None
    return [
        {
            "name": variable.name,
            "value": variable.expected,
            "status": _status(passed=received and variable.expected == variable.actual),
        }
        for variable in response.context
    ]


def matches(expected: str, actual: str | None) -> bool:
    """Return whether a text is the expected one; `{{…}}` in this stands for any text."""
    if actual is None:
        return False
    first, *parts = _DYNAMIC.split(expected)
    if not parts:
        return actual == expected
    *middle, last = parts
    at, end = len(first), len(actual) - len(last)
    if not (actual.startswith(first) and actual.endswith(last) and at <= end):
        return False
    # Finding each part where it first occurs takes no search in vain, as a pattern would.
    for part in middle:
        found = actual.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _status(*, passed: bool) -> str:
    return "passed" if passed else "failed"
