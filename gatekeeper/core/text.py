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
_BMP_END = 0xFFFF
_LINE_ENDS = re.compile(r"\r\n|[\r\x85\u2028\u2029]")
# Characters that a comparison by Unicode's rules skips (Default_Ignorable_Code_Point). The runners
# of GitHub and Azure compare like that, so they find a command with any of these in its prefix.
_SKIPPED = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
_SKIPS = f"[{_SKIPPED}]*"


def _any_of(*words: str) -> str:
    """Return a pattern for one of some words, each with skipped characters anywhere in it."""
    return f"(?:{'|'.join(map(_SKIPS.join, words))}){_SKIPS}"


_COMMANDS = re.compile(
    # GitHub: `::name::` at the start of a line, after blanks.
    rf"^(?:(?!\n)[\s{_SKIPPED}])*:(?=[{_SKIPPED}]*:)"
    # Anywhere in a line: `##[name]` for GitHub and Azure, `##vso[name]` for Azure, and
    # `##teamcity[name]` for TeamCity.
    rf"|#[{_SKIPPED}]*#(?=[\w{_SKIPPED}]*\[)"
    # Buildkite: the heading of a group, at the start of a line.
    rf"|^[{_SKIPPED}]*([-+~^])(?=[{_SKIPPED}]*\1[{_SKIPPED}]*\1[{_SKIPPED}]*\s)"
    # Travis: `travis_fold:start:name` and `travis_time:start:name`, anywhere in a line.
    rf"|{_any_of('fold', 'time')}:(?={_SKIPS}{_any_of('start', 'end', 'duration')}:)",
    re.MULTILINE,
)


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


def double_quoted(text: str, also: str = "") -> str:
    r"""Quote a text as TOML and YAML both read it; the characters of `also` are escaped too.

    Whatever is not printable is escaped as `\uXXXX` or `\UXXXXXXXX`. The text has no surrogates.
    """
    return f'"{"".join(_escaped(character, also) for character in text)}"'


def _escaped(character: str, also: str) -> str:
    if character == "\n":
        return "\\n"
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable() and character not in also:
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= _BMP_END else f"\\U{code:08x}"


def one_line(text: str, limit: int = 200) -> str:
    """Fold a text into one printable line of at most `limit` characters."""
    # Twice the limit is enough to fold from, and keeps a text of megabytes cheap.
    folded = " ".join(printable(text[: limit * 2]).split())
    # Every cut is marked: a secret that it goes through is recognised by that, and masked.
    is_cut = len(folded) > limit or len(text) > limit * 2
    return folded[: limit - 1].rstrip() + "…" if is_cut else folded


def cut_middle(text: str, limit: int, see: str = "") -> str:
    """Keep both ends of a text over `limit` characters, and say in between how much is missing.

    `see` is the file that has the whole text, if there is one.
    """
    if len(text) <= limit:
        return text
    half = limit // 2
    missing = f"{len(text) - 2 * half:,} characters left out"
    where = f": see {see}" if see else ""
    return f"{text[:half]}\n… {missing}{where} …\n{text[-half:]}"


def inert(text: str) -> str:
    """Break with a space what a CI platform would execute as a command, or take as a heading.

    GitLab's sections and Jenkins' notes need control characters, which `printable` removes.
    """
    return _COMMANDS.sub(r"\g<0> ", text)


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
