"""The configuration file read: its tables, and every problem with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from gatekeeper.core.text import one_line
from gatekeeper.errors import cause_of
from gatekeeper.settings.catalogue import BY_NAME, SETTINGS
from gatekeeper.settings.file_schema import REQUIRED, TABLES, TOP, Take
from gatekeeper.settings.sources import Reader, Table

DEFAULT = "gatekeeper.toml"
_SECRETS = {setting.name: setting.variable for setting in SETTINGS if setting.secret}


class ConfigFile(msgspec.Struct, frozen=True):
    """What the configuration file says; `top` is `None` where there is no such file.

    A suite's table has its name, a known failure's its step, reason and day.
    """

    top: Table | None = None
    suites: tuple[Table, ...] = ()
    known_failures: tuple[Table, ...] = ()
    problems: list[str] = msgspec.field(default_factory=list)

    def suite(self, name: str) -> Table | None:
        """Return the table of the suite of this name, if it has one."""
        return next((one for one in self.suites if one.values["name"] == name), None)


def read_config_file(reader: Reader) -> ConfigFile:
    """Read the file that the settings name, or the one in the working folder, and its problems."""
    named = reader.given("config")
    place = one_line(named or DEFAULT)
    try:
        text = Path(named or DEFAULT).read_text(encoding="utf-8-sig")
        from tomllib import loads

        document = loads(text)
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, FileNotFoundError) and not named:
            return ConfigFile()
        if isinstance(error, OSError) and named:
            reader.problem("config", f"{place} cannot be read: {_why(error)}")
        else:
            reader.note(f"{place} cannot be read: {_why(error)}")
        # Whatever seems to be missing may well stand in it.
        return ConfigFile(Table(place, {}, wrong=frozenset(BY_NAME)))
    found = read_document(place, document)
    for problem in found.problems:
        reader.note(problem)
    return found


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return cause_of(error)
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    from tomllib import TOMLDecodeError

    if isinstance(error, TOMLDecodeError):
        return f"it is no TOML: {one_line(str(error))}"
    return "it is not text in UTF-8" if isinstance(error, UnicodeError) else one_line(str(error))


def read_document(place: str, document: Mapping[str, Any]) -> ConfigFile:
    """Read what a file's TOML says; `place` is what the file is called."""
    problems: list[str] = []
    arrays = {key: _array(place, key, document.get(key, []), problems) for key in TABLES}
    told = {key: value for key, value in document.items() if key not in arrays}
    top = _read_table(place, told, TOP, (), problems)
    tables = {
        key: [
            _read_table(_place(place, key, number, raw), raw, TABLES[key], REQUIRED[key], problems)
            for number, raw in enumerate(raws, 1)
        ]
        for key, raws in arrays.items()
    }
    suites = [table for table in tables["suite"] if "name" in table.values]
    problems += _namesakes(suites)
    if document.get("suite") and len(suites) < max(1, len(tables["suite"])):
        # There is a suite to run, though which it is cannot be told.
        top = replace(top, wrong=top.wrong | {"test-suite"})
    failures = (one for one in tables["known-failure"] if not one.wrong)
    return ConfigFile(top, tuple(suites), tuple(failures), problems)


def _array(place: str, key: str, value: Any, problems: list[str]) -> list[dict[str, Any]]:
    """Return an array's tables; what is none is a problem, and what it hides is looked through."""
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        return value
    problems += _leaks(place, {key: value})
    problems.append(f"{place}: {key}: write each as a table of its own, under [[{key}]]")
    return []


def _place(file: str, key: str, number: int, raw: Mapping[str, Any]) -> str:
    name = raw.get("name") if key == "suite" else None
    known = isinstance(name, str) and name.strip()
    return f'{file}, {key} "{one_line(str(name))}"' if known else f"{file}, {key} {number}"


def _read_table(
    place: str,
    raw: Mapping[str, Any],
    keys: Mapping[str, Take],
    required: Iterable[str],
    problems: list[str],
) -> Table:
    values: dict[str, Any] = {}
    wrong: set[str] = set()
    problems += _leaks(place, raw)
    for key, value in raw.items():
        if _plain(key) in _SECRETS:
            wrong.add(_plain(key))
            continue
        try:
            if key not in keys:
                problems.append(f"{place}: {_unknown(key, keys)}")
            elif (taken := keys[key](value)) or not isinstance(value, str):
                values[key] = taken
        except ValueError as error:
            problems.append(f"{place}: {key}: {error}")
            wrong.add(key)
    for key in required:
        if key not in values and key not in wrong:
            problems.append(f"{place}: {key} is missing")
            wrong.add(key)
    return Table(place, values, frozenset(wrong))


def _plain(key: str) -> str:
    """Return a key as the catalogue would spell it."""
    return key.strip().lower().replace("_", "-")


def _unknown(key: str, keys: Mapping[str, Take]) -> str:
    """Say that a key is unknown, and which one may have been meant."""
    told = f'"{one_line(key, 60)}"'
    if key == "test-suite":
        return f"{told} cannot stand here: write a [[suite]] table for each suite"
    if key in BY_NAME and key not in TOP:
        setting = BY_NAME[key]
        ways = f"{setting.flag}, {setting.variable} or the input {key}"
        return f"{told} cannot stand in the file: set {ways}"
    if key in TOP:
        return f"{told} belongs at the top of the file, above the first [[suite]]"
    if table := next((name for name, others in TABLES.items() if key in others), None):
        return f"{told} belongs in a [[{table}]] table"
    from difflib import get_close_matches

    if nearest := get_close_matches(_plain(key), [*keys, *(TABLES if keys is TOP else ())], 1):
        return f'{told} is unknown; did you mean "{nearest[0]}"?'
    return f"{told} is unknown; there are {', '.join(keys)}"


def _leaks(place: str, raw: Mapping[str, Any]) -> Iterator[str]:
    """Find the secrets in a table, however deep."""
    # Not by recursion: keys with many dots nest deeper than the stack is.
    waiting: list[Any] = [raw]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            for key in filter(lambda key: _plain(key) in _SECRETS, value):
                variable = _SECRETS[_plain(key)]
                yield f"{place}: {key} is a secret and cannot stand in a file: set {variable}"
        if isinstance(value, dict | list):
            waiting += value.values() if isinstance(value, dict) else value


def _namesakes(suites: Iterable[Table]) -> Iterator[str]:
    """Find suites that have the name of one before them."""
    seen: set[str] = set()
    for table in suites:
        name = table.values["name"]
        if name in seen:
            yield f"{table.place}: there is a suite of this name above it; write them as one table"
        seen.add(name)
