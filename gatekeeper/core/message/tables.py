"""Tables, charts and lists of facts in a message, found by the shape of their rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from gatekeeper.core.message.blocks import Table
from gatekeeper.core.message.keys import Role, role_of, words_of
from gatekeeper.core.message.markup import resolved

Row: TypeAlias = tuple[str, ...]

_LABELS = ("title", "label", "key", "name")
# What is seen of a value comes before the value: "$ 1,234" before 1234.0.
_VALUES = ("displayValue", "display_value", "value")
_CELLS = ("displayValues", "display_values", "Values", "values", "cells")
_ALIGNMENTS = frozenset(("left", "right", "center", "centre", "middle", "top", "bottom", "justify"))


class FoundTable(NamedTuple):
    """A table in an object: it stands for the members `keys`, and takes the place of the last."""

    table: Table
    keys: frozenset[str]
    place: str


def cell_of(value: Any) -> str:
    """Return a cell's text."""
    return resolved(value).strip() if isinstance(value, str) else ""


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | bool)


def _cells(values: Any) -> Row | None:
    """Return a list of scalars as cells; `None` for anything else."""
    if not isinstance(values, list) or not values or not all(map(_is_scalar, values)):
        return None
    return tuple(map(cell_of, values))


def row_of(item: Any) -> Row | None:
    """Return an entry of a list as the row of a table; `None` if it is none.

    A row is a list of scalars, an object that has one beside its title at most, or an object that
    has a title and a value and shows nothing else.
    """
    if not isinstance(item, dict):
        return _cells(item)
    labels = [key for key in _LABELS if isinstance(item.get(key), str)]
    cells = [key for key in _CELLS if _cells(item.get(key))]
    values = [key for key in _VALUES if isinstance(item.get(key), str)]
    taken = {*labels[:1], *cells, *(values if not cells else ())}
    if not (cells or (labels and values)) or any(
        _is_seen(item, key) for key in item.keys() - taken
    ):
        return None
    label = (cell_of(item[labels[0]]),) if labels else ()
    return (*label, *(_cells(item[cells[0]]) or () if cells else (cell_of(item[values[0]]),)))


def _is_seen(item: Mapping[str, Any], key: str) -> bool:
    """Whether a member could show something of its own."""
    value = item[key]
    if value is None or isinstance(value, bool) or value in ("", [], {}):
        return False
    role = role_of(key)
    if role in (Role.HIDDEN, Role.ADDRESS, Role.FALLBACK):
        return False
    return not (role is Role.SCALAR_HIDDEN and isinstance(value, str))


def rows_of(items: Any) -> tuple[Row, ...] | None:
    """Return a list as the rows of a table; `None` if an entry is none."""
    if not isinstance(items, list) or not items:
        return None
    rows: list[Row] = []
    for item in items:
        row = row_of(item)
        if row is None:
            return None
        rows.append(row)
    return tuple(rows)


def table_in(members: Mapping[str, Any], *, is_chart: bool) -> FoundTable | None:
    """Return the table of an object that has headers, the labels of an axis, or a list of lists.

    Rows of `columns` and `primary` are a header's cells, each with its alignment at most.
    """
    heads = {key: row for key in members if _is_head(key) and (row := _header(members[key]))}
    rows: dict[str, tuple[Row, ...]] = {}
    for key, value in members.items():
        if key in heads or role_of(key) in (Role.HIDDEN, Role.CHOICE):
            continue
        has_lists = isinstance(value, list) and value and isinstance(value[0], list)
        if (heads or has_lists) and (found := rows_of(value)):
            rows[key] = found
    if not rows and not (heads and is_chart):
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


def _header(cells: Any) -> Row | None:
    """Return the texts of header cells: `["No", ["Amount", "right"], {"title": "Due"}]`."""
    if not isinstance(cells, list) or not cells:
        return None
    texts: list[str] = []
    for cell in cells:
        parts = cell if isinstance(cell, list) else [cell]
        if isinstance(cell, dict):
            parts = [cell.get(key) for key in ("title", "text", "headerLabel", *_LABELS)]
            parts = [part for part in parts if isinstance(part, str)][:1]
        if not parts or not all(map(_is_scalar, parts)):
            return None
        texts += [cell_of(part) for part in parts[:1]]
        texts += [cell_of(part) for part in parts[1:] if part not in _ALIGNMENTS]
    return tuple(texts)
