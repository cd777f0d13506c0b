"""Texts of a bot or a response, made safe to show: in a log, in XML, in a table."""

from __future__ import annotations

import json
import re
from typing import Any

# Terminal sequences are removed whole, so that no "[31m" stays behind: CSI, OSC and the like (which
# end at BEL or ST, or at the end of the line if unterminated), then the two-character ones.
TERMINAL_SEQUENCES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
# What XML 1.0 forbids (C0, surrogates, U+FFFE, U+FFFF), what a terminal obeys (C1, DEL), and the
# bidirectional overrides that make a line look like another one.
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_LINE_ENDS = re.compile(r"\r\n|[\r\x85\u2028\u2029]")
_ISSUED_COMMAND = re.compile(r"^([^\S\n]*)::", re.MULTILINE)


def printable(text: str) -> str:
    """Remove terminal sequences and characters that no report may hold; unify line ends."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSHOWABLE.sub("", TERMINAL_SEQUENCES.sub("", _LINE_ENDS.sub("\n", text)))


def as_text(value: Any) -> str:
    """Return any JSON value as text: a string unchanged, anything else as JSON.

    Its depth is limited where it was read.
    """
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def as_path(value: Any) -> str:
    """Return a list of nodes as a path, and anything else as `as_text` does."""
    return " → ".join(map(as_text, value)) if isinstance(value, list) else as_text(value)


def quoted(value: Any) -> str:
    """Return any JSON value in quotes, on one line of at most about 100 characters."""
    return repr(one_line(as_text(value), 100))


def one_line(text: str, limit: int = 200) -> str:
    """Fold a text into one printable line of at most `limit` characters."""
    # Twice the limit is enough to fold from, and keeps a text of megabytes cheap.
    folded = " ".join(printable(text[: limit * 2]).split())
    # Every cut is marked: a secret that it goes through is recognised by that, and masked.
    is_cut = len(folded) > limit or len(text) > limit * 2
    return folded[: limit - 1].rstrip() + "…" if is_cut else folded


def cut_middle(text: str, limit: int) -> str:
    """Keep both ends of a text over `limit` characters, and say in between how much is missing."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n… {len(text) - 2 * half:,} characters left out …\n{text[-half:]}"


def inert(text: str) -> str:
    """Break what GitHub's runner would execute as a command, in both of its forms.

    It obeys `::name::` at the start of a line, after blanks, and `##[name]` anywhere in a line.
    """
    return _ISSUED_COMMAND.sub(r"\1: :", text).replace("##[", "## [")


def some_steps(count: int, total: int) -> str:
    """Return a number of steps out of all: `1 of 3 steps`."""
    return f"{count} of {total} step{'s' if total != 1 else ''}"


def seconds(duration: float) -> str:
    """Return a duration, given in seconds, for people: `5 s`, `1 min 5 s`, `2 h 3 min`."""
    hours, rest = divmod(max(0, round(duration)), 3600)
    minutes, secs = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {secs} s" if minutes else f"{secs} s"
