"""The base class of the core's values."""

from __future__ import annotations

from typing import dataclass_transform

import msgspec


@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class Record(msgspec.Struct, frozen=True, gc=False):
    """An immutable value.

    It cannot be part of a reference cycle, so the garbage collector need not track it: a large
    result has hundreds of thousands of them. Subclasses inherit both properties; the decorator
    tells type checkers.
    """
