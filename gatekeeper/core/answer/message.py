"""The platform's messages, as a person in front of the bot would see them.

The text of a response can be a JSON message in a string: `{"type": "template", "payload": {...}}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatekeeper.core.answer.soundness import sound_json
from gatekeeper.core.record import Record
from gatekeeper.core.text import as_text, printable

_TEXTS = ("text", "heading", "title", "subtitle", "description", "value", "message")
_CHOICES = ("quick_replies", "buttons", "options")
_ENTRIES = ("elements", "cards", "items", "rows", "moreData")
_LABELS = ("title", "text", "name", "payload")
# Larger or deeper JSON, in characters and levels, is no message that a person could read.
_LONGEST = 500_000
_DEEPEST = 30


class Message(Record):
    """What is visible of a message: its texts, the choices it offers, and its entries or cards.

    `is_template` distinguishes it from plain text.
    """

    texts: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    entries: tuple[Message, ...] = ()
    is_template: bool = False

    def lines(self) -> Iterator[str]:
        """Yield the message line by line: choices in brackets, entries with a bullet."""
        yield from self.texts
        if self.choices:
            yield " ".join(f"[{choice}]" for choice in self.choices)
        for entry in self.entries:
            first, *rest = [*entry.lines(), ""]
            yield f"• {first}"
            yield from (f"  {line}" for line in rest if line)


def read_message(text: str) -> Message:
    """Read the text of a response; what is not a template, or shows nothing, is plain text."""
    plain = Message((text,))
    if len(text) > _LONGEST or not text.lstrip().startswith("{"):
        return plain
    try:
        message = _read(sound_json(text), _DEEPEST)
        return message if any(line.strip() for line in message.lines()) else plain
    except ValueError:
        return plain


def unwrapped(text: str) -> str:
    """Return what a person would see of a message, as text."""
    message = read_message(text)
    return "\n".join(line for line in message.lines() if line.strip()) or text


def visible_text(text: str) -> str:
    """Return a text as every report shows it: what a person would see of it, made printable."""
    return printable(unwrapped(text))


def _read(message: Any, depth: int) -> Message:
    """Read a message with at most `depth` levels; raises `ValueError` if it has more."""
    if not depth:
        raise ValueError("nested too deeply")
    if isinstance(message, str):
        return Message((message.strip(),), is_template=True)
    if not isinstance(message, dict):
        return Message(is_template=True)
    values = (message.get(key) for key in _TEXTS)
    texts = tuple(value.strip() for value in values if isinstance(value, str) and value.strip())
    has_payload = "type" in message and "payload" in message
    payload = _read(message["payload"], depth - 1) if has_payload else Message()
    choices = (choice for key in _CHOICES for choice in _list(message.get(key)))
    entries = (entry for key in _ENTRIES for entry in _list(message.get(key)))
    return Message(
        (*texts, *payload.texts),
        (*payload.choices, *map(_label, choices)),
        (*payload.entries, *(_read(entry, depth - 1) for entry in entries)),
        is_template=True,
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _label(choice: Any) -> str:
    if not isinstance(choice, dict):
        return as_text(choice)
    return as_text(next((choice[key] for key in _LABELS if choice.get(key)), choice))
