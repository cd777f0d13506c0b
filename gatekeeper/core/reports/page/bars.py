"""The bars of a chart, drawn beside its values."""

from __future__ import annotations

import re
from collections.abc import Sequence

# A number in a unit: `$ 1,234.50`, `70%`, `10 kW`. What could be read in two ways, such as `1.234`,
# gets no bar.
_VALUE = re.compile(
    r"([^\d.,-]{0,20})(\d{1,3}(?:,\d{3}){1,5}(?:\.\d\d?)?|\d{1,18}(?:\.\d\d?)?)([^\d.,-]{0,20})"
)
_LONGEST = 100


def bars(rows: Sequence[Sequence[str]]) -> tuple[tuple[int | None, ...], ...]:
    """Return the length of each cell's bar, where the longest is 100; `None` if it has none.

    The first cell of a row is its label. Bars are only drawn if all values are of the same unit.
    """
    values = [[_value(cell) for cell in row[1:]] for row in rows]
    units = {value[1] for row in values for value in row if value}
    if len(units) != 1 or None in units:
        return ()
    most = max(value[0] for row in values for value in row if value)
    if not most:
        return ()
    return tuple(
        (None, *(round(100 * value[0] / most) if value else None for value in row))
        for row in values
    )


def _value(cell: str) -> tuple[float, tuple[str, str] | None] | None:
    """Return a number and its unit, which is `None` if it is unclear; `None` for a mere text."""
    found = _VALUE.fullmatch(cell[:_LONGEST])
    if found:
        return float(found[2].replace(",", "")), (found[1].strip(), found[3].strip())
    return (0, None) if re.search(r"\d", cell) else None
