"""Texts of a message without structure: runs of formatted text, and what is nested too deeply."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatekeeper.core.message.blocks import Text
from gatekeeper.core.message.keys import Role, role_of
from gatekeeper.core.message.markup import resolved
from gatekeeper.core.message.place import is_seen


def text_of_runs(members: dict[str, Any]) -> list[Text]:
    """Return runs of differently formatted text as one text."""
    parts: list[str] = []
    for run in members.get("inlines") or members.get("elements") or ():
        if isinstance(run, str):
            parts.append(run)
        elif isinstance(run, dict):
            text, name, url = (run.get(key) for key in ("text", "name", "url"))
            address = f" ({url})" if isinstance(url, str) and isinstance(text, str) else ""
            text = text if isinstance(text, str) else url
            sign = f":{name}:" if run.get("type") == "emoji" else ""
            parts.append(f"{text}{address}" if isinstance(text, str) else sign)
    text = resolved("".join(parts)).strip()
    return [Text(text)] if text else []


def without_structure(value: Any) -> Iterator[Text]:
    """Yield the texts of a deeply nested value, each on its own."""
    todo = [(Role.TEXT, value)]
    while todo:
        role, current = todo.pop()
        if isinstance(current, str):
            text = resolved(current).strip()
            if text and role is not Role.ADDRESS and is_seen(current, role):
                yield Text(text)
        elif isinstance(current, dict):
            members = ((role_of(key), item) for key, item in current.items())
            todo += reversed([member for member in members if member[0] is not Role.HIDDEN])
        elif isinstance(current, list):
            todo += ((role, item) for item in reversed(current))
