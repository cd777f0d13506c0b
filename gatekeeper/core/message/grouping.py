"""Neighbouring blocks that belong together: choices side by side, entries of one list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from typing import Any

from gatekeeper.core.message.blocks import Block, Choices, Group, Text
from gatekeeper.core.message.place import WHOLE


def merged(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield blocks with neighbouring choices in one, and neighbouring lists, too."""
    for _, neighbours in groupby(
        blocks,
        lambda block: (type(block), block.is_carousel) if isinstance(block, Group) else type(block),
    ):
        same = list(neighbours)
        if isinstance(same[0], Choices):
            labels = (block.labels for block in same if isinstance(block, Choices))
            yield Choices(tuple(chain.from_iterable(labels)))
        elif isinstance(same[0], Group):
            entries = (block.entries for block in same if isinstance(block, Group))
            yield Group(tuple(chain.from_iterable(entries)), same[0].is_carousel)
        else:
            yield from same


def grouped(seen: Iterable[tuple[Any, tuple[Block, ...]]], *, is_carousel: bool) -> Iterator[Block]:
    """Yield the blocks of a list's items, those that are entries or cards in groups."""
    blocks: list[Block] = []
    for item, entry in seen:
        blocks += (Group((entry,), is_carousel),) if _is_entry(item, entry) else entry
    return merged(blocks)


def _is_entry(item: Any, blocks: tuple[Block, ...]) -> bool:
    """Whether an item of a list is an entry or a card: it has a title, and is no message."""
    if not isinstance(item, dict) or item.get("type") == "header" or item.keys() & WHOLE:
        return False
    return any(isinstance(block, Text) and block.is_heading for block in blocks)
