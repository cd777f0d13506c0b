"""The configuration file's tables: the keys that each can have.

They are the settings that the catalogue allows in the file, and the keys below, which only the file
has.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeAlias

from gatekeeper.settings.catalogue import SETTINGS
from gatekeeper.settings.credential_keys import CREDENTIALS_KEYS
from gatekeeper.settings.kind import FileKind, wrong_type, wrong_unquoted
from gatekeeper.settings.kinds import Language, Switch, Text
from gatekeeper.settings.lists import Tags, strings
from gatekeeper.settings.path_kinds import File
from gatekeeper.settings.setting import Key

Keys: TypeAlias = Mapping[str, Key[Any]]
"""The keys of a table, by their names."""
_ALL = 100  # percent


class Line(Text):
    """A text on one line."""

    def from_text(self, text: str) -> str:
        """Return the text."""
        if len(text.splitlines()) > 1:
            raise ValueError("must be on one line")
        return text


class Languages(FileKind[tuple[str, ...]]):
    """Languages, each once."""

    def from_toml(self, value: object) -> tuple[str, ...]:
        """Read an array of language codes."""
        languages = tuple(map(Language().from_text, strings(value, '["en", "de"]')))
        if not languages:
            raise ValueError("is empty: add a language, or remove the key")
        for language in languages:
            if languages.count(language) > 1:
                raise ValueError(f"{language} is listed twice")
        return languages

    @property
    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of an array of language codes."""
        items = Language().json_schema
        return {"type": "array", "items": items, "minItems": 1, "uniqueItems": True}


class Percentage(FileKind[float]):
    """A percentage; a fraction of 1 is refused, because a rate of 0.95 % is never meant."""

    def from_toml(self, value: object) -> float:
        """Read an integer or a float."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise wrong_unquoted(f"a number from 0 to {_ALL}", value)
        if not 0 <= value <= _ALL:
            raise ValueError(f"must be a number from 0 to {_ALL}, such as 95")
        if 0 < value < 1:
            raise ValueError(f"{value:g} is less than one percent: did you mean {value * 100:g}?")
        return float(value)

    @property
    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of a number from 0 to 100, but not between 0 and 1."""
        fraction = {"exclusiveMinimum": 0, "exclusiveMaximum": 1}
        return {"type": "number", "minimum": 0, "maximum": _ALL, "not": fraction}


class Day(FileKind[date]):
    """A date without a time."""

    def from_toml(self, value: object) -> date:
        """Read a date."""
        if not isinstance(value, date) or isinstance(value, datetime):
            raise wrong_type("a date without quotes, such as 2030-01-31", value)
        return value

    @property
    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of a date, which editors turn into a string first."""
        return {"type": "string", "format": "date"}


MIN_PASS_RATE = Key(
    "min-pass-rate",
    Percentage(),
    "Percentage of steps that must pass; with fewer, the suite fails.",
)
BLOCKING = Key(
    "blocking",
    Switch(),
    "Whether the suite can fail the gate; if not, its failures are only reported.",
)
BASELINE = Key(
    "baseline",
    File(),
    "The result.json of an earlier gate: only steps that did not fail there count as new failures.",
)
NAME = Key("name", Line(), "The conversation test suite's name.", required=True)
LANGUAGES = Key(
    "languages",
    Languages(),
    "Languages to run the suite in, one run for each. By default, bot-language.",
)
CREDENTIALS = Key(
    "credentials",
    Line(),
    "The name of the [credentials.NAME] table for the suite's tokens. By default, client-id and "
    "the other settings of tokens.",
)
TAGS = Key("tags", Tags(), "Words by which the setting tag selects suites.")
SUITE = Key(
    "suite",
    Text(),
    "Names of the suites: * stands for any text, ? for any character.",
    default="*",
)
STEP = Key(
    "step",
    Text(),
    'The steps that fail, by what the user says, such as "yes", "yes (2)" or "004 *".',
    required=True,
)
REASON = Key("reason", Text(), "Why it fails, such as a ticket.", required=True)
UNTIL = Key(
    "until",
    Day(),
    "The last day on which the failure is tolerated: a date without quotes.",
    required=True,
)


def _by_name(*keys: Key[Any]) -> Keys:
    return {key.name: key for key in keys}


_POLICY = (MIN_PASS_RATE, BLOCKING, BASELINE)
_IN_FILE = [setting for setting in SETTINGS if setting.in_file and not setting.secret]
TOP = _by_name(*_IN_FILE, *_POLICY)
"""The keys at the top of the file, above its tables."""
TABLES: Mapping[str, Keys] = {
    "suite": _by_name(
        NAME,
        LANGUAGES,
        TAGS,
        CREDENTIALS,
        *(setting for setting in _IN_FILE if setting.per_suite),
        *_POLICY,
    ),
    "known-failure": _by_name(SUITE, STEP, REASON, UNTIL),
}
"""The keys of each [[table]], by its name."""
ALL_TABLES: Mapping[str, Keys] = {
    **{f"[[{name}]]": keys for name, keys in TABLES.items()},
    "[credentials.NAME]": CREDENTIALS_KEYS,
}
"""The keys of each kind of table, by its header."""
