"""Reading the credentials of all suites: those without a name, and those of the file's tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gatekeeper.core.text import one_line
from gatekeeper.kore.credentials_names import UNNAMED, CredentialsNames
from gatekeeper.kore.token import Credentials, ReadyToken
from gatekeeper.redaction import MASK
from gatekeeper.settings.catalogue import (
    CA_BUNDLE,
    CLIENT_SECRET,
    CLIENT_SECRET_FILE,
    HOST,
    PRIVATE_KEY,
    PRIVATE_KEY_FILE,
)
from gatekeeper.settings.config_file import ConfigFile
from gatekeeper.settings.credential_keys import CREDENTIAL_SETTINGS, CREDENTIALS_KEYS, variable_key
from gatekeeper.settings.credentials import read_credentials
from gatekeeper.settings.file_keys import CREDENTIALS
from gatekeeper.settings.outside import Given
from gatekeeper.settings.precedence import Unused
from gatekeeper.settings.setting import Setting
from gatekeeper.settings.sources import Reader
from gatekeeper.settings.table import Table

_UNREAD = ReadyToken("")
"""Stands for credentials with a problem."""


class TableReader(Reader):
    """Reads credentials from their table and the variables that it names, and nowhere else."""

    def __init__(
        self, environ: Mapping[str, str], table: Table, names: CredentialsNames, outer: Reader
    ) -> None:
        super().__init__({}, environ, table)
        outer.collect_for(self)
        self.names = names
        self.table = table

    def variable(self, setting: Setting[Any]) -> str | None:
        """Return the name of the variable that has a setting, if the table names one."""
        name: str | None = self.table.values.get(variable_key(setting))
        return name

    def given_outside(self, setting: Setting[Any]) -> Iterator[Given]:
        """Yield the value of the variable that the table names for a setting, if it is set."""
        name = self.variable(setting)
        if name and (text := self._environ.get(name, "").strip()):
            yield Given(f"{self.table.place}: {name}", text)

    def problem(self, setting: Setting[Any], why: str) -> None:
        """Note a problem of a setting, by the name that it has in a table."""
        super().problem(setting, self.names.advice(why))

    def missing(self, setting: Setting[Any], why: str = "", cause: str = "") -> None:  # noqa: ARG002 - a variable may be unset for it, no key
        """Note that the table lacks a setting, and which keys it can have for it."""
        self.unusable.add(setting.name)
        keys = " or ".join(key for key in _keys(setting) if key in CREDENTIALS_KEYS)
        reason = f" ({self.names.advice(why)})" if why else ""
        self.note(f"{self.table.head}: {setting.name} is missing{reason}: add {keys}")

    def note_unset(self, test_suite: str, why_no_secrets: str) -> bool:
        """Note each variable that the table names but that has no value; return whether any."""
        unset = [
            setting
            for setting in CREDENTIAL_SETTINGS
            if self.variable(setting) and not any(self.given_outside(setting))
        ]
        for setting in unset:
            self.unusable.add(setting.name)
            self.note(
                f"{self.table.at(variable_key(setting))}: {self.variable(setting)} is not set, or "
                f'empty, but suite "{one_line(test_suite)}" uses these credentials: set it in the '
                f"environment of the job{why_no_secrets and f'. {why_no_secrets}'}"
            )
        return bool(unset)

    def _add_unused(self, *values: Unused) -> None:
        """Record values that are not used; no value of a variable is shown."""
        for value in values:
            hidden = value._replace(text=MASK) if self.variable(value.setting) else value
            super()._add_unused(hidden)

    def _place(self, setting: Setting[Any]) -> str:
        return super()._place(setting) or f"{self.table.head}: {setting.name}"


def _keys(setting: Setting[Any]) -> Iterator[str]:
    yield from (setting.name, variable_key(setting))
    if setting in (CLIENT_SECRET, PRIVATE_KEY):
        yield f"{setting.name}-file-variable"


def names_of(reader: Reader, config: ConfigFile) -> CredentialsNames:
    """Return the names of the credentials that a suite chooses, known or not."""
    _, name = reader.in_file(CREDENTIALS) or ("", "?" if reader.is_invalid(CREDENTIALS) else "")
    if name in config.credentials:
        return _names(name, config.credentials[name])
    return CredentialsNames(name) if name else UNNAMED


def _names(name: str, table: Table) -> CredentialsNames:
    words: dict[str, str] = {}
    for setting in CREDENTIAL_SETTINGS:
        if key := table.values.get(variable_key(setting)):
            words[setting.name] = key
        elif setting.name not in CREDENTIALS_KEYS:
            words[setting.name] = variable_key(setting)
    # Advice calls any key that signs tokens the client secret.
    keys = (CLIENT_SECRET, CLIENT_SECRET_FILE, PRIVATE_KEY, PRIVATE_KEY_FILE)
    named = [table.values[key] for key in map(variable_key, keys) if key in table.values]
    if named:
        words[CLIENT_SECRET.name] = named[0]
    return CredentialsNames(name, words)


def require_host(reader: Reader, config: ConfigFile) -> str:
    """Return the host; note a problem if the file decides where tokens with a name are sent."""
    if not config.chooses_any:
        return reader.require(HOST)
    why = "a change to the file could have the tokens of [credentials.NAME] sent to another host"
    for setting in (HOST, CA_BUNDLE):
        ways = f"set {setting.flag}, {setting.variable} or the input {setting.name}"
        if reader.in_file(setting) and not reader.overrides_file(setting):
            reader.problem(setting, f"must not be in the file, because {why}: {ways} instead")
        elif setting is HOST and not reader.is_given(HOST):
            reader.unusable.add(HOST.name)
            reader.note(f"host is missing: {ways}; not in the file, because {why}")
    return reader.read(HOST)


def read_all_credentials(
    reader: Reader,
    environ: Mapping[str, str],
    config: ConfigFile,
    uses: Sequence[tuple[CredentialsNames, str]],
    why_no_secrets: str = "",
) -> Mapping[str, Credentials]:
    """Return the credentials that suites use, by their names; those without a name have "".

    `uses` lists the credentials and the name of each suite. `reader.named` then has the readers of
    those with a name. A problem of one is none of another.
    """
    _warn_of_unchosen(reader, config)
    found: dict[str, Credentials] = {}
    for names, test_suite in uses:
        if names.name in found:
            continue
        if not names.name:
            found[UNNAMED.name] = read_credentials(reader, why_no_secrets)
        elif table := config.credentials.get(names.name):
            inner = reader.named[names.name] = TableReader(environ, table, names, reader)
            found[names.name] = _read_table(inner, test_suite, why_no_secrets)
    if not uses and not config.chooses_any:
        # Problems that any suite would have are reported all the same.
        found[UNNAMED.name] = read_credentials(reader, why_no_secrets)
    if uses and UNNAMED.name not in found:
        _leave_unnamed(reader, config)
    return found


def _warn_of_unchosen(reader: Reader, config: ConfigFile) -> None:
    """Warn of each table that no suite of the file chooses; a problem may be the reason."""
    for name, table in config.credentials.items():
        if not config.problems and not config.chooses(name):
            reader.warn(f"{table.place}: no suite of the file chooses these credentials")


def _leave_unnamed(reader: Reader, config: ConfigFile) -> None:
    """Record the credentials without a name as not used, except variables that tables name."""
    named = {text for table in config.credentials.values() for text in table.texts.values()}
    for setting in CREDENTIAL_SETTINGS:
        if reader.source(setting) not in named:
            reader.leave_unused(setting, "every suite has credentials of its own")


def _read_table(reader: TableReader, test_suite: str, why_no_secrets: str) -> Credentials:
    reader.unusable.update(reader.table.invalid)
    for setting in CREDENTIAL_SETTINGS:
        if reader.table.get(setting) is not None and reader.variable(setting):
            reader.unusable.add(setting.name)
            keys = f"{setting.name} and {variable_key(setting)}"
            reader.note(f"{reader.table.head}: {keys} are both set: use only one of them")
    if reader.note_unset(test_suite, why_no_secrets) or reader.unusable:
        return _UNREAD
    return read_credentials(reader)
