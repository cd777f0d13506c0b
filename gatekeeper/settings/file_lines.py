"""The lines of a TOML file's keys, which its parser does not tell."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

import msgspec

_HEADER = re.compile(r"\s*\[")
_ARRAY_HEADER = re.compile(r"""\s*\[\[\s*["']?([\w-]+)["']?\s*\]\]""")
_TABLE_HEADER = re.compile(r"""\s*\[\s*([\w-]+)\s*\.\s*["']?([\w-]+)["']?\s*\]""")
# A line number is not worth a long wait: what may be read for those of a file.
_MOST_CHARACTERS = 500_000


class FileLines:
    """Finds the lines of a valid TOML text, numbered from 1, where its tables and keys begin.

    What looks like a header or a key, but is part of a string or an array, is recognised by the
    parser: it accepts no text that ends in the middle of a value.
    """

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._left = _MOST_CHARACTERS

    def of_table(self, table: str, index: int) -> int | None:
        """Return the line of the header of a table, by its index from 0 in its array."""
        begin, _ = self._sections.get((table, index), (None, 0))
        return begin

    def of_key(self, name: str, table: str = "", index: int = 0) -> int | None:
        """Return the line of a key, at the top of the file or in an array's table."""
        begin, end = self._sections.get((table, index), (1, 0))
        for number in range(begin, end + 1):
            if _is_assignment(self._lines[number - 1], name) and self._is_complete(
                begin, number - 1
            ):
                return number
        return None

    @cached_property
    def _sections(self) -> dict[tuple[str, int], tuple[int, int]]:
        """The first and the last line of the top (an empty name) and of each table.

        A table that is not in an array has its full name, such as `credentials.booking`.
        """
        counts = Counter[str]()
        sections: dict[tuple[str, int], tuple[int, int]] = {}
        for begin, end in self._stretches():
            line = self._lines[begin - 1]
            match = _ARRAY_HEADER.match(line) or _TABLE_HEADER.match(line)
            if match or begin == 1:
                name = ".".join(match.groups()) if match else ""
                sections[name, counts[name]] = (begin, end)
                counts[name] += 1
        return sections

    def _stretches(self) -> Iterator[tuple[int, int]]:
        """Yield the first and the last line between two headers."""
        begin = 1
        for number in range(2, len(self._lines) + 1):
            is_header = _HEADER.match(self._lines[number - 1])
            if is_header and self._is_complete(begin, number - 1):
                yield begin, number - 1
                begin = number
        yield begin, len(self._lines)

    def _is_complete(self, begin: int, end: int) -> bool:
        """Whether no value that begins in these lines goes on after them."""
        from tomllib import TOMLDecodeError, loads

        # Joining the lines takes time as well.
        if self._left < 0:
            return False
        text = "\n".join(self._lines[begin - 1 : end])
        self._left -= len(text)
        if self._left < 0:
            return False
        try:
            loads(text)
        except (TOMLDecodeError, RecursionError):
            return False
        return True


class Place(msgspec.Struct, frozen=True):
    """A table in words, and where it is in its file: its name, and its index in an array."""

    text: str
    lines: FileLines
    table: str = ""
    index: int = 0

    @property
    def head(self) -> str:
        """The table, with the line of its header."""
        return self._with(self.lines.of_table(self.table, self.index))

    def at(self, key: str) -> str:
        """Return the table, with the line of one of its keys, which may be an array of tables."""
        line = self.lines.of_key(key, self.table, self.index)
        return self._with(line if line or self.table else self.lines.of_table(key, 0))

    def _with(self, line: int | None) -> str:
        return f"{self.text}, line {line}" if line else self.text


def _is_assignment(line: str, name: str) -> bool:
    """Whether a line begins like one that sets a key."""
    key, equals, _ = line.partition("=")
    return bool(equals) and key.strip() in (name, json.dumps(name), f"'{name}'")
