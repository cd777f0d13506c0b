"""What a person sees of a message's JSON, in document order.

One walk for every shape, known or not. The rules look at keys and values (`keys.py`), so nothing
here knows a template by its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from typing import Any

from gatekeeper.core.message.blocks import (
    Block,
    Choices,
    Group,
    Media,
    Rating,
    Table,
    Text,
)
from gatekeeper.core.message.choices import is_described, label_of
from gatekeeper.core.message.decoding import Number
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
        return tuple(walk.addresses) or _named_template(message)
    return tuple(blocks if _only_media(blocks) else _without_addresses(blocks))


def _only_media(blocks: Iterable[Block]) -> bool:
    return all(isinstance(block, Media) and not block.name for block in blocks)


def _without_addresses(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, Media):
            yield Media(block.kind, block.name)
        elif isinstance(block, Group):
            entries = (tuple(_without_addresses(entry)) for entry in block.entries)
            yield Group(tuple(entries), block.is_carousel)
        else:
            yield block


def _named_template(message: Any) -> tuple[Block, ...]:
    """Return the name of a template that shows nothing else, such as `like_dislike`."""
    todo = [message]
    while todo:
        current = todo.pop()
        if isinstance(current, dict):
            name = current.get("template_type")
            if isinstance(name, str) and name.strip():
                return (Text(f"({name.strip()} template)"),)
            todo += reversed(current.values())
        elif isinstance(current, list):
            todo += reversed(current)
    return ()


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

    def _object(self, members: dict[str, Any], place: Place) -> list[Block]:
        kind = members.get("type", "")
        kind = kind if isinstance(kind, str) else ""
        if kind.lower() in _UNSEEN_TYPES or members.get("isVisible") is False:
            return []
        if _PRESSED_TYPE.fullmatch(kind) and label_of(members):
            return self._choice(members, place)
        if _RUNS.fullmatch(kind):
            return [*text_of_runs(members)]
        place = place_within(members, kind, place)
        found = table_in(members, is_chart=place.is_chart)
        media_name = name_key(members) if place.media and has_address(members) else ""
        blocks: list[Block] = []
        choices: list[Block] = []
        fallbacks: list[Block] = []
        for key, value in members.items():
            if found and key in found.keys:
                blocks += [found.table] if key == found.place else []
            elif key != media_name:
                role = role_in(key, value, members, place)
                seen = self._member(key, value, role, place, members.get(media_name, ""))
                # Choices come after the text they belong to, wherever they are in the JSON.
                is_choice = role is Role.CHOICE and not all(isinstance(b, Text) for b in seen)
                (choices if is_choice else fallbacks if role is Role.FALLBACK else blocks).extend(
                    seen
                )
        if not blocks and not choices:
            return fallbacks
        return [*blocks, *choices]

    def _member(self, key: str, value: Any, role: Role, place: Place, name: str) -> list[Block]:
        if role is Role.HIDDEN or value is None:
            return []
        kind = kind_of_key(key)
        if isinstance(value, str):
            return self._scalar_member(key, value, role, place, name)
        if role is Role.CHOICE:
            return self._choices(value, place)
        if role in (Role.STARS, Role.SCALE):
            return _scale(value, role)
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
            return self._address(key, value.strip(), place.media or kind, name)
        if role is Role.CHOICE:
            label = label_of(value) if is_label(key, value) else ""
            return [Choices((label,))] if label else []
        return self._scalar(value, place, role)

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
        blocks: list[Block] = []
        entries: list[tuple[Block, ...]] = []
        for item in items:
            entry = tuple(self.value(item, place, role))
            if _is_entry(item, entry):
                entries.append(entry)
                continue
            if entries:
                blocks.append(Group(tuple(entries), place.is_carousel))
                entries = []
            blocks += entry
        if entries:
            blocks.append(Group(tuple(entries), place.is_carousel))
        return list(_merged(blocks))

    def _row(self, cells: list[Any], place: Place) -> tuple[str, ...]:
        """Return the row of a table whose cells have blocks of their own."""
        blocks = (self.value(cell, place, Role.TEXT) for cell in cells)
        return tuple("\n".join(lines_of(cell)) for cell in blocks)

    def _choices(self, value: Any, place: Place) -> list[Block]:
        """Return choices, neighbours side by side; one with a description is an entry."""
        if not place.depth:
            return list(without_structure(value))
        deeper = place._replace(depth=place.depth - 1)
        choices = value if isinstance(value, list) else [value]
        return list(
            _merged([block for choice in choices for block in self._choice(choice, deeper)])
        )

    def _choice(self, choice: Any, place: Place) -> list[Block]:
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
        nested = [
            block
            for key, item in choice.items()
            if isinstance(item, list) and role_of(key) is not Role.HIDDEN
            for block in self._choices(item, place)
        ]
        return [Choices((label,)), *nested]


def _scale(value: Any, role: Role) -> list[Block]:
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


def _merged(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield blocks with neighbouring choices in one, and neighbouring lists, too."""
    for _, neighbours in groupby(
        blocks,
        lambda block: (type(block), block.is_carousel) if isinstance(block, Group) else type(block),
    ):
        same = list(neighbours)
        if isinstance(same[0], Choices):
            labels = (block.labels for block in same if isinstance(block, Choices))
            yield Choices(tuple(chain.from_iterable(labels)))
        elif isinstance(same[0], Group):
            entries = (block.entries for block in same if isinstance(block, Group))
            yield Group(tuple(chain.from_iterable(entries)), same[0].is_carousel)
        else:
            yield from same


def _is_entry(item: Any, blocks: tuple[Block, ...]) -> bool:
    """Whether an item of a list is an entry or a card: it has a title, and is no message."""
    if not isinstance(item, dict) or item.get("type") == "header" or item.keys() & _WHOLE:
        return False
    return any(isinstance(block, Text) and block.is_heading for block in blocks)


_WHOLE = frozenset(("payload", "component", "attachment", "blocks", "template_type"))
