"""Reading settings from all of their sources, and collecting every problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from gatekeeper.errors import ConfigurationError
from gatekeeper.known_secrets import secret_like, secrets_of
from gatekeeper.redaction import Redactor
from gatekeeper.settings.catalogue import SETTINGS, TEST_SUITE
from gatekeeper.settings.contents import secret_in
from gatekeeper.settings.kinds import OFF, Switch
from gatekeeper.settings.setting import Key, Setting

Value = TypeVar("Value")
Loaded = TypeVar("Loaded")


class Table(msgspec.Struct, frozen=True):
    """A table of the configuration file: its values, and the texts that they were read from.

    `place` tells a person where it is. The keys in `invalid` are set, but their values are not
    known; their problems are already noted.
    """

    place: str
    values: Mapping[str, Any]
    texts: Mapping[str, str]
    invalid: frozenset[str] = frozenset()

    def get(self, key: Key[Value]) -> Value | None:
        """Return the value of a key, or `None` if it is not set."""
        value: Value | None = self.values.get(key.name)
        return value


class Reader:
    """Reads settings, and collects problems and warnings on the way.

    A flag overrides the variable, which overrides the input, which overrides the configuration
    file. Blank values do not count as given. A value can be a secret in the wrong place, so
    problems and warnings are masked.
    """

    def __init__(
        self, flags: Mapping[str, Any], environ: Mapping[str, str], *tables: Table
    ) -> None:
        self._flags = flags
        self._environ = environ
        self._tables = tables
        self._problems: list[str] = []
        self._warnings: list[str] = []
        self._texts: list[str] = []
        self._secrets: list[str] = []

    def within(self, table: Table) -> Reader:
        """Return a reader that looks into a table before those of this reader.

        Both collect the same problems and warnings.
        """
        inner = Reader(self._flags, self._environ, table, *self._tables)
        inner._problems, inner._warnings = self._problems, self._warnings
        inner._texts, inner._secrets = self._texts, self._secrets
        return inner

    @property
    def problems(self) -> list[str]:
        """The problems so far."""
        return [*map(self.redactor.text, self._problems)] if self._problems else []

    @property
    def warnings(self) -> list[str]:
        """The warnings so far."""
        return [*map(self.redactor.text, self._warnings)] if self._warnings else []

    @property
    def redactor(self) -> Redactor:
        """Masks the secrets that are given so far, and values that look like one."""
        given = (
            _text(value)
            for setting in SETTINGS
            for value in (
                self._flags.get(setting.parameter),
                self._environ.get(setting.variable),
                self._environ.get(setting.input_variable),
            )
        )
        like_secrets = secret_like([*given, *self._texts])
        return Redactor([*secrets_of(self._environ), *self._secrets, *like_secrets])

    def note_given(self, text: str) -> None:
        """Note a text, such as the configuration file, that problems may repeat parts of."""
        self._texts.append(text)

    def read(self, setting: Setting[Value]) -> Value:
        """Return a setting's value or its default; if it is invalid, note that and return empty."""
        in_file = self.in_file(setting)
        for source, text in self._outside(setting, beside_file=in_file is not None):
            try:
                return setting.kind.from_text(text)
            except ValueError as error:
                self.note(f"{source}: {error}")
                return setting.kind.empty
        return in_file[1] if in_file else setting.default_value

    def require(self, setting: Setting[Value], why: str = "") -> Value:
        """Read a setting that must be given, and note a problem if it is not."""
        if not self.is_given(setting):
            self.missing(setting, why)
        return self.read(setting)

    def load(
        self,
        setting: Setting[Path | None],
        load: Callable[[Path], Loaded],
        otherwise: Loaded,
    ) -> Loaded:
        """Return what `load` makes of the path that is given; if it raises `ValueError`, note it.

        Returns `otherwise` after a problem, and if no path is given.
        """
        path = self.read(setting)
        if path is None or not self.is_given(setting):
            return otherwise
        try:
            return load(path)
        except ValueError as error:
            self.problem(setting, str(error))
            return otherwise

    def secret(self, setting: Setting[str], file: Setting[Path | None]) -> str:
        """Return a secret, from its own setting or from the file that another one names."""
        self.only_one(setting, file)
        found = self.read(setting) or self.load(file, secret_in, "")
        self._secrets.append(found)
        return found

    def is_given(self, setting: Setting[Any]) -> bool:
        """Whether any source has a value."""
        return bool(self.source(setting))

    def is_chosen(self, setting: Setting[Any]) -> bool:
        """Whether somebody chose the value: an input's default, passed on by a platform, is not."""
        return self.in_file(setting) is not None or self.overrides_file(setting)

    def source(self, setting: Setting[Any]) -> str:
        """Return where a setting is given, in the user's words; empty if it is not."""
        return self._given(setting)[0]

    def text(self, setting: Setting[Any]) -> str:
        """Return a setting as it is written where it is given, or its default."""
        return self._given(setting)[1] or setting.default_text

    def in_file(self, key: Key[Value]) -> tuple[str, Value] | None:
        """Return the place in the configuration file where a key is set, and its value."""
        for table in self._tables:
            value = table.get(key)
            if value is not None:
                return table.place, value
        return None

    def overrides_file(self, setting: Setting[Any]) -> bool:
        """Whether a source has a value that overrides the configuration file."""
        return any(self._outside(setting, beside_file=True))

    def problem(self, setting: Setting[Any], why: str) -> None:
        """Note a problem of a setting, after the source that it was given by."""
        self.note(f"{self.source(setting) or setting.flag or setting.variable}: {why}")

    def note(self, problem: str) -> None:
        """Note a problem, once."""
        if problem not in self._problems:
            self._problems.append(problem)

    def warn(self, warning: str) -> None:
        """Note a warning, once."""
        if warning not in self._warnings:
            self._warnings.append(warning)

    def missing(self, setting: Setting[Any], why: str = "") -> None:
        """Note that a setting is missing, and all the ways to set it."""
        name = setting.name
        if any(name in table.invalid for table in self._tables):
            return
        flag = setting.flag or f"--{name}-file"
        reason = f" ({why})" if why else ""
        ways = f"set {flag}, {setting.variable} or the input {name}"
        if self._tables and not setting.secret:
            what = "a [[suite]] table" if setting is TEST_SUITE else name
            ways += f", or add {what} to {self._tables[-1].place}"
        self.note(f"{name} is missing{reason}: {ways}")

    def only_one(self, *settings: Setting[Any]) -> None:
        """Note a problem if more than one of these settings is given."""
        sources = [self.source(setting) for setting in settings if self.is_given(setting)]
        if len(sources) > 1:
            self.note(f"{' and '.join(sources)} are both set: use only one of them")

    def finish(self) -> None:
        """Raise `ConfigurationError` with all problems, if there are any."""
        if self._problems:
            raise ConfigurationError(self.problems)

    def _given(self, setting: Setting[Any]) -> tuple[str, str]:
        """Return the source of a setting, and its text; both are empty if it is not given."""
        in_file = self.in_file(setting)
        for source, text in self._outside(setting, beside_file=in_file is not None):
            return source, text
        for table in self._tables:
            if setting.name in table.values:
                return f"{table.place}: {setting.name}", table.texts[setting.name]
        return "", ""

    def _outside(self, setting: Setting[Any], *, beside_file: bool) -> Iterator[tuple[str, str]]:
        """Yield the sources outside of the file that have a value, in order of precedence.

        GitHub and GitLab pass on an input's default as if somebody had chosen it. So `beside_file`,
        a default counts only if a flag gives it.
        """
        for source, value in (
            (setting.flag, self._flags.get(setting.parameter)),
            (setting.variable, self._environ.get(setting.variable)),
            (f"input {setting.name}", self._environ.get(setting.input_variable)),
        ):
            if source and (text := _text(value)):
                passed_on = source != setting.flag and _is_default(setting, text)
                if not (beside_file and passed_on):
                    yield source, text


def _is_default(setting: Setting[Any], text: str) -> bool:
    if isinstance(setting.kind, Switch):
        return text.lower() in OFF
    return text == setting.default_text


def _text(value: str | tuple[str, ...] | bool | None) -> str:  # noqa: FBT001 - a flag's value
    """Return the text of a flag or a variable; empty if it is not given."""
    if isinstance(value, bool):
        return "true" if value else ""
    return "\n".join(value).strip() if isinstance(value, tuple) else (value or "").strip()
