"""The label of something to press or pick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatekeeper.core.message.keys import is_code
from gatekeeper.core.message.markup import resolved

_LABELS = (
    "title",
    "label",
    "text",
    "displayText",
    "display_text",
    "caption",
    "buttonText",
    "name",
    "reviewText",
)
# Objects around the label: WhatsApp's `reply`, Genesys' `quickReply`, LINE's `action`.
_AROUND = ("reply", "quickReply", "action", "parameters")
_DESCRIPTIONS = ("description", "subtitle", "subtext", "subText", "desc")
_DEEPEST = 4


def label_of(choice: Any, depth: int = _DEEPEST) -> str:
    """Return the label of a choice, or an empty string if it has none."""
    if isinstance(choice, str):
        return resolved(choice).strip()
    if not isinstance(choice, dict) or not depth:
        return ""
    for key in (*_LABELS, *_AROUND):
        label = label_of(choice.get(key), depth - 1)
        if label and not (key == "name" and is_code(label)):
            return label
    return ""


def is_described(choice: Mapping[str, Any]) -> bool:
    """Whether a choice has a line of its own below its label."""
    return any(label_of(choice.get(key)) for key in _DESCRIPTIONS)
