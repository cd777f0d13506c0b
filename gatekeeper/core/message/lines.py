"""A message as lines of plain text, as every report but the page shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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

_PAIR = 2


def lines(message: Message) -> Iterator[str]:
    """Yield a message line by line; none is blank unless a text has blank lines."""
    return lines_of(message.blocks)


def lines_of(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield blocks line by line: choices in brackets, entries with a bullet, rows with bars."""
    for block in blocks:
        match block:
            case Text():
                yield from block.text.split("\n")
            case Choices():
                yield from _choices(block.labels)
            case Rating():
                yield " ".join(f"[{value} ★]" for value in block.values)
            case Media():
                yield media_line(block)
            case Table():
                yield from _table(block)
            case Group():
                for entry in block.entries:
                    yield from _entry(entry)


def media_line(media: Media) -> str:
    """Return a picture or file in one line: its name or address, and its kind."""
    name = media.name or media.address
    return f"{name} ({media.kind})" if name else f"({media.kind})"


def _choices(labels: Iterable[str]) -> Iterator[str]:
    """Yield labels in brackets, on one line as long as none has a line break."""
    yield from " ".join(f"[{label}]" for label in labels).split("\n")


def _table(table: Table) -> Iterator[str]:
    """Yield rows with bars between their cells; pairs without headers as `label: value`."""
    rows = [[" ".join(cell.split("\n")) for cell in row] for row in table.rows]
    if not table.headers and all(len(row) == _PAIR for row in rows):
        yield from (f"{label.removesuffix(':')}: {value}" for label, value in rows)
        return
    yield from (" | ".join(row) for row in _with_headers(table.headers, rows))


def _with_headers(headers: Iterable[str], rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """Yield the headers, if there are any, without the empty one above the rows' labels."""
    if labels := [" ".join(header.split("\n")) for header in headers]:
        yield labels if labels[0] else labels[1:]
    yield from rows


def _entry(entry: Iterable[Block]) -> Iterator[str]:
    for number, entry_line in enumerate(lines_of(entry)):
        bullet = "  " if number else "• "
        yield f"{bullet}{entry_line}" if entry_line else ""
