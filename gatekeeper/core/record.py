"""The base of what the core passes around: values, made once and never changed."""

from __future__ import annotations

from typing import dataclass_transform

import msgspec


@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class Record(msgspec.Struct, frozen=True, gc=False):
    """A frozen value, of which no cycle can be made: the garbage collector passes over it.

    Its classes inherit both; type checkers have to be told so.
    """
