"""A bot's text read as the message that a person sees."""

from __future__ import annotations

from gatekeeper.core.message.blocks import Block, Message, Text
from gatekeeper.core.message.lines import lines, lines_of
from gatekeeper.core.message.markup import resolved
from gatekeeper.core.message.recognise import parts_of
from gatekeeper.core.message.walk import blocks_of
from gatekeeper.core.text import printable


def read_message(text: str) -> Message:
    """Read a text of a bot; what is not a message, or shows nothing, is a single plain text."""
    blocks: list[Block] = []
    is_template = False
    for part, message in parts_of(text):
        shown = () if message is None else blocks_of(message)
        if not printable("".join(lines_of(shown))).strip():
            shown = ()
        is_template = is_template or bool(shown)
        blocks += shown or (Text(resolved(part)),)
    if not is_template:
        return Message((Text(resolved(text)),))
    # Text around a message is set off by the message itself.
    stripped = (
        Text(block.text.strip(), block.is_heading) if isinstance(block, Text) else block
        for block in blocks
    )
    return Message(tuple(stripped), is_template=True)


def visible_text(text: str) -> str:
    """Return a text as every report shows it: what a person would see of it, made printable."""
    return printable("\n".join(lines(read_message(text))))
