"""What is shown of a message that has no text, and what is left out of one that has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gatekeeper.core.message.blocks import Block, Group, Media, Text


def is_only_media(blocks: Iterable[Block]) -> bool:
    """Whether a message shows nothing but pictures and files without names."""
    return all(isinstance(block, Media) and not block.name for block in blocks)


def without_addresses(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield blocks without the addresses of their pictures and files."""
    for block in blocks:
        if isinstance(block, Media):
            yield Media(block.kind, block.name)
        elif isinstance(block, Group):
            entries = (tuple(without_addresses(entry)) for entry in block.entries)
            yield Group(tuple(entries), block.is_carousel)
        else:
            yield block


def named_template(message: Any) -> tuple[Block, ...]:
    """Return the name of a template that shows nothing else, such as `like_dislike`."""
    todo = [message]
    while todo:
        current = todo.pop()
        if isinstance(current, dict):
            name = current.get("template_type")
            if isinstance(name, str) and name.strip():
                return (Text(f"({name.strip()} template)"),)
            todo += reversed(current.values())
        elif isinstance(current, list):
            todo += reversed(current)
    return ()
