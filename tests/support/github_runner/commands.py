"""What the runner obeys: commands in a step's log, and the files of outputs and summary."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

LEVELS = ("error", "warning", "notice")
ANNOTATIONS_A_LEVEL = 10
SUMMARY_BYTES = 1024 * 1024
_STOP = "stop-commands"
_COMMANDS = {
    *LEVELS,
    _STOP,
    *("add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "group"),
    *("remove-matcher", "save-state", "set-env", "set-output"),
}
# A command at the start of a line after blanks, and the old form, anywhere in a line.
_ISSUED = re.compile(r"\s*::(?P<name>[^ :]*)(?: (?P<properties>.*?))?::(?P<data>.*)", re.DOTALL)
_OLD = re.compile(r"##\[(?P<name>[^ \]]*)(?: (?P<properties>[^\]]*))?\](?P<data>.*)", re.DOTALL)
_ESCAPES = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%3B": ";", "%5D": "]", "%25": "%"}


class Refused(Exception):
    """A file of outputs that the runner cannot read, which fails the step."""


@dataclass(frozen=True)
class Command:
    """One command that was obeyed."""

    name: str
    data: str
    properties: dict[str, str]


@dataclass
class Log:
    """A step's log as the runner shows it, and what it obeyed of it on the way."""

    lines: list[str] = field(default_factory=list)
    obeyed: list[Command] = field(default_factory=list)
    masks: list[str] = field(default_factory=list)
    _token: str | None = None

    @property
    def text(self) -> str:
        """All of the log."""
        return "\n".join(self.lines)

    def obeyed_names(self) -> set[str]:
        """The names of all commands that were obeyed."""
        return {command.name for command in self.obeyed}

    def annotations(self, level: str) -> list[Command]:
        """The annotations that are kept of a level."""
        return [command for command in self.obeyed if command.name == level][:ANNOTATIONS_A_LEVEL]

    def read(self, line: str) -> None:
        """Take in a line of standard output or error."""
        known = _COMMANDS | ({self._token} if self._token else set())
        command = _parsed(_ISSUED.match(line), ",", known) or _parsed(_OLD.search(line), ";", known)
        if command is None or (self._token and command.name != self._token):
            self.lines.append(self._masked(line))
        elif command.name == self._token:
            self._token = None
        elif command.name == _STOP:
            self._token = command.data.lower()
        else:
            self.obeyed.append(command)
            if command.name == "add-mask":
                self.masks.append(command.data)
            elif command.name != "debug":
                self.lines.append(self._masked(command.data))

    def _masked(self, line: str) -> str:
        for mask in self.masks:
            line = line.replace(mask, "***")
        return line


def _parsed(match: re.Match[str] | None, separator: str, known: set[str]) -> Command | None:
    if match is None or match["name"].lower() not in known:
        return None
    pairs = (pair.partition("=") for pair in (match["properties"] or "").strip().split(separator))
    properties = {name: _unescaped(value) for name, _, value in pairs if value}
    return Command(match["name"].lower(), _unescaped(match["data"]), properties)


def _unescaped(text: str) -> str:
    for escape, character in _ESCAPES.items():
        text = text.replace(escape, character)
    return text


def outputs_of(text: str) -> dict[str, str]:
    """Read a file of outputs (or of variables); raises `Refused` for one that is malformed."""
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        name, sign, rest = _first_of(line, "=", "<<")
        if sign == "<<" and name and rest:
            value = []
            for one in lines:
                if one == rest:
                    break
                value.append(one)
            else:
                raise Refused(f"matching delimiter not found: {rest!r}")
            found[name] = "\n".join(value)
        elif sign == "=" and name:
            found[name] = rest
        elif line:
            raise Refused(f"invalid format: {line!r}")
    return found


def _first_of(line: str, *signs: str) -> tuple[str, str, str]:
    """Part a line at whichever of the signs stands first in it."""
    places = {line.find(sign): sign for sign in signs if sign in line}
    return line.partition(places[min(places)]) if places else (line, "", "")


def summary_of(path: Path) -> str | None:
    """Read a job summary; `None` for one that is too large, which is dropped whole."""
    content = path.read_bytes()
    return content.decode() if len(content) <= SUMMARY_BYTES else None
