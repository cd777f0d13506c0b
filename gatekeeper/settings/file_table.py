"""Reading one table of the configuration file: its values, and every problem with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gatekeeper.core.text import one_line
from gatekeeper.settings.catalogue import BY_NAME, SETTINGS, TEST_SUITE
from gatekeeper.settings.credential_keys import VariableName
from gatekeeper.settings.file_keys import ALL_TABLES, CREDENTIALS, TABLES, TOP, Keys
from gatekeeper.settings.file_lines import Place
from gatekeeper.settings.table import Table
from gatekeeper.settings.unexpanded import why_unexpanded

_SECRETS = {setting.name: setting.variable for setting in SETTINGS if setting.secret}


def read_table(place: Place, raw: Mapping[str, Any], keys: Keys, problems: list[str]) -> Table:
    """Read a table that can have these keys; add what is wrong with it to the problems."""
    values: dict[str, Any] = {}
    invalid: set[str] = set()
    problems += secrets_in(place, raw, keys)
    for name, value in raw.items():
        if _plain(name) in _SECRETS:
            invalid.add(_plain(name))
            continue
        if name not in keys:
            problems.append(f"{place.at(name)}: {_unknown(name, keys)}")
            continue
        try:
            values[name] = keys[name].kind.from_toml(value)
        except ValueError as error:
            kind = keys[name].kind
            # "Set the value it stands for" would be wrong, and have a secret in the file.
            is_text = isinstance(value, str) and not isinstance(kind, VariableName)
            unexpanded = is_text and why_unexpanded(kind, value.strip())
            problems.append(f"{place.at(name)}: {name}: {unexpanded or error}")
            invalid.add(name)
    values = {name: value for name, value in values.items() if value is not None}
    for name, key in keys.items():
        if key.required and name not in values and name not in invalid:
            problems.append(f"{place.head}: {name} is missing")
            invalid.add(name)
    texts = {name: _text(raw[name]) for name in values}
    return Table(place.text, values, texts, frozenset(invalid), place)


def _text(value: Any) -> str:
    """Return a value as the text that a flag would have."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str.strip, value)) if isinstance(value, list) else str(value).strip()


def _plain(key: str) -> str:
    """Return a key in the catalogue's spelling."""
    return key.strip().lower().replace("_", "-")


def _unknown(key: str, keys: Keys) -> str:
    """Return why a table cannot have a key, and what may have been meant."""
    quoted = f'"{one_line(key, 60)}"'
    if key == TEST_SUITE.name:
        return f"{quoted} cannot be set in the file: add a [[suite]] table for each suite"
    if f"{key}-variable" in keys:
        way = f"set {key}-variable to the name of a variable that has it"
        return f"{quoted} cannot be set in this table: {way}"
    if key in BY_NAME and key not in TOP:
        setting = BY_NAME[key]
        ways = f"{setting.flag}, {setting.variable} or the input {key}"
        return f"{quoted} cannot be set in the file: set {ways}"
    if place := _place_of(key):
        return f"{quoted} belongs {place}"
    from difflib import get_close_matches

    tables = (*TABLES, CREDENTIALS.name) if keys is TOP else ()
    if nearest := get_close_matches(_plain(key), [*keys, *tables], 1):
        return f'{quoted} is unknown: did you mean "{nearest[0]}"?'
    return f"{quoted} is unknown: the keys are {', '.join(keys)}"


def _place_of(key: str) -> str:
    """Return where in the file a key belongs; empty if it is unknown."""
    if key in TOP:
        return "at the top of the file, above the first table"
    header = next((header for header, keys in ALL_TABLES.items() if key in keys), None)
    return f"in a {header} table" if header else ""


def secrets_in(place: Place, raw: Mapping[str, Any], keys: Iterable[str] = ()) -> Iterator[str]:
    """Yield a problem for each secret in a table, which can have these keys, at any depth."""
    # Not by recursion: keys with many dots nest deeper than the stack.
    waiting: list[Any] = [raw]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            for key in filter(lambda key: _plain(key) in _SECRETS, value):
                by_name = f"{_plain(key)}-variable"
                way = f"set {_SECRETS[_plain(key)]}"
                if by_name in keys:
                    way = f"set {by_name} to the name of a variable that has it"
                problem = f"{key} is a secret and cannot be set in a file: {way}"
                yield f"{place.at(key)}: {problem}"
        if isinstance(value, dict | list):
            waiting += value.values() if isinstance(value, dict) else value
