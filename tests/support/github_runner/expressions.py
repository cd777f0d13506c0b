"""The expressions of workflows and actions, as far as ours use them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_EXPRESSION = re.compile(r"\$\{\{(.+?)\}\}")


def evaluated(values: Mapping[str, Any], contexts: Mapping[str, Any]) -> dict[str, str]:
    """Evaluate the expressions in the values of a mapping."""
    return {
        key: _EXPRESSION.sub(lambda match: _value(match[1], contexts), _text(value))
        for key, value in values.items()
    }


def holds(condition: str, contexts: Mapping[str, Any], *, failed: bool) -> bool:
    """Whether a step's condition holds: functions and comparisons with a text, joined by `&&`.

    Raises `KeyError` for a function that there is not.
    """
    functions = {"always()": True, "failure()": failed, "success()": not failed}
    terms = [term.strip() for term in condition.split("&&")]
    if not functions.keys() & set(terms):
        terms.append("success()")
    return all(
        _value(term.partition("==")[0], contexts) == term.partition("==")[2].strip(" '")
        if "==" in term
        else functions[term]
        for term in terms
    )


def _value(expression: str, contexts: Mapping[str, Any]) -> str:
    """Return the first that is not empty; raises `KeyError` for a context that there is not."""
    for name in map(str.strip, expression.split("||")):
        context, *keys = name.split(".")
        value = contexts[context]
        for key in keys:
            value = value.get(key, "")
        if value:
            return _text(value)
    return ""


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
