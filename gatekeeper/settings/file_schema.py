"""The configuration file's shape: which keys each of its tables may have, and what each takes.

What takes a key's value returns it checked (a setting of the catalogue as the text that a flag
would give) or raises `ValueError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from gatekeeper.core.outcomes import Check
from gatekeeper.settings import parse as values
from gatekeeper.settings.catalogue import REPORTS, SETTINGS, Setting

Take = Callable[[Any], Any]

# Before their more general kinds: a boolean is an integer too, and a date with a time a date.
_KINDS: tuple[tuple[type, str], ...] = (
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
_EVERYTHING = 100  # percent


def _kind(value: Any) -> str:
    return next((words for kind, words in _KINDS if isinstance(value, kind)), "something else")


def _instead(expected: str, value: Any) -> ValueError:
    return ValueError(f"it has to be {expected}, and is {_kind(value)}")


def string(value: Any) -> str:
    """Take a string; one of blanks alone is empty, which is not given."""
    if not isinstance(value, str):
        raise _instead('a string, such as "…"', value)
    return value.strip()


def _checked(parse: Callable[[str], Any]) -> Take:
    """Take a string of which `parse` can make something."""

    def take(value: Any) -> str:
        text = string(value)
        if text:
            parse(text)
        return text

    return take


def _name(value: Any) -> str:
    text = string(value)
    if len(text.splitlines()) > 1:
        raise ValueError("it has to stand on one line")
    return text


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _instead("true or false", value)
    return value


def _strings(value: Any, such_as: str, parse: Callable[[str], str]) -> tuple[str, ...]:
    expected = f"an array of strings, such as {such_as}"
    if not isinstance(value, list):
        raise _instead(expected, value)
    if others := [one for one in value if not isinstance(one, str)]:
        raise ValueError(f"it has to be {expected}, and has {_kind(others[0])} in it")
    return tuple(parse(one.strip()) for one in value)


def _languages(value: Any) -> tuple[str, ...]:
    found = _strings(value, '["en", "de"]', values.language)
    if not found:
        raise ValueError("it names no language: name one, or leave the key out")
    if twice := next((one for one in found if found.count(one) > 1), None):
        raise ValueError(f"{twice} is given twice")
    return found


def _tag(text: str) -> str:
    if not text or "," in text or len(text.splitlines()) > 1:
        raise ValueError(f"{text!r} is no tag: a tag is not empty and has no comma or line end")
    return text


def _tags(value: Any) -> tuple[str, ...]:
    return _strings(value, '["smoke", "nightly"]', _tag)


def _accept(value: Any) -> str:
    return ",".join(_strings(value, '["not-executed"]', values.one_of(*Check)))


def _reports(value: Any) -> str:
    found = _strings(value, '["junit", "page"]', values.one_of(*REPORTS))
    if not found:
        raise ValueError("it names no report: name one, or leave the key out")
    return ",".join(found)


def _counted(parse: Callable[[str], int], such_as: int) -> Take:
    """Take a whole number of which `parse` can make something."""

    def take(value: Any) -> str:
        if not isinstance(value, int) or isinstance(value, bool):
            raise _instead(f"a number, such as {such_as}", value)
        return str(parse(str(value)))

    return take


def _rate(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _instead("a number from 0 to 100", value)
    if not 0 <= value <= _EVERYTHING:
        raise ValueError("it has to be a number from 0 to 100")
    if 0 < value < 1:
        raise ValueError(f"{value:g} is less than one percent: did you mean {value * 100:g}?")
    return float(value)


def _day(value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _instead("a date without quotes, such as 2030-01-31", value)
    return value


def _on_or_off(value: Any) -> str:
    return "true" if _switch(value) else "false"


# What these settings can be tells itself, so it is checked also where it would not be used.
_CHECKED: Mapping[str, Take] = {
    "stream-id": _checked(values.identifier),
    "bot-language": _checked(values.language),
    "bot-version": _checked(values.one_of("published", "inDevelopment")),
    "timeout": _checked(values.duration),
    "parallel": _counted(values.at_once, 10),
    "retries": _counted(values.how_often, 1),
    "accept": _accept,
    "reports": _reports,
}
# Which run or shard it is about is told to each gate anew, and so is the way to the file.
_NOT_IN_FILE = ("test-suite", "test-run-id", "config", "tag", "shard")


def _take(setting: Setting) -> Take:
    return _CHECKED.get(setting.name) or (_on_or_off if setting.switch else string)


_RULES: dict[str, Take] = {"min-pass-rate": _rate, "blocking": _switch, "baseline": string}
TOP: dict[str, Take] = {
    setting.name: _take(setting)
    for setting in SETTINGS
    if not setting.secret and setting.name not in _NOT_IN_FILE
}
TOP |= _RULES
SUITE: dict[str, Take] = {"name": _name, "languages": _languages, "tags": _tags}
SUITE |= {
    name: TOP[name]
    for name in ("stream-id", "bot-version", "timeout", "retries", "accept", "strict-text")
}
SUITE |= _RULES
KNOWN_FAILURE: dict[str, Take] = {
    "suite": string,
    "step": string,
    "reason": string,
    "until": _day,
}
TABLES = {"suite": SUITE, "known-failure": KNOWN_FAILURE}
REQUIRED = {"suite": ("name",), "known-failure": ("step", "reason", "until")}
