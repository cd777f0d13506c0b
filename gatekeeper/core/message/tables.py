"""Tables, charts and lists of facts in a message, found by the shape of their rows."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

from gatekeeper.core.message.blocks import Table
from gatekeeper.core.message.choices import label_of
from gatekeeper.core.message.keys import Role, role_of, words_of
from gatekeeper.core.message.markup import resolved

Row: TypeAlias = tuple[str, ...]
Columns: TypeAlias = tuple[tuple[str, ...], ...]

_LABELS = ("title", "label", "key", "name", "legend")
# What is seen of a value comes before the value: "$ 1,234" before 1234.0.
_VALUES = ("displayValue", "display_value", "value")
# What a cell sends or opens when it is pressed.
_PRESSED = frozenset(("payload", "url", "postback", "action", "onClick"))
_CELLS = ("displayValues", "display_values", "Values", "values", "cells")
_ALIGNMENTS = frozenset(("left", "right", "center", "centre", "middle", "top", "bottom", "justify"))


class FoundTable(NamedTuple):
    """A table in an object: it stands for the members `keys`, and takes the place of the last."""

    table: Table
    keys: frozenset[str]
    place: str


def cell_of(value: Any) -> str:
    """Return a cell's text; that of something to press is its label in brackets."""
    if isinstance(value, list):
        text = cell_of(value[0])
        return f"[{text}]" if isinstance(value[-1], dict) and text else text
    if isinstance(value, dict):
        label = label_of(value)
        return f"[{label}]" if label and value.keys() & _PRESSED else label
    return resolved(value).strip() if isinstance(value, str) else ""


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | bool)


def _is_cell(value: Any) -> bool:
    """Whether a value is a scalar, an object that shows its label only, or a text with its kind.

    After its kind, `["Director", "button", {…}]` has what pressing the text sends.
    """
    if isinstance(value, list):
        text, kind, *sent = [*value, None, None][: max(2, len(value))]
        has_kind = isinstance(kind, str) and kind.islower() and kind.isalpha()
        return has_kind and _is_scalar(text) and all(isinstance(part, dict) for part in sent)
    if not isinstance(value, dict):
        return _is_scalar(value)
    return bool(label_of(value)) and not any(
        _is_seen(value, key) for key in value.keys() - _PRESSED - {*_LABELS, "text"}
    )


def _cells(values: Any, *, has_headers: bool = False) -> Row | None:
    """Return a list of scalars as cells; `None` for anything else.

    Below headers or beside scalars, a cell may also be an object with a label.
    """
    if not isinstance(values, list) or not values or not all(map(_is_cell, values)):
        return None
    return tuple(map(cell_of, values)) if has_headers or any(map(_is_scalar, values)) else None


def row_of(item: Any, *, has_headers: bool = False) -> Row | None:
    """Return an entry of a list as the row of a table; `None` if it is none.

    A row is a list of cells, an object that has one beside its title at most, or an object that
    has a title and a value and shows nothing else.
    """
    if not isinstance(item, dict):
        return _cells(item, has_headers=has_headers)
    labels = [key for key in _LABELS if isinstance(item.get(key), str)]
    cells = [key for key in _CELLS if _cells(item.get(key), has_headers=has_headers)]
    values = [key for key in _VALUES if isinstance(item.get(key), str)]
    taken = {*labels[:1], *cells, *(values if not cells else ())}
    if not (cells or (labels and values)) or any(
        _is_seen(item, key) for key in item.keys() - taken
    ):
        return None
    label = (cell_of(item[labels[0]]),) if labels else ()
    return (*label, *(map(cell_of, item[cells[0]]) if cells else (cell_of(item[values[0]]),)))


def _is_seen(item: Mapping[str, Any], key: str) -> bool:
    """Whether a member could show something of its own."""
    value = item[key]
    if value is None or isinstance(value, bool) or value in ("", [], {}):
        return False
    role = role_of(key)
    if role in (Role.HIDDEN, Role.ADDRESS, Role.FALLBACK):
        return False
    return not (role is Role.SCALAR_HIDDEN and isinstance(value, str))


