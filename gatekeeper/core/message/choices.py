"""What can be pressed or picked: its label, and points of a scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatekeeper.core.message.blocks import Block, Choices, Rating
from gatekeeper.core.message.keys import Role, is_code, words_of
from gatekeeper.core.message.markup import resolved

_LABELS = (
    "title",
    "label",
    "text",
    "displayText",
    "display_text",
    "caption",
    "buttonText",
)
# The last words of other keys of labels, such as `flow_cta`.
_LABEL_WORDS = frozenset(("title", "label", "text", "caption", "cta"))
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
    others = [
        key
        for key in choice
        if key not in _LABELS and not _LABEL_WORDS.isdisjoint(words_of(key)[-1:])
    ]
    for key in (*_LABELS, *_AROUND, *others, "name"):
        label = label_of(choice.get(key), depth - 1)
        if label and not (key == "name" and is_code(label)):
            return label
    return ""


def is_described(choice: Mapping[str, Any]) -> bool:
    """Whether a choice has a line of its own below its label."""
    return any(label_of(choice.get(key)) for key in _DESCRIPTIONS)


def scale_of(value: Any, role: Role) -> list[Block]:
    """Return the points of a scale: stars, or choices by what they are reviewed as."""
    points: list[str] = []
    for point in value if isinstance(value, list) else [value]:
        label = label_of(point)
        if not label and isinstance(point, dict):
            label = label_of(point.get("value"))
        points += [label] if label else []
    if not points:
        return []
    return [Rating(tuple(points)) if role is Role.STARS else Choices(tuple(points))]
