"""Changes to the body of a status response, for a platform that reports something else.

An override is an object with the `path` of a field, with dots between its parts and list items
counted from 0 (`result.executionResults.2.status`), and either the new `value` or
`"delete": true`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def override(body: dict[str, Any], changes: Iterable[Mapping[str, Any]]) -> None:
    """Apply the changes to a body in place; raises `KeyError` for a path that does not exist."""
    for change in changes:
        *parents, last = change["path"].split(".")
        target: Any = body
        for part in parents:
            target = target[_key(target, part)]
        if change.get("delete"):
            del target[_key(target, last)]
        else:
            target[_key(target, last)] = change["value"]


def _key(target: Any, part: str) -> Any:
    return int(part) if isinstance(target, list) else part