def rows_of(items: Any, columns: Columns = ()) -> tuple[Row, ...] | None:
    """Return a list as the rows of a table; `None` if an entry is none.

    Each column has the keys that its cells can have in rows that are objects.
    """
    if not isinstance(items, list) or not items:
        return None
    rows: list[Row] = []
    for item in items:
        row = row_of(item, has_headers=bool(columns)) or _row_by_keys(item, columns)
        if row is None:
            return None
        rows.append(row)
    return tuple(rows)


def _row_by_keys(item: Any, columns: Columns) -> Row | None:
    if not isinstance(item, dict):
        return None
    keys = [next((key for key in names if key in item), "") for names in columns]
    cells = [item.get(key) for key in keys]
    # With fewer members, an entry is no row of this table.
    is_filled = 2 * len(item.keys() & keys) >= len(columns) > 0
    is_row = is_filled and all(map(_is_cell, cells))
    # What a row has beside its cells is not seen unless it has a structure of its own.
    is_row = is_row and not any(
        isinstance(item[key], list | dict) and _is_seen(item, key) for key in item.keys() - keys
    )
    return tuple(map(cell_of, cells)) if is_row else None


def table_in(members: Mapping[str, Any], *, is_chart: bool) -> FoundTable | None:
    """Return the table of an object that has headers, the labels of an axis, or a list of lists.

    Rows of `columns` and `primary` are a header's cells, each with its alignment at most.
    """
    heads = {key: row for key in members if _is_head(key) and (row := _header(members[key]))}
    columns = next((_columns(members[key]) for key in heads), ())
    rows: dict[str, tuple[Row, ...]] = {}
    for key, value in members.items():
        if key in heads or role_of(key) in (Role.HIDDEN, Role.CHOICE):
            continue
        has_lists = isinstance(value, list) and value and isinstance(value[0], list)
        if (heads or has_lists) and (found := rows_of(value, columns)):
            rows[key] = found
    if not rows and not any(chain.from_iterable(heads.values())):
        return None
    body = tuple(row for found in rows.values() for row in found)
    axis = [key for key in heads if words_of(key)[-1] == "axis"]
    # The first cell of a row with a title is that title: it is above no label of the axis.
    corner = ("",) if body and axis and len(body[0]) > len(heads[axis[0]]) else ()
    headers = [(*corner, *heads[key]) if key in axis else heads[key] for key in heads]
    keys = frozenset((*heads, *rows))
    *_, place = (key for key in members if key in keys)
    return FoundTable(
        Table(headers[0] if headers else (), (*headers[1:], *body), is_chart),
        frozenset(keys),
        place,
    )


def _is_head(key: str) -> bool:
    words = words_of(key)
    return bool(words) and (words[-1] in ("columns", "headers", "primary", "axis"))


def _columns(cells: list[Any]) -> Columns:
    """Return for each header the keys that it may stand for: its texts, but not its kind."""
    columns: list[tuple[str, ...]] = []
    for cell in cells:
        names = cell.items() if isinstance(cell, dict) else [("", cell)]
        keys = (name for key, name in names if key != "type" and isinstance(name, str))
        columns.append(tuple(keys))
    return tuple(columns)


def _header(cells: Any) -> Row | None:
    """Return the texts of header cells: `["No", ["Amount", "right"], {"title": "Due"}]`."""
    if not isinstance(cells, list) or not cells:
        return None
    texts: list[str] = []
    for cell in cells:
        parts = cell if isinstance(cell, list) else [cell]
        if isinstance(cell, dict):
            if any(isinstance(part, list | dict) and part for part in cell.values()):
                return None
            parts = [cell.get(key) for key in ("title", "text", "headerLabel", *_LABELS)]
            parts = [part for part in parts if isinstance(part, str)][:1]
        if not parts or not all(map(_is_scalar, parts)):
            return None
        texts += [cell_of(part) for part in parts[:1]]
        texts += [cell_of(part) for part in parts[1:] if part not in _ALIGNMENTS]
    return tuple(texts)
