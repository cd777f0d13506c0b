"""The kinds of setting with a single value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from gatekeeper.core.answer.soundness import sound_json
from gatekeeper.core.model import Shard
from gatekeeper.core.result_file.schema import MOST_SHARDS
from gatekeeper.kore.host import base_url
from gatekeeper.settings.kind import Kind, wrong_unquoted

_DURATION = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?", re.IGNORECASE)
_ONLY_DIGITS = re.compile(r"[1-9][0-9]{0,5}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*")
LONGEST_LABEL = 100
ON = ("true", "yes", "on", "1")
OFF = ("false", "no", "off", "0")


class Text(Kind[str]):
    """Any text."""

    empty = ""

    def from_text(self, text: str) -> str:
        """Return the text."""
        return text


class Label(Text):
    """A short text on one line."""

    limits = f"at most {LONGEST_LABEL} characters"
    example = '"staging"'

    def from_text(self, text: str) -> str:
        """Return the text."""
        if not text.isprintable() or len(text) > LONGEST_LABEL:
            raise ValueError(f"must be on one line, {self.limits}, such as staging")
        return text

    @property
    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of a short string."""
        return {"type": "string", "maxLength": LONGEST_LABEL}


class Identifier(Kind[str]):
    """An ID that the platform gave, which begins like `start`."""

    empty = ""

    def __init__(self, start: str) -> None:
        self._start = start
        self.example = f'"{start}…"'

    def from_text(self, text: str) -> str:
        """Return an ID, which has no spaces."""
        if not text.isprintable() or " " in text:
            raise ValueError(
                f"{text!r} is not a valid ID: it contains spaces or control characters; copy the "
                f"ID that begins with {self._start}"
            )
        return text


class Language(Kind[str]):
    """A language code, such as `en` or `pt_BR`."""

    empty = ""
    example = '"en"'

    def from_text(self, text: str) -> str:
        """Return a language code."""
        if not _LANGUAGE.fullmatch(text):
            raise ValueError(f"{text!r} is not a valid language code: write en or pt_BR")
        return text

    @property
    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of a language code."""
        return {"type": "string", "pattern": f"^{_LANGUAGE.pattern}$"}


class Host(Kind[str]):
    """The platform's host, read as its base URL."""

    empty = ""
    example = '"bots.kore.ai"'

    def from_text(self, text: str) -> str:
        """Return the base URL; an error never repeats the text, which may contain a password."""
        return base_url(text)


class JsonObject(Kind[Mapping[str, Any]]):
    """A JSON object."""

    metavar = "JSON"
    example = """'{"iss": "…"}'"""
    empty: Mapping[str, Any] = MappingProxyType({})

    def from_text(self, text: str) -> Mapping[str, Any]:
        """Return the object."""
        try:
            found = sound_json(text)
        except ValueError:
            found = None
        if isinstance(found, dict):
            return found
        raise ValueError('not a JSON object: write {"iss": "…"}')


class Duration(Kind[float]):
    """A duration such as `90s`, `30m` or `1h30m`, in seconds."""

    empty = 0.0
    example = '"30m" or "1h30m"'
    metavar = "DURATION"

    def from_text(self, text: str) -> float:
        """Return the seconds."""
        match = _DURATION.fullmatch(text.replace(" ", ""))
        hours, minutes, secs = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
        if _ONLY_DIGITS.fullmatch(text):
            raise ValueError(f"{text!r} has no unit: write {text}s, {text}m or {text}h")
        total = hours * 3600 + minutes * 60 + secs
        if not total:
            raise ValueError(f"{text!r} is not a valid duration: write 90s, 30m or 1h30m")
        return float(total)


class Count(Kind[int]):
    """A whole number within limits."""

    metavar = "INTEGER"

    def __init__(self, least: int, most: int) -> None:
        self.empty = self._least = least
        self._most = most
        self.limits = f"{least} to {most}"

    def from_text(self, text: str) -> int:
        """Return the number."""
        if not re.fullmatch(r"[0-9]{1,3}", text) or not self._least <= int(text) <= self._most:
            raise ValueError(f"must be a number from {self.limits}, not {text!r}")
        return int(text)

    def from_toml(self, value: object) -> int:
        """Read an integer."""
        if not isinstance(value, int) or isinstance(value, bool):
            raise wrong_unquoted(f"a number from {self.limits}", value)
        return self.from_text(str(value))

    @property
    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of an integer within the limits."""
        return {"type": "integer", "minimum": self._least, "maximum": self._most}


class Switch(Kind[bool]):
    """On or off."""

    empty = False
    is_switch = True

    def from_text(self, text: str) -> bool:
        """Return whether it is on."""
        if text.lower() not in (*ON, *OFF):
            raise ValueError(f"{text!r} is neither true nor false: write one of these")
        return text.lower() in ON

    def from_toml(self, value: object) -> bool:
        """Read a boolean."""
        if not isinstance(value, bool):
            raise wrong_unquoted("true or false", value)
        return value

    @property
    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of a boolean."""
        return {"type": "boolean"}


class Choice(Kind[str]):
    """One of several words, in upper or lower case."""

    empty = ""

    def __init__(self, *choices: str) -> None:
        self.choices = choices
        self.example = f'"{choices[0]}"'
        self.metavar = f"[{'|'.join(choices)}]"
        self.limits = f"{', '.join(choices[:-1])} or {choices[-1]}"

    def from_text(self, text: str) -> str:
        """Return the choice, spelled as declared."""
        for choice in self.choices:
            if choice.lower() == text.lower():
                return choice
        raise ValueError(f"{text!r} is not valid: choose {self.limits}")

    @property
    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of the choices."""
        return {"enum": list(self.choices)}


class ShardNumber(Kind[Shard | None]):
    """A shard of a plan, such as `2/3`."""

    empty = None
    example = '"2/3"'
    metavar = "INDEX/TOTAL"

    def from_text(self, text: str) -> Shard:
        """Return the shard."""
        match = re.fullmatch(r"([0-9]{1,3})/([0-9]{1,3})", text.replace(" ", ""))
        index, total = (int(part) for part in match.groups()) if match else (0, 0)
        if not 1 <= index <= total <= MOST_SHARDS:
            raise ValueError(
                f"{text!r} is not a valid shard: write 2/3, with at most {MOST_SHARDS} shards"
            )
        return Shard(index, total)
