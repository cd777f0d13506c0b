"""Reading the configuration file: its tables, and every problem with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from gatekeeper.core.text import one_line
from gatekeeper.errors import EncodingError, cause_of
from gatekeeper.settings.catalogue import BY_NAME, CONFIG, TEST_SUITE
from gatekeeper.settings.chosen_credentials import (
    unknown_credentials,
    without_unknown_credentials,
)
from gatekeeper.settings.credential_keys import CREDENTIALS_KEYS, NAME_PATTERN
from gatekeeper.settings.file_keys import CREDENTIALS, NAME, TABLES, TOP
from gatekeeper.settings.file_lines import FileLines, Place
from gatekeeper.settings.file_table import read_table, secrets_in
from gatekeeper.settings.sources import Reader
from gatekeeper.settings.table import Table
from gatekeeper.text_files import read_text

DEFAULT = "gatekeeper.toml"


class ConfigFile(msgspec.Struct, frozen=True):
    """The content of the configuration file; `top` is `None` if there is no such file.

    A suite's table has at least its name, a known failure's its step, reason and day. The tables of
    `credentials` are by their names.
    """

    top: Table | None = None
    suites: tuple[Table, ...] = ()
    known_failures: tuple[Table, ...] = ()
    credentials: Mapping[str, Table] = {}
    problems: list[str] = msgspec.field(default_factory=list)
    text: str = ""

    def suite(self, name: str) -> Table | None:
        """Return the table of a suite, if it has one."""
        return next((table for table in self.suites if table.get(NAME) == name), None)

    def chooses(self, name: str) -> bool:
        """Whether a suite's table chooses the credentials of this name."""
        return any(table.get(CREDENTIALS) == name for table in self.suites)

    @property
    def chooses_any(self) -> bool:
        """Whether a suite's table chooses credentials that are known."""
        return any(map(self.chooses, self.credentials))


def read_config_file(reader: Reader) -> ConfigFile:
    """Read the file that `config` names, or the one in the working folder; note its problems."""
    named = reader.read(CONFIG)
    path = named or Path(DEFAULT)
    place = one_line(str(path))
    text = ""
    try:
        text = read_text(path)
        from tomllib import loads

        reader.note_given(text)
        document = loads(text)
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, FileNotFoundError) and not named:
            return ConfigFile()
        problem = f"cannot read {place}: {_why(error)}"
        if isinstance(error, OSError) and named:
            reader.problem(CONFIG, problem)
        else:
            reader.note(problem)
        # Any setting that seems to be missing may be in the file.
        return ConfigFile(Table(place, {}, {}, frozenset(BY_NAME)), text=text)
    config = read_document(Place(place, FileLines(text)), document)
    for problem in config.problems:
        reader.note(problem)
    return replace(config, text=text)


def _why(error: OSError | ValueError | RecursionError) -> str:
    from tomllib import TOMLDecodeError

    if isinstance(error, TOMLDecodeError):
        return f"not valid TOML: {one_line(str(error))}"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    is_known = isinstance(error, OSError | EncodingError)
    return cause_of(error) if is_known else one_line(str(error))


def read_document(place: Place, document: Mapping[str, Any]) -> ConfigFile:
    """Read a parsed TOML document; `place` is its top."""
    problems: list[str] = []
    arrays = {name: _array(place, name, document.get(name, []), problems) for name in TABLES}
    rest = {
        key: value
        for key, value in document.items()
        if key not in arrays and key != CREDENTIALS.name
    }
    top = read_table(place, rest, TOP, problems)
    tables = {
        name: [
            read_table(_place(place, name, number, raw), raw, TABLES[name], problems)
            for number, raw in enumerate(array)
        ]
        for name, array in arrays.items()
    }
    credentials = _read_credentials(place, document.get(CREDENTIALS.name, {}), problems)
    suites = [table for table in tables["suite"] if table.get(NAME)]
    problems += _namesakes(suites)
    if credentials is not None:
        problems += unknown_credentials(suites, credentials)
    suites = [without_unknown_credentials(table, credentials or {}) for table in suites]
    if document.get("suite") and len(suites) < max(1, len(tables["suite"])):
        # A suite is configured, but its name is not known.
        top = replace(top, invalid=top.invalid | {TEST_SUITE.name})
    known_failures = (table for table in tables["known-failure"] if not table.invalid)
    return ConfigFile(top, tuple(suites), tuple(known_failures), credentials or {}, problems)


def _array(place: Place, name: str, value: Any, problems: list[str]) -> list[dict[str, Any]]:
    """Return an array's tables; note a problem if it is anything else, and each secret in it."""
    if isinstance(value, list) and all(isinstance(table, dict) for table in value):
        return value
    problems += secrets_in(place, {name: value})
    problems.append(f"{place.at(name)}: {name}: write a separate [[{name}]] table for each")
    return []


def _read_credentials(file: Place, value: Any, problems: list[str]) -> dict[str, Table] | None:
    """Return the tables of credentials by their names; `None` if they are anything else.

    Notes what is wrong with them.
    """
    name = CREDENTIALS.name
    if not isinstance(value, dict) or not all(isinstance(raw, dict) for raw in value.values()):
        problems += secrets_in(file, {name: value})
        why = f"write a table [{name}.NAME] for each, such as [{name}.booking]"
        problems.append(f"{file.at(name)}: {name}: {why}")
        return None
    tables: dict[str, Table] = {}
    for key, raw in value.items():
        place = Place(f'{file.text}, {name} "{one_line(key, 60)}"', file.lines, f"{name}.{key}")
        if not re.fullmatch(NAME_PATTERN, key):
            why = "the name can have only letters, digits, - and _, 60 at most"
            problems.append(f"{place.head}: {why}")
        tables[key] = read_table(place, raw, CREDENTIALS_KEYS, problems)
    return tables


def _place(file: Place, table: str, index: int, raw: Mapping[str, Any]) -> Place:
    name = raw.get("name") if table == "suite" else None
    is_known = isinstance(name, str) and name.strip()
    which = f'"{one_line(str(name))}"' if is_known else index + 1
    return Place(f"{file.text}, {table} {which}", file.lines, table, index)


def _namesakes(suites: list[Table]) -> Iterator[str]:
    """Yield a problem for each suite with the name of an earlier one."""
    seen: set[str | None] = set()
    for table in suites:
        name = table.get(NAME)
        if name in seen:
            why = "another suite above has this name: merge them into one table"
            yield f"{table.at(NAME.name)}: {why}"
        seen.add(name)
