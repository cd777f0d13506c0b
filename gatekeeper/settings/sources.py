"""Reading settings from everything that can give them, problems and all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from gatekeeper.errors import ConfigurationError
from gatekeeper.settings.catalogue import BY_NAME, Setting
from gatekeeper.settings.parse import file_text

Value = TypeVar("Value")
_OFF = ("false", "no", "off", "0")


class Table(msgspec.Struct, frozen=True):
    """What a table of the configuration file says: settings of the catalogue as texts.

    `place` is where it stands, as a person finds it. What was to be said under the names in
    `wrong` is not known, because it was said wrongly; that is noted already.
    """

    place: str
    values: Mapping[str, Any]
    wrong: frozenset[str] = frozenset()


class Reader:
    """Reads settings from their sources, and collects problems and warnings on the way.

    A flag beats the variable, which beats the input, which beats the configuration file; what is
    empty is not given.
    """

    def __init__(
        self, flags: Mapping[str, Any], environ: Mapping[str, str], *tables: Table
    ) -> None:
        self._flags = flags
        self._environ = environ
        self._tables = tables
        self.problems: list[str] = []
        self.warnings: list[str] = []

    def within(self, table: Table) -> Reader:
        """Return one that reads a table as well, before those that this one reads."""
        inner = Reader(self._flags, self._environ, table, *self._tables)
        inner.problems, inner.warnings = self.problems, self.warnings
        return inner

    def given(self, name: str) -> str:
        """Return a setting's value as it was given, its default, or an empty text."""
        return self._source(name)[1] or BY_NAME[name].default

    def where(self, name: str) -> str:
        """Say where a setting was given, in the words of whoever gave it; empty if it was not."""
        where, text = self._source(name)
        return where if text else ""

    def chosen(self, name: str) -> bool:
        """Whether somebody chose a setting's value, be it the default: one handed over is none."""
        where, text = self._source(name)
        setting = BY_NAME[name]
        handed_over = where in (setting.variable, f"input {name}") and _is_default(setting, text)
        return bool(text) and not handed_over

    def in_file(self, name: str) -> tuple[str, Any] | None:
        """Return where the configuration file says something under this name, and what."""
        for table in self._tables:
            if name in table.values:
                return table.place, table.values[name]
        return None

    def beats_file(self, name: str) -> bool:
        """Whether something is given that the configuration file would not be heard against."""
        return any(self._outside(name, beside_file=True))

    def read(self, name: str, parse: Callable[[str], Value], default: Value) -> Value:
        """Parse a setting; where that raises `ValueError`, note it and take the default."""
        text = self.given(name)
        try:
            return parse(text) if text else default
        except ValueError as error:
            self.problem(name, str(error))
            return default

    def problem(self, name: str, why: str) -> None:
        """Note what is wrong with a setting, under the name by which it was given."""
        self.note(f"{self._source(name)[0]}: {why}")

    def note(self, problem: str) -> None:
        """Note a problem, once."""
        if problem not in self.problems:
            self.problems.append(problem)

    def warn(self, warning: str) -> None:
        """Note what is odd, once."""
        if warning not in self.warnings:
            self.warnings.append(warning)

    def require(self, name: str, parse: Callable[[str], str] = str, why: str = "") -> str:
        """Read a setting that has to be given, and note the problem where it is not."""
        if not self.given(name):
            self.missing(name, why)
        return self.read(name, parse, "")

    def missing(self, name: str, why: str = "") -> None:
        """Note that a setting is missing, and all the ways to give it."""
        if any(name in table.wrong for table in self._tables):
            return
        setting = BY_NAME[name]
        flag = setting.flag or f"--{name}-file"
        reason = f" ({why})" if why else ""
        ways = f"set {flag}, {setting.variable} or the input {name}"
        if self._tables and not setting.secret:
            what = "a [[suite]] table" if name == "test-suite" else name
            ways += f", or write {what} in {self._tables[-1].place}"
        self.note(f"{name} is missing{reason}: {ways}")

    def only_one(self, *names: str) -> None:
        """Note a problem where more than one of these settings is given."""
        given = [self._source(name)[0] for name in names if self.given(name)]
        if len(given) > 1:
            self.note(f"{' and '.join(given)} are both given: give one of them")

    def secret(self, name: str) -> str:
        """Return a secret, from its own setting or from the file that `<name>-file` names."""
        self.only_one(name, f"{name}-file")
        return self.given(name) or self.read(f"{name}-file", file_text, "")

    def finish(self) -> None:
        """Raise `ConfigurationError` with all problems, if there are any."""
        if self.problems:
            raise ConfigurationError(self.problems)

    def _source(self, name: str) -> tuple[str, str]:
        """Return where a setting was given, in the words of whoever gave it, and its value."""
        setting = BY_NAME[name]
        told = self.in_file(name)
        for where, text in self._outside(name, beside_file=told is not None):
            return where, text
        if told:
            return f"{told[0]}: {name}", told[1]
        return setting.flag or setting.variable, ""

    def _outside(self, name: str, *, beside_file: bool) -> Iterator[tuple[str, str]]:
        """Yield where a setting was given outside of the configuration file, the first to be heard.

        GitHub and GitLab hand over an input's default as if somebody had chosen it. So where the
        file says something, the default is heard only from a flag.
        """
        setting = BY_NAME[name]
        for where, value in (
            (setting.flag, self._flags.get(name.replace("-", "_"))),
            (setting.variable, self._environ.get(setting.variable)),
            (f"input {name}", self._environ.get(setting.input_variable)),
        ):
            if where and (text := _flat(value)):
                handed_over = beside_file and where != setting.flag and _is_default(setting, text)
                if not handed_over:
                    yield where, text


def _is_default(setting: Setting, text: str) -> bool:
    return text.lower() in _OFF if setting.switch else text == setting.default


def _flat(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    return "\n".join(value).strip() if isinstance(value, tuple) else str(value or "").strip()
