"""Which source of a setting counts: a flag, the variable, the input, or the configuration file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from gatekeeper.settings.outside import Given, given_outside
from gatekeeper.settings.setting import Key, Setting
from gatekeeper.settings.table import Table

Value = TypeVar("Value")


class Unused(NamedTuple):
    """A value that is given for a setting but not used, and why."""

    setting: Setting[Any]
    source: str
    text: str
    why: str


class Sources:
    """The sources of all settings.

    A flag overrides the variable, which overrides the input, which overrides the configuration
    file, where a suite's table overrides the top. Blank values do not count as given. `kept` has
    the names of settings that nothing overrides in the file.
    """

    kept: frozenset[str] = frozenset()

    def __init__(
        self, flags: Mapping[str, Any], environ: Mapping[str, str], *tables: Table
    ) -> None:
        self._flags = flags
        self._environ = environ
        self._tables = tables

    def given_outside(self, setting: Setting[Any]) -> Iterator[Given]:
        """Yield what is given for a setting outside of the file, in order of precedence."""
        return given_outside(setting, self._flags, self._environ)

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

    def unused_values(self, setting: Setting[Any]) -> Iterator[Unused]:
        """Yield each value that is given for a setting elsewhere than in the source that counts."""
        used = self.source(setting)
        place, _ = self.in_file(setting) or ("", None)
        # Apart from what is kept, only a default that was passed on yields to a later source.
        is_kept = setting.name in self.kept
        why = f"{'overridden by' if is_kept else 'the default, which does not override'} {place}"
        for given in self.given_outside(setting):
            if given.source == used:
                why = f"overridden by {used}"
            else:
                yield Unused(setting, given.source, given.text, why)
        if self.overrides_file(setting):
            for source, text in self._texts_in_file(setting):
                yield Unused(setting, source, text, f"overridden by {used}")

    def _given(self, setting: Setting[Any]) -> tuple[str, str]:
        """Return the source of a setting, and its text; both are empty if it is not given."""
        in_file = next(self._texts_in_file(setting), None)
        for given in self._outside(setting, beside_file=in_file is not None):
            return given.source, given.text
        return in_file or ("", "")

    def _outside(self, setting: Setting[Any], *, beside_file: bool) -> Iterator[Given]:
        """Yield the sources outside of the file that have a value, in order of precedence.

        `beside_file`, a value that may be a default which was passed on does not count.
        """
        if setting.name in self.kept:
            return
        for given in self.given_outside(setting):
            if not (beside_file and given.may_be_default):
                yield given

    def _texts_in_file(self, setting: Setting[Any]) -> Iterator[tuple[str, str]]:
        """Yield where the file sets a setting, and its text there, in order of precedence."""
        for table in self._tables:
            if setting.name in table.values:
                yield f"{table.place}: {setting.name}", table.texts[setting.name]
