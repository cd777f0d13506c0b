"""The service messages that TeamCity finds in the log of a build."""

from __future__ import annotations

import re
from typing import NamedTuple

# Anywhere in a line; several may be in one. A value ends at the first quote without a bar.
_MESSAGE = re.compile(
    r"##teamcity\[(?P<name>[\w.-]+)(?P<values>(?:\s+[\w.]+\s*=\s*'(?:[^'|]|\|.)*')*)\s*\]"
)
_VALUE = re.compile(r"([\w.]+)\s*=\s*'((?:[^'|]|\|.)*)'")
_ESCAPE = re.compile(r"\|(?:0x([0-9A-Fa-f]{4})|(.))")
_CHARACTERS = {"n": "\n", "r": "\r", "x": "\x85", "l": "\u2028", "p": "\u2029"}


class Message(NamedTuple):
    """A service message; it may be named twice, but none of its values."""

    name: str
    values: dict[str, str]


def messages_in(log: str) -> list[Message]:
    """Return the service messages in a log; raises `ValueError` for a malformed one."""
    found = []
    for line in re.split("\r\n|\r|\n", log):
        messages = list(_MESSAGE.finditer(line))
        if len(messages) != line.count("##teamcity["):
            raise ValueError(f"TeamCity would warn about {line!r}")
        found += [Message(one["name"], _values(one["values"])) for one in messages]
    return found


def _values(text: str) -> dict[str, str]:
    return {name: _unescaped(value) for name, value in _VALUE.findall(text)}


def _unescaped(value: str) -> str:
    text = _ESCAPE.sub(
        lambda match: chr(int(match[1], 16)) if match[1] else _CHARACTERS.get(match[2], match[2]),
        value,
    )
    # Java's strings are of code units.
    return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")
