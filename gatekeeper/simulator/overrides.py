"""Changes to a built answer, for a platform that says something else than the truth.

An override is an object with the `path` of a field, its parts joined by dots and list items
counted from 0 (`result.executionResults.2.status`), and either the `value` to put there or
`"delete": true`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def override(answer: dict[str, Any], changes: Iterable[Mapping[str, Any]]) -> None:
    """Apply the changes to the answer in place; raises `KeyError` where a path leads nowhere."""
    for change in changes:
        *parents, last = change["path"].split(".")
        target: Any = answer
        for part in parents:
            target = target[_key(target, part)]
        if change.get("delete"):
            del target[_key(target, last)]
        else:
            target[_key(target, last)] = change["value"]


def _key(target: Any, part: str) -> Any:
    return int(part) if isinstance(target, list) else part
