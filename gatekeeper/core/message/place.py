"""What the walk knows of a member from the objects and members around it."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from gatekeeper.core.message.decoding import Number
from gatekeeper.core.message.keys import (
    Role,
    is_address,
    is_code,
    reads_like_text,
    role_of,
    words_of,
)
from gatekeeper.core.message.media import kind_of_key, kind_of_type

# Objects and lists within each other; what is below is shown without its structure.
DEEPEST = 60
_SELECTION = re.compile(r"select(?!ion)|dropdown|check_?box|picker", re.IGNORECASE)
_CHART = re.compile(r"chart|graph|plot", re.IGNORECASE)
_CAROUSEL = re.compile(r"carousel|generic", re.IGNORECASE)
_INTERNAL = frozenset(("from", "recipient", "conversation", "sender", "user"))
_TITLES = ("title", "label", "text", "name")
_CHOSEN_FROM = ("choices", "options")
# Objects whose list has what can be pressed.
_PRESSED_LISTS = frozenset(("actions", "buttons", "chips"))
_BOUNDS = frozenset(("min", "max"))
_ENDS = frozenset(("to", "from", "recipient", "sender"))
_CONTACT = re.compile(r"(?:\w+:)?\+?[\d ()-]{5,}|\S+@\S+")
# What stands for a whole message of its own.
WHOLE = frozenset(("payload", "component", "attachment", "blocks", "template_type"))
_DISPLAYED = frozenset(("displayValue", "display_value", "displayValues", "display_values"))


class Place(NamedTuple):
    """What is known at a place of the walk from the objects around it."""

    depth: int = DEEPEST
    media: str = ""  # the kind that an address here has
    is_heading: bool = False
    is_selection: bool = False
    is_chart: bool = False
    is_carousel: bool = False


def place_within(members: dict[str, Any], kind: str, place: Place) -> Place:
    """Return what is known below an object."""
    template = members.get("template_type")
    names = f"{kind} {template if isinstance(template, str) else ''}"
    layout = members.get("attachmentLayout")
    carousel = _CAROUSEL.search(f"{names} {layout if isinstance(layout, str) else ''}")
    return place._replace(
        # In an attachment, only files are media, not the addresses in a message.
        media=kind_of_type(members) or ("" if members.keys() & WHOLE else place.media),
        is_heading=(place.is_heading or kind == "header")
        and not any(role_of(key) is Role.HEADING for key in members),
        is_selection=place.is_selection or _SELECTION.search(names) is not None,
        is_chart=place.is_chart or _CHART.search(names) is not None,
        is_carousel=carousel is not None or place.is_carousel,
    )


def role_in(key: str, value: Any, members: dict[str, Any], place: Place) -> Role:
    """Return the role of a member, which may depend on the members beside it."""
    if isinstance(value, dict):
        return _role_of_object(key, value)
    if isinstance(value, list) and (role := _role_of_list(key, members)):
        return role
    words = words_of(key)
    has_title = any(members.get(title) for title in _TITLES)
    if key == "text" and "blocks" in members:
        return Role.FALLBACK
    if key == "payload" and isinstance(value, str) and not has_title:
        return Role.HIDDEN if members.get("type") == key else Role.TEXT
    is_chosen = any(isinstance(members.get(choices), list) for choices in _CHOSEN_FROM)
    is_sent = key == "value" and ((place.is_selection and has_title) or is_chosen)
    is_technical = isinstance(value, str) and _is_technical(key, value, members)
    # A displayed value is in the place of the value.
    is_replaced = words in (("value",), ("values",)) and bool(members.keys() & _DISPLAYED)
    return Role.HIDDEN if is_sent or is_technical or is_replaced else role_of(key)


def _role_of_list(key: str, members: dict[str, Any]) -> Role | None:
    kind = members.get("type")
    is_pressed = isinstance(kind, str) and kind in _PRESSED_LISTS and role_of(key) is Role.TEXT
    if key == "targets":
        return Role.HIDDEN
    return Role.CHOICE if is_pressed or words_of(key)[-1:] == ("action",) else None


def _is_technical(key: str, value: str, members: dict[str, Any]) -> bool:
    """Whether a string is a name for programs, who sends to whom, or a bound of an input."""
    if words_of(key)[-1:] == ("name",) and (is_code(value) or "language" in members):
        return True
    if key in _ENDS:
        return _CONTACT.fullmatch(value[:200]) is not None
    return key in _BOUNDS and str(members.get("type")).lower().startswith("input")


def _role_of_object(key: str, value: dict[str, Any]) -> Role:
    is_internal = key in _INTERNAL and "id" in value
    # What pressing an entry does, whereas a list of actions is one to pick from.
    is_sent = key == "actions" and any(title in value for title in _TITLES)
    # Headers of a protocol, unlike those of a table.
    is_protocol = key == "headers" and any("-" in name for name in value)
    if is_internal or is_sent or is_protocol or key == "target":
        return Role.HIDDEN
    return Role.CHOICE if key == "action" else role_of(key)


def is_seen(value: str, role: Role) -> bool:
    """Whether a string with a role is seen."""
    if role is Role.UNKNOWN:
        return not isinstance(value, Number) and reads_like_text(value)
    if value.lstrip()[:5] == "data:":
        return not is_address(value)
    return role is not Role.SCALAR_HIDDEN


def is_label(key: str, value: str) -> bool:
    """Whether a string in the place of choices is the label of one."""
    last = words_of(key)[-1:]
    return last in (("title",), ("text",), ("label",), ("button",)) or reads_like_text(value)


def has_address(members: dict[str, Any]) -> bool:
    """Whether an object has the address of a picture or file."""
    return any(
        isinstance(value, str)
        and (role_of(key) is Role.ADDRESS or (kind_of_key(key) and is_address(value)))
        for key, value in members.items()
    )
