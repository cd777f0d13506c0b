"""Reading settings from flags, environment variables and GitHub inputs, problems and all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from gatekeeper.errors import ConfigurationError
from gatekeeper.settings.catalogue import BY_NAME
from gatekeeper.settings.values import file_text

Value = TypeVar("Value")


class Reader:
    """Reads settings from their sources, and collects the problems on the way.

    A flag beats the variable, which beats the input; what is empty is not given.
    """

    def __init__(self, flags: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        self._flags = flags
        self._environ = environ
        self.problems: list[str] = []

    def given(self, name: str) -> str:
        """Return a setting's value as it was given, its default, or an empty text."""
        return self._source(name)[1] or BY_NAME[name].default

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
        self.problems.append(f"{self._source(name)[0]}: {why}")

    def require(self, name: str, parse: Callable[[str], str] = str, why: str = "") -> str:
        """Read a setting that has to be given, and note the problem where it is not."""
        if not self.given(name):
            self.missing(name, why)
        return self.read(name, parse, "")

    def missing(self, name: str, why: str = "") -> None:
        """Note that a setting is missing, and all the ways to give it."""
        setting = BY_NAME[name]
        flag = setting.flag or f"--{name}-file"
        reason = f" ({why})" if why else ""
        ways = f"set {flag}, {setting.variable} or the input {name}"
        self.problems.append(f"{name} is missing{reason}: {ways}")

    def only_one(self, *names: str) -> None:
        """Note a problem where more than one of these settings is given."""
        given = [self._source(name)[0] for name in names if self.given(name)]
        if len(given) > 1:
            self.problems.append(f"{' and '.join(given)} are both given: give one of them")

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
        for where, value in (
            (setting.flag, self._flags.get(name.replace("-", "_"))),
            (setting.variable, self._environ.get(setting.variable)),
            (f"input {name}", self._environ.get(setting.input_variable)),
        ):
            if where and (text := _flat(value)):
                return where, text
        return setting.flag or setting.variable, ""


def _flat(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    return "\n".join(value).strip() if isinstance(value, tuple) else str(value or "").strip()
