"""What a person sees of a message, as blocks in the order in which they are seen.

The page draws the blocks; every other report shows their lines (`lines.py`).
"""

from __future__ import annotations

from typing import TypeAlias

from gatekeeper.core.record import Record


class Text(Record):
    """A paragraph; it may have line breaks. A heading is a title of a message, card or entry.

    HTML breaks and entities are resolved; other tags and Markdown are as the bot sent them.
    """

    text: str
    is_heading: bool = False


class Choices(Record):
    """What a person can press or pick, by its labels; a label may have line breaks."""

    labels: tuple[str, ...]


class Rating(Record):
    """The stars that a person can give, in the order in which they are offered: `("5", "4")`."""

    values: tuple[str, ...]


class Media(Record):
    """A picture, video, audio or file.

    `kind` is what stands in brackets after its name: `picture`, `video`, `audio`, `file`. `name` is
    its title, alternative text or file name, if it has one. `address` is empty unless the message
    shows nothing else.
    """

    kind: str
    name: str = ""
    address: str = ""


class Table(Record):
    """Rows of cells; the headers may be missing, and a row may have fewer or more cells.

    A chart is a table of its labelled values: a row for each label or series.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_chart: bool = False


class Group(Record):
    """The entries of a list, or the cards of a carousel, each with its own blocks.

    An entry may hold groups. No entry is empty.
    """

    entries: tuple[tuple[Block, ...], ...]
    is_carousel: bool = False


Block: TypeAlias = Text | Choices | Rating | Media | Table | Group


class Message(Record):
    """A text of a bot as a person sees it.

    `is_template` distinguishes what was read from JSON from plain text, which is a single `Text`.
    """

    blocks: tuple[Block, ...] = ()
    is_template: bool = False
