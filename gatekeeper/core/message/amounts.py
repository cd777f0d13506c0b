"""Numbers that say nothing without their key: `"total": 90.95` is seen as `Total: 90.95`."""

from __future__ import annotations

import re

from gatekeeper.core.message.keys import words_of

_BARE = re.compile(r"\s*[-+]?\d[\d.,]*\s*")
_AMOUNT = re.compile(r"\s*[^\s\d]{0,9}\s?[\d.,]*\d[\d.,]*\s?[^\s\d]{0,9}\s*")
_LONGEST = 40  # characters of an amount
# Several of them stand below each other, so that a currency does not tell them apart.
_SUMS = frozenset(("total", "subtotal", "balance", "tax", "vat", "discount", "fee", "cost"))


def labelled(key: str, value: str) -> str:
    """Return a number with its key as its label if the number alone does not say what it is."""
    words = words_of(key)
    if len(value) > _LONGEST:
        return value
    is_sum = words[-1] in _SUMS and _AMOUNT.fullmatch(value)
    if not (is_sum or _BARE.fullmatch(value)):
        return value
    return f"{' '.join(words).capitalize()}: {value.strip()}"
