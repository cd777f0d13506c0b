"""What a person sees of a message's JSON, in document order.

One walk for every shape, known or not. The rules look at keys and values (`keys.py`), so nothing
here knows a template by its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gatekeeper.core.message.amounts import labelled
from gatekeeper.core.message.blocks import (
    Block,
    Choices,
    Group,
    Media,
    Table,
    Text,
)
from gatekeeper.core.message.choices import is_described, label_of, scale_of
from gatekeeper.core.message.decoding import Number
from gatekeeper.core.message.grouping import grouped, merged
from gatekeeper.core.message.keys import Role, is_address, role_of, words_of
from gatekeeper.core.message.lines import lines_of
from gatekeeper.core.message.markup import resolved
from gatekeeper.core.message.media import kind_of_key, name_key
from gatekeeper.core.message.place import (
    Place,
    has_address,
    is_label,
    is_seen,
    place_within,
    role_in,
)
from gatekeeper.core.message.recognise import embedded_message
from gatekeeper.core.message.runs import text_of_runs, without_structure
from gatekeeper.core.message.tables import rows_of, table_in
from gatekeeper.core.message.textless import is_only_media, named_template, without_addresses

_MOST_ADDRESSES = 20
# Objects that a person does not see at all: what happens between bot and channel.
_UNSEEN_TYPES = frozenset(("event", "typing", "trace", "endofconversation", "delay", "invoke"))
_PRESSED_TYPE = re.compile(r"button|action\.\w+", re.IGNORECASE)
_RUNS = re.compile(r"rich_?text_(section|quote|preformatted)|richtextblock", re.IGNORECASE)


def blocks_of(message: Any) -> tuple[Block, ...]:
    """Return the blocks of a decoded message; none if nothing of it is seen."""
    walk = _Walk()
    blocks = walk.value(message, Place(), Role.TEXT)
    if not blocks:
        return tuple(walk.addresses) or named_template(message)
    return tuple(blocks if is_only_media(blocks) else without_addresses(blocks))


class _Walk:
    """A walk through one message; `addresses` are those of which nothing is shown."""

    def __init__(self) -> None:
        self.addresses: list[Media] = []

    def value(self, value: Any, place: Place, role: Role) -> list[Block]:
        """Return the blocks of any value."""
        if isinstance(value, str):
            return self._scalar(value, place, role)
        if not value or isinstance(value, bool):
            return []
        if not place.depth:
            return list(without_structure(value))
        deeper = place._replace(depth=place.depth - 1)
        if isinstance(value, dict):
            return self._object(value, deeper)
        return self._list(value, deeper, role)

    def _scalar(self, value: str, place: Place, role: Role) -> list[Block]:
        decoded = None if isinstance(value, Number) else embedded_message(value)
        if decoded is not None:
            return self.value(decoded, place._replace(depth=max(0, place.depth - 1)), role)
        is_heading = role is Role.HEADING or (place.is_heading and role is Role.TEXT)
        if not is_seen(value, role):
            return []
        text = resolved(value).strip()
        return [Text(text, is_heading)] if text else []

    def _object(
        self, members: dict[str, Any], place: Place, *, is_choice: bool = False
    ) -> list[Block]:
        kind = members.get("type", "")
        kind = kind if isinstance(kind, str) else ""
        if kind.lower() in _UNSEEN_TYPES or members.get("isVisible") is False:
            return []
        if _PRESSED_TYPE.fullmatch(kind) and label_of(members):
            return self._choice(members, place)
        if _RUNS.fullmatch(kind):
            return [*text_of_runs(members)]
        return self._members(members, place_within(members, kind, place), is_choice=is_choice)

    def _members(self, members: dict[str, Any], place: Place, *, is_choice: bool) -> list[Block]:
        """Return the blocks of an object's members: choices come after the text they belong to.

        In an object that is in the place of a choice, a button is where it is in the JSON: it opens
        the list below it.
        """
        found = table_in(members, is_chart=place.is_chart)
        media_name = name_key(members) if place.media and has_address(members) else ""
        blocks: list[Block] = []
        choices = blocks if is_choice else []
        fallbacks: list[Block] = []
        # A text is above its attachments, wherever it is in the JSON.
        for key, value in sorted(members.items(), key=lambda member: member[0] == "attachments"):
            if found and key in found.keys:
                blocks += [found.table] if key == found.place else []
            elif key != media_name:
                role = role_in(key, value, members, place)
                seen = self._member(key, value, role, place, members.get(media_name, ""))
                is_text = all(isinstance(block, Text) for block in seen)
                if role is Role.FALLBACK:
                    fallbacks += seen
                elif role is Role.CHOICE and not is_text:
                    choices += seen
                else:
                    blocks += seen
        return (blocks if is_choice else blocks + choices) or fallbacks

    def _member(self, key: str, value: Any, role: Role, place: Place, name: str) -> list[Block]:
        if role is Role.HIDDEN or value is None:
            return []
        kind = kind_of_key(key)
        if isinstance(value, str):
            return self._scalar_member(key, value, role, place, name)
        if role is Role.CHOICE:
            return self._choices(value, place)
        if role in (Role.STARS, Role.SCALE):
            return scale_of(value, role)
        keeps_kind = words_of(key)[-1:] == ("payload",)
        inner = place._replace(
            media=kind or (place.media if keeps_kind else ""),
            is_heading=(role is Role.HEADING and isinstance(value, dict)) or place.is_heading,
        )
        heading = [Text(key, is_heading=True)] if " " in key.strip() else []
        blocks = self.value(value, inner, role)
        return [*heading, *blocks] if blocks else []

    def _scalar_member(
        self, key: str, value: str, role: Role, place: Place, name: str
    ) -> list[Block]:
        kind = kind_of_key(key)
        is_media = kind and (role is Role.ADDRESS or is_address(value))
        if is_media or role is Role.ADDRESS:
            # The picture in front of a video is a part of it.
            if kind == "picture" and place.media in ("video", "audio"):
                return []
            return self._address(key, value.strip(), place.media or kind, name)
        if role is Role.CHOICE:
            label = label_of(value) if is_label(key, value) else ""
            return [Choices((label,))] if label else []
        if " " in key.strip() and value.strip():
            # A key of several words is for people, and so is its value.
            return [Text(resolved(f"{key.strip()}: {value.strip()}"))]
        return self._scalar(labelled(key, value) if role is Role.NUMBER else value, place, role)

    def _address(self, key: str, address: str, kind: str, name: str) -> list[Block]:
        if not address:
            return []
        address = "" if address.startswith("data:") else address
        if kind:
            return [Media(kind, resolved(name).strip(), address)]
        if address and len(self.addresses) < _MOST_ADDRESSES:
            kind = "form" if "form" in words_of(key) else "link"
            self.addresses.append(Media(kind, "", address))
        return []

    def _list(self, items: list[Any], place: Place, role: Role) -> list[Block]:
        if all(isinstance(item, dict) and isinstance(item.get("cells"), list) for item in items):
            headers, *body = (self._row(item["cells"], place) for item in items)
            return [Table(headers, tuple(body))]
        rows = None if place.is_selection else rows_of(items)
        # Lists of plain texts are lines, not rows.
        if rows and any(isinstance(item, dict | list) for item in items):
            return [Table((), rows, place.is_chart)]
        seen = ((item, tuple(self.value(item, place, role))) for item in items)
        return list(grouped(seen, is_carousel=place.is_carousel))

    def _row(self, cells: list[Any], place: Place) -> tuple[str, ...]:
        """Return the row of a table whose cells have blocks of their own."""
        blocks = (self.value(cell, place, Role.TEXT) for cell in cells)
        return tuple("\n".join(lines_of(cell)) for cell in blocks)

    def _choices(self, value: Any, place: Place) -> list[Block]:
        """Return choices, neighbours side by side; one with a description is an entry."""
        if not place.depth:
            return list(without_structure(value))
        deeper = place._replace(depth=place.depth - 1)
        if isinstance(value, dict) and _has_choices(value):
            return self._object(value, deeper, is_choice=True)
        choices = value if isinstance(value, list) else [value]
        return list(merged([block for choice in choices for block in self._choice(choice, deeper)]))

    def _choice(self, choice: Any, place: Place) -> list[Block]:
        if isinstance(choice, list):
            return self._choices(choice, place)
        if not isinstance(choice, dict):
            label = label_of(choice)
            return [Choices((label,))] if label else []
        label = label_of(choice)
        is_text = choice.get("type") == "text" and not ({"title", "label"} & choice.keys())
        if not label or is_text:
            sent = ("payload", "value") if not is_text else ("payload",)
            rest = {key: item for key, item in choice.items() if key not in sent}
            return self.value(rest, place, Role.TEXT)
        if is_described(choice):
            entry = self._object(
                {
                    key: item
                    for key, item in choice.items()
                    if key not in ("type", "value", "payload")
                },
                place,
            )
            return [Group((tuple(entry),))] if entry else []
        return [Choices((label,)), *self._opened(choice, place)]

    def _opened(self, choice: dict[str, Any], place: Place) -> Iterator[Block]:
        """Yield what a choice opens: further choices, or a card."""
        for key, item in choice.items():
            role = role_of(key)
            if role is Role.HIDDEN:
                continue
            is_names = isinstance(item, list) and all(isinstance(entry, str) for entry in item)
            if isinstance(item, list) and (role is Role.CHOICE or not is_names):
                yield from self._choices(item, place)
            elif words_of(key)[-1:] == ("card",):
                yield from self.value(item, place, Role.TEXT)


def _has_choices(members: dict[str, Any]) -> bool:
    """Whether an object around choices has a text of its own, or a list that a button opens."""
    return any(
        isinstance(value, list) and value and (role_of(key) is Role.CHOICE or key == "sections")
        for key, value in members.items()
    )
