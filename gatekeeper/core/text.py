"""Text that came from a bot, made safe to show: in a log, in XML, in a table."""

from __future__ import annotations

import json
import re
from typing import Any

# Terminal sequences go whole, so that no "[31m" stays behind: CSI, OSC and the like (which end at
# BEL or ST, or at the end of the line when unterminated), then the two-character ones.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
# What XML 1.0 forbids (C0, surrogates, U+FFFE, U+FFFF), what a terminal obeys (C1, DEL), and the
# bidirectional overrides that make a line read as something it does not say.
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_LINE_ENDS = re.compile(r"\r\n|[\r\x85\u2028\u2029]")
_ISSUED_COMMAND = re.compile(r"^([^\S\n]*)::", re.MULTILINE)


def printable(text: str) -> str:
    """Drop terminal sequences and characters no report may hold; line ends become newlines."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSHOWABLE.sub("", _ESCAPES.sub("", _LINE_ENDS.sub("\n", text)))


def as_text(value: Any) -> str:
    """Say any JSON value: text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "(nested too deeply to be shown)"


def as_path(value: Any) -> str:
    """Say a list of nodes as a path, and anything else as it is."""
    return " → ".join(map(as_text, value)) if isinstance(value, list) else as_text(value)


def one_line(text: str, limit: int = 200) -> str:
    """Fold the text into one printable line of at most `limit` characters."""
    # Twice the limit is enough to fold from, and keeps a text of megabytes cheap.
    folded = " ".join(printable(text[: limit * 2]).split())
    return folded if len(folded) <= limit else folded[: limit - 1].rstrip() + "…"


def cut_middle(text: str, limit: int) -> str:
    """Keep both ends of a text over `limit` characters, and say between them how much is gone."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n… {len(text) - 2 * half:,} characters left out …\n{text[-half:]}"


def inert(text: str) -> str:
    """Break what GitHub's runner would read as a command, in both of its forms.

    It obeys `::name::` at the start of a line, after blanks, and `##[name]` anywhere in one.
    """
    return _ISSUED_COMMAND.sub(r"\1: :", text).replace("##[", "## [")


def some_steps(count: int, total: int) -> str:
    """Say how many of how many steps: `1 of 3 steps`."""
    return f"{count} of {total} step{'s' if total != 1 else ''}"


def seconds(duration: float) -> str:
    """Say a duration given in seconds as a person would: `5 s`, `1 min 5 s`, `2 h 3 min`."""
    whole = max(0, round(duration))
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {secs} s" if minutes else f"{secs} s"
