"""Reading settings from all of their sources, and collecting every problem."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from gatekeeper.errors import ConfigurationError
from gatekeeper.known_secrets import secret_like, secrets_of
from gatekeeper.kore.credentials_names import UNNAMED
from gatekeeper.redaction import Redactor
from gatekeeper.settings.catalogue import SETTINGS, TEST_SUITE
from gatekeeper.settings.contents import is_file, secret_in
from gatekeeper.settings.precedence import Sources, Unused
from gatekeeper.settings.setting import Key, Setting
from gatekeeper.settings.table import Table
from gatekeeper.settings.unexpanded import why_unexpanded

Value = TypeVar("Value")
Loaded = TypeVar("Loaded")


class Reader(Sources):
    """Reads settings, and collects problems, warnings and unused values on the way.

    A value can be a secret in the wrong place, so problems and warnings are masked. `unusable` has
    the names of the settings that are missing or have a problem. `names` are what messages call the
    credentials and settings that it reads; `named` has the readers of credentials with a name.
    """

    names = UNNAMED

    def __init__(
        self, flags: Mapping[str, Any], environ: Mapping[str, str], *tables: Table
    ) -> None:
        super().__init__(flags, environ, *tables)
        self._problems: list[str] = []
        self._warnings: list[str] = []
        self._texts: list[str] = []
        self._secrets: list[str] = []
        self.unused: list[Unused] = []
        self.unusable: set[str] = set()
        self.named: dict[str, Reader] = {}

    def within(self, table: Table, kept: Iterable[str] = ()) -> Reader:
        """Return a reader that looks into a table before those of this reader.

        Both collect into the same lists. Nothing outside of the file overrides the settings of the
        table whose names are `kept`.
        """
        inner = Reader(self._flags, self._environ, table, *self._tables)
        self.collect_for(inner)
        inner.kept = self.kept.union(set(kept) & {*table.values, *table.invalid})
        inner.unusable, inner.named = self.unusable, self.named
        return inner

    def collect_for(self, other: Reader) -> None:
        """Have another reader collect what it finds into the lists of this one."""
        other._problems, other._warnings = self._problems, self._warnings
        other._texts, other._secrets = self._texts, self._secrets
        other.unused = self.unused

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
        given = (given.text for setting in SETTINGS for given in self.given_outside(setting))
        like_secrets = secret_like([*given, *self._texts])
        return Redactor([*secrets_of(self._environ), *self._secrets, *like_secrets])

    def note_given(self, text: str) -> None:
        """Note a text, such as the configuration file, that problems may repeat parts of."""
        self._texts.append(text)

    def read(self, setting: Setting[Value]) -> Value:
        """Return a setting's value or its default; if it is invalid, note that and return empty."""
        source, text = self._given(setting)
        if not source:
            return setting.default_value
        self._add_unused(*self.unused_values(setting))
        unexpanded = why_unexpanded(setting.kind, text)
        in_file = self.in_file(setting)
        try:
            if in_file is None or self.overrides_file(setting):
                value = setting.kind.from_text(text)
            else:
                # Of the right type already; its text only stands for it in messages.
                _, value = in_file
        except ValueError as error:
            self.unusable.add(setting.name)
            self.note(f"{source}: {unexpanded or error}")
            return setting.kind.empty
        if unexpanded:
            self.warn(f"{source}: {unexpanded}")
        return value

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
            unexpanded = why_unexpanded(setting.kind, str(path))
            self.problem(setting, f"{error}; {unexpanded}" if unexpanded else str(error))
            return otherwise

    def secret(self, setting: Setting[str], file: Setting[Path | None]) -> str:
        """Return a secret, from its own setting or from the file that another one names.

        Returns an empty text after a problem, and if neither is given.
        """
        self.only_one(setting, file)
        text = self.read(setting)
        # GitLab sets a variable of the type "file" to the path of a file with its value.
        if text and is_file(text):
            self.problem(setting, f"{setting.name} is the path of a file: set {file.name} instead")
            return ""
        secret = text or self.load(file, secret_in, "")
        self._secrets.append(secret)
        return secret

    def leave_unused(self, setting: Setting[Any], why: str) -> None:
        """Record that a setting is not used, if it is given."""
        source, text = self._given(setting)
        if source:
            self._add_unused(Unused(setting, source, text, why))

    def _add_unused(self, *values: Unused) -> None:
        for value in values:
            if value not in self.unused:
                self.unused.append(value)

    def problem(self, setting: Setting[Any], why: str) -> None:
        """Note a problem of a setting, after the source that it was given by."""
        self.unusable.add(setting.name)
        self.note(f"{self._place(setting) or setting.flag or setting.variable}: {why}")

    def _place(self, setting: Setting[Any]) -> str:
        """Return where a setting is given, as `source` does, with its line in the file."""
        source = self.source(setting)
        places = ((table.place, table.at) for table in self._tables if setting.name in table.values)
        found = (at for place, at in places if source == f"{place}: {setting.name}")
        at = next(found, None)
        return f"{at(setting.name)}: {setting.name}" if at else source

    def note(self, problem: str) -> None:
        """Note a problem, once."""
        if problem not in self._problems:
            self._problems.append(problem)

    def warn(self, warning: str) -> None:
        """Note a warning, once."""
        if warning not in self._warnings:
            self._warnings.append(warning)

    def is_unknown(self, setting: Setting[Any]) -> bool:
        """Whether the file sets a setting, or may set it, to a value that is not known."""
        return not self.overrides_file(setting) and self.is_invalid(setting)

    def is_invalid(self, key: Key[Any]) -> bool:
        """Whether the file sets a key, or may set it, to a value that is not known."""
        return any(key.name in table.invalid for table in self._tables)

    def missing(self, setting: Setting[Any], why: str = "", cause: str = "") -> None:
        """Note that a setting is missing, why it is needed, how to set it, and the likely cause."""
        name = setting.name
        self.unusable.add(name)
        if self.is_invalid(setting):
            return
        flag = setting.flag or f"--{name}-file"
        reason = f" ({why})" if why else ""
        ways = f"set {flag}, {setting.variable} or the input {name}"
        if self._tables and not setting.secret:
            what = "a [[suite]] table" if setting is TEST_SUITE else name
            ways += f", or add {what} to {self._tables[-1].place}"
        self.note(f"{name} is missing{reason}: {ways}{cause and f'. {cause}'}")

    def only_one(self, *settings: Setting[Any]) -> None:
        """Note a problem if more than one of these settings is given."""
        sources = [self.source(setting) for setting in settings if self.is_given(setting)]
        if len(sources) > 1:
            self.unusable.update(setting.name for setting in settings)
            self.note(f"{' and '.join(sources)} are both set: use only one of them")

    def finish(self) -> None:
        """Raise `ConfigurationError` with all problems, if there are any."""
        if self._problems:
            raise ConfigurationError(self.problems)
