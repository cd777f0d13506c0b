"""The interface of a kind of setting: how its values are read and described.

`from_text` and `from_toml` raise `ValueError` for invalid values. Messages have no subject, because
the reader puts the source of the value in front. No kind opens a file.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date, datetime, time
from typing import Any, ClassVar, Generic, TypeVar

Value_co = TypeVar("Value_co", covariant=True)

# Subclasses come first: a boolean is also an integer, and a date with a time is also a date.
_TOML_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "a boolean"),
    (str, "a string"),
    (int, "an integer"),
    (float, "a float"),
    (datetime, "a date with a time"),
    (date, "a date"),
    (time, "a time"),
    (list, "an array"),
    (dict, "a table"),
)


def toml_type(value: object) -> str:
    """Return the name of a TOML value's type, with its article."""
    return next(name for kind, name in _TOML_TYPES if isinstance(value, kind))


def wrong_type(expected: str, value: object) -> ValueError:
    """Return the error for a TOML value that does not have the expected type."""
    return ValueError(f"must be {expected}, not {toml_type(value)}")


def wrong_unquoted(expected: str, value: object) -> ValueError:
    """Return the error for a TOML value of the wrong type where a string is often a right value."""
    return wrong_type(f"{expected}, without quotes" if isinstance(value, str) else expected, value)


class FileKind(ABC, Generic[Value_co]):
    """The kind of a key in the configuration file; `limits` lists what is allowed."""

    limits: str = ""

    @abstractmethod
    def from_toml(self, value: object) -> Value_co | None:
        """Read a TOML value; return `None` for a blank string, which counts as not set."""

    @property
    @abstractmethod
    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of a TOML value."""


class Kind(FileKind[Value_co]):
    """The kind of a setting; by default, the file states it as a string that reads as text does.

    `empty` stands for a setting without a value or a default, and for one that is invalid.
    `example` is a value as the file has it. `metavar` stands for it in `--help`, and `text_format`
    says how a text differs from what the file has. The flag of a `repeated` kind can be given
    several times; that of a switch has no value, and a second flag turns it off.
    """

    empty: Value_co
    example: str = '"…"'
    metavar: str = "TEXT"
    text_format: ClassVar[str] = ""
    repeated: ClassVar[bool] = False
    is_switch: ClassVar[bool] = False

    @abstractmethod
    def from_text(self, text: str) -> Value_co:
        """Read a text that is not blank, and has no whitespace around it."""

    def from_toml(self, value: object) -> Value_co | None:
        """Read a string as text."""
        if not isinstance(value, str):
            raise wrong_type(f"a string such as {self.example}", value)
        text = value.strip()
        return self.from_text(text) if text else None

    @property
    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of a string."""
        return {"type": "string"}
