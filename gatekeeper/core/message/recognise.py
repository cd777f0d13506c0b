"""Is a text a message? What makes one, how it is wrapped, and what text is around it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from gatekeeper.core.message.decoding import LONGEST, decode
from gatekeeper.core.message.keys import is_address

# A message in a string in a string: more often, nobody sees one.
_MOST_WRAPPINGS = 4
# Starts of JSON that are tried in a text, each by reading the characters up to its end.
_MOST_STARTS = 50
_MOST_CHARACTERS = 2 * LONGEST
# Members that only a message has.
_MARKS = frozenset(
    (
        *("template_type", "attachment", "attachments", "activities", "blocks", "component"),
        *("verb", "contentMessage", "richCard", "richContent", "fulfillmentMessages", "cardsV2"),
        *("reply_markup", "interactiveData", "cInfo", "response_type"),
        "messaging_product",
    )
)
_CHOICES = frozenset(
    ("quick_replies", "quickReplies", "quickReply", "buttons", "suggestedActions", "suggestions")
)
# What may be beside a `body`: WhatsApp's parts, or the actions of a card.
_BESIDE_BODY = frozenset(("action", "actions", "header", "head", "footer"))
_CONTENTS = frozenset(
    ("payload", "template", "contents", "interactive", "content", "text", "component")
)
_LISTS = frozenset(("message", "messages", "generic"))
# What a message is in when it is sent.
_AROUND = frozenset(("message", "content"))
_LANGUAGE = r"[ \t]{0,9}(?:json\w?|js|javascript)?"
_FENCE = re.compile(rf"```{_LANGUAGE}(?!\w)(.*)```", re.DOTALL)
_FENCE_BEFORE = re.compile(rf"```{_LANGUAGE}\s*\Z")
_FENCE_AFTER = re.compile(r"\s*```")
_ESCAPED = re.compile(r"(?:&quot;|&#34;)")
_START = re.compile(r'\{\s{0,99}"|\[\s{0,99}[{\["]|\{\s{0,99}&quot;')
_BRACKET_OR_STRING = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|[{}\[\]]', re.DOTALL)


def is_message(value: Any) -> bool:
    """Whether decoded JSON is a message, by what makes one, or a list of messages."""
    if isinstance(value, list):
        return bool(value) and all(map(is_message, value))
    return isinstance(value, dict) and (
        _is_only_text(value)
        or any(_holds(value, key) for key in _MARKS)
        or any(isinstance(value.get(key), list | dict) for key in _CHOICES)
        or ("body" in value and bool(value.keys() & _BESIDE_BODY))
        or any(isinstance(value.get(key), list) and is_message(value[key]) for key in _LISTS)
        or value.get("type") == "AdaptiveCard"
        or value.get("@type") == "MessageCard"
        or _is_typed(value)
        or any(_is_inside(value.get(key)) for key in _AROUND)
    )


def _is_only_text(value: dict[str, Any]) -> bool:
    """Whether an object has only a text, beside addresses at most, or only a content."""
    if len(value) == 1 and isinstance(value.get("content"), dict | list):
        return True
    others = (item for key, item in value.items() if key != "text")
    return isinstance(value.get("text"), str) and all(
        isinstance(item, str) and is_address(item) for item in others
    )


def _is_inside(value: Any) -> bool:
    return isinstance(value, dict) and not _is_only_text(value) and is_message(value)


def _holds(value: dict[str, Any], key: str) -> bool:
    return isinstance(value.get(key), str | dict | list) and bool(value[key])


def _is_typed(value: dict[str, Any]) -> bool:
    kinds = ("type", "contentType", "response_type")
    kind = next((value[key] for key in kinds if key in value), None)
    if not isinstance(kind, str):
        return False
    own = (value.get(key) for key in (kind, kind[:1].lower() + kind[1:]))
    return (
        bool(value.keys() & _CONTENTS)
        or any(isinstance(part, dict) for part in own)
        or _holds(value, "actions")
        or any(_is_card(item) for item in _items(value))
    )


def _items(value: dict[str, Any]) -> list[Any]:
    items = value.get("items")
    return items if isinstance(items, list) else []


def _is_card(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("actions"), list)


def embedded_message(text: str) -> Any:
    """Return the message that a string is, or `None`: JSON may be encoded several times."""
    if text[:1].isalnum():
        return None
    current = text.strip("\ufeff \t\r\n")
    for _ in range(_MOST_WRAPPINGS):
        if current[:1] in ("{", "[") and current[-1:] in ("}", "]"):
            return _message(current)
        if current[:1] == '"' == current[-1:]:
            with suppress(ValueError):
                inner = decode(current)
                if isinstance(inner, str) and inner != current:
                    current = inner.strip("\ufeff \t\r\n")
                    continue
            return None
        if fenced := _FENCE.fullmatch(current):
            current = fenced[1].strip()
        else:
            return None
    return None


def _message(text: str) -> Any:
    for candidate in _readings(text):
        with suppress(ValueError):
            value = decode(candidate)
            if is_message(value):
                return value
    return None


def _readings(text: str) -> Iterator[str]:
    """Yield the ways to read a text as JSON: as it is, and with its quotes escaped for HTML."""
    yield text
    if _ESCAPED.search(text):
        yield html.unescape(text)
    if '\\"' in text[:99]:
        # The inside of a JSON string without its quotes.
        with suppress(ValueError):
            yield str(json.loads(f'"{text}"'))


def parts_of(text: str) -> Iterator[tuple[str, Any]]:
    """Yield a text's parts in order: texts, each with `None`, and messages, each with its JSON.

    A text without a message is a single part.
    """
    if len(text) > LONGEST or (not _START.search(text) and '\\"' not in text):
        yield text, None
        return
    if (message := embedded_message(text)) is not None:
        yield text, message
        return
    at = 0
    is_fenced = False
    for start, end, message in _messages_in(text):
        before = text[at:start]
        if is_fenced:
            before = _FENCE_AFTER.sub("", before, count=1)
        is_fenced = bool(_FENCE_BEFORE.search(before) and _FENCE_AFTER.match(text, end))
        if is_fenced:
            before = _FENCE_BEFORE.sub("", before)
        if before.strip("\ufeff \t\r\n"):
            yield before, None
        yield text[start:end], message
        at = end
    rest = text[at:]
    if is_fenced:
        rest = _FENCE_AFTER.sub("", rest, count=1)
    if rest.strip() or not at:
        yield rest, None


def _messages_in(text: str) -> Iterator[tuple[int, int, Any]]:
    """Yield where messages start and end in a text, and their JSON."""
    at, characters = 0, 0
    for _ in range(_MOST_STARTS):
        found = _START.search(text, at)
        if not found or characters > _MOST_CHARACTERS:
            return
        start = found.start()
        end = _end_of(text, start)
        characters += (end or len(text)) - start
        message = _message(text[start:end]) if end else None
        if message is None:
            at = end or start + 1
        else:
            yield start, end, message
            at = end


def _end_of(text: str, start: int) -> int:
    """Return where the JSON that starts at a place ends; 0 if it has no end."""
    levels = 0
    for found in _BRACKET_OR_STRING.finditer(text, start):
        if found[0] in "{[":
            levels += 1
        elif found[0] in "}]":
            levels -= 1
            if not levels:
                return found.end()
    return 0
