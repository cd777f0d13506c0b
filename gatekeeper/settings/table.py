"""A table of the configuration file, read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from gatekeeper.settings.setting import Key

Value = TypeVar("Value")


class Table(msgspec.Struct, frozen=True):
    """A table of the configuration file: its values, and the texts that they were read from.

    `place` tells a person where it is. The keys in `invalid` are set, but their values are not
    known; their problems are already noted.
    """

    place: str
    values: Mapping[str, Any]
    texts: Mapping[str, str]
    invalid: frozenset[str] = frozenset()

    def get(self, key: Key[Value]) -> Value | None:
        """Return the value of a key, or `None` if it is not set."""
        value: Value | None = self.values.get(key.name)
        return value
