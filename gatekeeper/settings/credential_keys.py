"""The keys of a `[credentials.NAME]` table, and the variables that it can name.

A name of a variable ends like the variable of the setting that it stands for. So a changed file can
make neither a command of a text, nor a token, which is sent as it is, of a client secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from gatekeeper.settings.catalogue import (
    CLIENT_ID,
    CLIENT_SECRET,
    CLIENT_SECRET_FILE,
    JWE_ALGORITHM,
    JWE_ENCRYPTION,
    JWE_KEY,
    JWE_KEY_FILE,
    JWT,
    JWT_ALGORITHM,
    JWT_CLAIMS,
    JWT_COMMAND,
    JWT_FILE,
    PRIVATE_KEY,
    PRIVATE_KEY_FILE,
    SECRET_VARIABLES,
    STREAM_ID,
    USER_EMAIL,
)
from gatekeeper.settings.kind import FileKind, wrong_type
from gatekeeper.settings.setting import Key, Setting

NAME_PATTERN = "[A-Za-z0-9_-]{1,60}"
"""The names that credentials can have."""
_PREFIX = "GATEKEEPER_"


class VariableName(FileKind[str]):
    """The name of an environment variable that has the value of a setting."""

    def __init__(self, setting: Setting[Any]) -> None:
        self._end = setting.variable.removeprefix(_PREFIX)
        self._pattern = f"{_PREFIX}([A-Z0-9][A-Z0-9_]*_)?{self._end}"
        self.limits = f"{_PREFIX}…_{self._end}"

    def matches(self, name: str) -> bool:
        """Whether a variable can have this name."""
        return re.fullmatch(self._pattern, name) is not None

    def from_toml(self, value: object) -> str | None:
        """Read a name; an error does not repeat it, because it may be the value itself."""
        if not isinstance(value, str):
            raise wrong_type(f'a string such as "{_PREFIX}BOOKING_{self._end}"', value)
        name = value.strip()
        if name and not self.matches(name):
            raise ValueError(
                "must be the name of a variable (not its value) that begins with "
                f"{_PREFIX} and ends with _{self._end}, such as {_PREFIX}BOOKING_{self._end}"
            )
        return name or None

    @property
    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of a name."""
        return {"type": "string", "pattern": f"^{self._pattern}$"}


_AS_VALUES = (CLIENT_ID, JWT_ALGORITHM, JWT_CLAIMS, JWE_KEY, JWE_ALGORITHM, JWE_ENCRYPTION)
_IN_VARIABLES = (
    CLIENT_ID,
    CLIENT_SECRET,
    CLIENT_SECRET_FILE,
    JWT,
    JWT_FILE,
    JWT_COMMAND,
    PRIVATE_KEY,
    PRIVATE_KEY_FILE,
    JWE_KEY,
    JWE_KEY_FILE,
)
CREDENTIAL_SETTINGS: tuple[Setting[Any], ...] = tuple(dict.fromkeys((*_IN_VARIABLES, *_AS_VALUES)))
"""The settings that credentials consist of."""


def variable_key(setting: Setting[Any]) -> str:
    """Return the key that names the variable of a setting."""
    return f"{setting.name}-variable"


OF_APP: tuple[Setting[Any], ...] = (STREAM_ID, USER_EMAIL)
"""The settings that credentials can have for the suites of their app."""
CREDENTIALS_KEYS: Mapping[str, Key[Any]] = {
    key.name: key
    for key in (
        *OF_APP,
        *_AS_VALUES,
        *(
            Key(variable_key(it), VariableName(it), f"Name of the variable that has {it.name}.")
            for it in _IN_VARIABLES
        ),
    )
}
"""The keys of a table: settings of the app, values that are no secrets, and names of variables."""


def can_be_named(variable: str) -> bool:
    """Whether a table can name this variable."""
    return any(VariableName(setting).matches(variable) for setting in _IN_VARIABLES)


def secret_variables(names: Iterable[str]) -> list[str]:
    """Return those of these variables that have a secret, whichever of them a file names."""
    kinds = [VariableName(setting) for setting in _IN_VARIABLES if setting.secret]
    return [
        name
        for name in names
        if name in SECRET_VARIABLES or any(kind.matches(name) for kind in kinds)
    ]
