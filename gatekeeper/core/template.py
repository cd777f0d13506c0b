"""The platform's message templates, as a person in front of the bot would have seen them.

A response's text can be a JSON message in a string: `{"type": "template", "payload": {...}}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gatekeeper.core.text import as_text

_TEXTS = ("text", "heading", "title", "subtitle", "description", "value", "message")
_CHOICES = ("quick_replies", "buttons", "options")
_ENTRIES = ("elements", "cards", "items", "rows", "moreData")


def unwrapped(text: str) -> str:
    """Return what a person would have seen of a message: a template's words, choices in brackets.

    Anything that is no template comes back as it is, as does one with nothing to see in it.
    """
    if not text.lstrip().startswith("{"):
        return text
    try:
        message = json.loads(text)
        seen = "\n".join(line for line in _lines(message) if line.strip())
    except (ValueError, RecursionError):
        return text
    return seen or text


def _lines(message: Any) -> Iterator[str]:
    if isinstance(message, str):
        yield message.strip()
    if not isinstance(message, dict):
        return
    for key in _TEXTS:
        if isinstance(message.get(key), str):
            yield message[key].strip()
    yield from _lines(message.get("payload") if "type" in message else None)
    for key in _CHOICES:
        if choices := [_label(choice) for choice in _list(message.get(key))]:
            yield " ".join(f"[{choice}]" for choice in choices)
    for key in _ENTRIES:
        for entry in _list(message.get(key)):
            first, *rest = [*_lines(entry), ""]
            yield f"• {first}"
            yield from (f"  {line}" for line in rest if line)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _label(choice: Any) -> str:
    if not isinstance(choice, dict):
        return as_text(choice)
    labels = (choice[key] for key in ("title", "text", "name", "payload") if choice.get(key))
    return as_text(next(labels, choice))
