"""A bot's message as the page draws it: printable, and bounded in size, number and depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from gatekeeper.core.message.blocks import (
    Block,
    Choices,
    Group,
    Media,
    Message,
    Rating,
    Table,
    Text,
)
from gatekeeper.core.message.lines import lines_of
from gatekeeper.core.record import Record
from gatekeeper.core.reports.page.bars import bars
from gatekeeper.core.reports.page.limits import framed
from gatekeeper.core.text import cut_middle, printable

# Levels of cards within cards that are drawn; deeper ones are shown as lines of text.
_DEEPEST = 3
_MOST_ROWS = 50
_MOST_COLUMNS = 20
_MOST_ENTRIES = 50
_MOST_LABELS = 100
_LONGEST_LABEL = 1_000  # characters
_SHORTEST = 100  # characters of a text that are shown even if there is no room
_MOST_STARS = 10


class Part(Record):
    """A block that the page draws.

    `entries` are the parts of each card, `stars` how many stars stand for each value of a rating,
    `bars` the lengths of a chart's bars by row and column, from 0 to 100. `left_out` says what of
    the block is not shown.
    """

    block: Block
    entries: tuple[tuple[Part, ...], ...] = ()
    stars: tuple[int, ...] = ()
    bars: tuple[tuple[int | None, ...], ...] = ()
    left_out: str = ""

    @property
    def kind(self) -> str:
        """The name of what draws it."""
        return type(self.block).__name__.lower()


class Drawing(Record):
    """The parts of a message, and their size in characters with an allowance for each element."""

    parts: tuple[Part, ...]
    size: int


def drawing(message: Message, limit: int) -> Drawing:
    """Draw a message in about `limit` characters; each of its parts says what is left out of it."""
    room = _Room(limit)
    parts = tuple(_parts(message.blocks, room, _DEEPEST))
    return Drawing(parts, limit - room.left)


class _Room:
    """How many characters may still be drawn; each element counts with an allowance."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, text: str, limit: int | None = None) -> str:
        """Return a printable text, cut to what there is room for."""
        shown = cut_middle(printable(text), max(_SHORTEST, self.left if limit is None else limit))
        self.left -= framed(len(shown))
        return shown

    @property
    def is_full(self) -> bool:
        return self.left <= 0


def _parts(blocks: Sequence[Block], room: _Room, depth: int) -> Iterator[Part]:
    for number, block in enumerate(blocks):
        if number and room.is_full:
            yield Part(Text(""), left_out=_more(len(blocks) - number, "part"))
            return
        is_last = number == len(blocks) - 1
        yield _part(block, room, depth, is_last=is_last)


def _part(block: Block, room: _Room, depth: int, *, is_last: bool) -> Part:
    match block:
        case Text():
            # A long text leaves room for what follows it.
            limit = room.left if is_last else room.left // 2
            return Part(Text(room.take(block.text, limit), block.is_heading))
        case Choices():
            labels, left_out = _labels(block.labels, room, "choice")
            return Part(Choices(labels), left_out=left_out)
        case Rating():
            values, left_out = _labels(block.values, room, "value")
            stars = tuple(map(_stars, values))
            return Part(Rating(values), stars=stars, left_out=left_out)
        case Media():
            name = room.take(block.name or block.address, _LONGEST_LABEL)
            return Part(Media(printable(block.kind), name))
        case Table():
            return _table(block, room)
        case Group():
            return _group(block, room, depth)


def _labels(labels: Sequence[str], room: _Room, thing: str) -> tuple[tuple[str, ...], str]:
    kept = _fitting(labels, _MOST_LABELS, room, lambda label: room.take(label, _LONGEST_LABEL))
    return kept, _more(len(labels) - len(kept), thing)


def _table(table: Table, room: _Room) -> Part:
    def cells(row: Sequence[str]) -> tuple[str, ...]:
        return tuple(room.take(cell, _LONGEST_LABEL) for cell in row[:_MOST_COLUMNS])

    headers = cells(table.headers)
    rows = _fitting(table.rows, _MOST_ROWS, room, cells)
    columns = max((len(row) for row in (table.headers, *table.rows)), default=0)
    left_out = (
        _more(len(table.rows) - len(rows), "row"),
        _more(columns - _MOST_COLUMNS, "column"),
    )
    return Part(
        Table(headers, rows, table.is_chart),
        bars=bars(rows) if table.is_chart else (),
        left_out=", ".join(filter(None, left_out)),
    )


def _group(group: Group, room: _Room, depth: int) -> Part:
    def entry(blocks: Sequence[Block]) -> tuple[Part, ...]:
        if depth > 1:
            return tuple(_parts(blocks, room, depth - 1))
        return (Part(Text(room.take("\n".join(lines_of(blocks))))),)

    entries = _fitting(group.entries, _MOST_ENTRIES, room, entry)
    thing = "card" if group.is_carousel else "entry"
    left_out = _more(len(group.entries) - len(entries), thing)
    return Part(Group((), group.is_carousel), entries, left_out=left_out)


T = TypeVar("T")
S = TypeVar("S")


def _fitting(items: Sequence[T], most: int, room: _Room, draw: Callable[[T], S]) -> tuple[S, ...]:
    """Draw the first items: at most that many, as long as there is room, but at least one."""
    kept: list[S] = []
    for item in items[:most]:
        if kept and room.is_full:
            break
        kept.append(draw(item))
    return tuple(kept)


def _more(count: int, thing: str) -> str:
    if count <= 0:
        return ""
    things = thing if count == 1 else f"{thing[:-1]}ies" if thing.endswith("y") else f"{thing}s"
    return f"{count:,} more {things}"


def _stars(value: str) -> int:
    """Return how many stars stand for a value: as many as it says, if that is a small number."""
    is_number = value.isascii() and value.isdigit() and len(value) <= 2  # noqa: PLR2004 - 99 at most
    return int(value) if is_number and 0 < int(value) <= _MOST_STARS else 1
