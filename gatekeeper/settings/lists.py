"""The kinds of setting with several values: lines or commas in a text, an array in the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from gatekeeper.core.result_file.shards import PlannedSuite
from gatekeeper.settings.kind import Kind, toml_type, wrong_type

Name = TypeVar("Name", bound=str)


def strings(value: object, example: str) -> list[str]:
    """Return the stripped strings of a TOML array."""
    expected = f"an array of strings, such as {example}"
    if not isinstance(value, list):
        raise wrong_type(expected, value)
    if invalid := [item for item in value if not isinstance(item, str)]:
        raise ValueError(f"must be {expected}, but contains {toml_type(invalid[0])}")
    return [item.strip() for item in value]


class Choices(Kind[frozenset[Name]]):
    """Any of several words: separated by commas or whitespace in a text, an array in the file."""

    text_format = "comma-separated"
    repeated = True

    def __init__(
        self, noun: str, choices: Sequence[Name], empty: Iterable[Name] = (), *, least: int = 0
    ) -> None:
        self._noun = noun
        self._choices = choices
        self._least = least
        self.empty = frozenset(empty)
        self.metavar = f"{noun.upper()},..."
        self.limits = ", ".join(choices)

    def from_text(self, text: str) -> frozenset[Name]:
        """Return the choices that a text names."""
        return self._chosen(filter(None, re.split(r"[\s,]+", text)))

    def from_toml(self, value: object) -> frozenset[Name]:
        """Read an array; there, `least` choices must be named."""
        names = strings(value, f'["{self._choices[0]}"]')
        if len(names) < self._least:
            raise ValueError(f"is empty: add a {self._noun}, or remove the key")
        return self._chosen(names)

    def _chosen(self, names: Iterable[str]) -> frozenset[Name]:
        by_name = {choice.lower(): choice for choice in self._choices}
        wanted = list(names)
        if unknown := [name for name in wanted if name.lower() not in by_name]:
            plural = "s" if len(unknown) > 1 else ""
            listed = ", ".join(map(repr, unknown))
            raise ValueError(f"unknown {self._noun}{plural} {listed}: choose from {self.limits}")
        return frozenset(by_name[name.lower()] for name in wanted)

    @property
    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of an array of the choices."""
        array = {"type": "array", "items": {"enum": list(self._choices)}}
        return array | ({"minItems": self._least} if self._least else {})


class Tags(Kind[frozenset[str]]):
    """Tags of suites."""

    empty = frozenset[str]()
    metavar = "TAG,..."
    text_format = "comma-separated"
    repeated = True

    def from_text(self, text: str) -> frozenset[str]:
        """Return the tags, which are separated by commas or lines."""
        return frozenset(filter(None, map(str.strip, re.split(r"[,\n]", text))))

    def from_toml(self, value: object) -> frozenset[str]:
        """Read an array of tags."""
        tags = strings(value, '["smoke", "nightly"]')
        for tag in tags:
            if not tag or "," in tag or len(tag.splitlines()) > 1:
                raise ValueError(
                    f"{tag!r} is not a valid tag: it is empty, or has a comma or a line break"
                )
        return frozenset(tags)

    @property
    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of an array of tags."""
        return {"type": "array", "items": {"type": "string", "pattern": r"^[^,\n]+$"}}


class Suites(Kind[tuple[PlannedSuite, ...]]):
    """Suites, one per line: `NAME`, or `NAME=RUN_ID` to attach to that run.

    A name that itself ends like `=RUN_ID` has one more `=` at its end.
    """

    empty = ()
    metavar = "NAME"
    repeated = True

    def from_text(self, text: str) -> tuple[PlannedSuite, ...]:
        """Return the suites in their order, each with its run."""
        found: list[PlannedSuite] = []
        for line in filter(None, map(str.strip, text.split("\n"))):
            try:
                line.encode()
            except UnicodeEncodeError:
                raise ValueError("not valid UTF-8 text") from None
            suite = PlannedSuite.from_line(line)
            if suite in found:
                raise ValueError(f"{line} is listed twice")
            found.append(suite)
        return tuple(found)


class CommandLine(Kind[tuple[str, ...]]):
    """A program and its arguments, in words as a POSIX shell splits them; no shell runs them."""

    empty = ()
    metavar = "COMMAND"

    def from_text(self, text: str) -> tuple[str, ...]:
        """Return the words; an error does not repeat the text, which may have a secret in it."""
        import shlex

        try:
            words = tuple(shlex.split(text))
        except ValueError as error:
            raise ValueError(f"cannot be split into words: {str(error).lower()}") from None
        if not words or not words[0]:
            raise ValueError("names no program")
        return words
