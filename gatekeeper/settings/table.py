"""A table of the configuration file, read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from gatekeeper.settings.file_lines import Place
from gatekeeper.settings.setting import Key

Value = TypeVar("Value")


class Table(msgspec.Struct, frozen=True):
    """A table of the configuration file: its values, and the texts that they were read from.

    `place` tells a person where it is. The keys in `invalid` are set, but their values are not
    known; their problems are already noted. `where` finds the lines of its keys.
    """

    place: str
    values: Mapping[str, Any]
    texts: Mapping[str, str]
    invalid: frozenset[str] = frozenset()
    where: Place | None = None

    @property
    def head(self) -> str:
        """The place of the table, with the line of its header if that can be found."""
        return self.where.head if self.where else self.place

    def at(self, name: str) -> str:
        """Return the place of a key that is set, with its line if that can be found."""
        return self.where.at(name) if self.where else self.place

    def get(self, key: Key[Value]) -> Value | None:
        """Return the value of a key, or `None` if it is not set."""
        value: Value | None = self.values.get(key.name)
        return value
