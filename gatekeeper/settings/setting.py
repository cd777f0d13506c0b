"""What defines a setting, and a key of the configuration file."""

from __future__ import annotations

from typing import Generic

import msgspec

from gatekeeper.settings.kind import FileKind, Kind, Value_co


class Key(msgspec.Struct, Generic[Value_co], frozen=True):
    """A key of the configuration file; `default` is written as the file would have it."""

    name: str
    kind: FileKind[Value_co]
    help: str
    default: str | int | None = None
    required: bool = False

    def describe(self, text_format: str = "") -> str:
        """Return the help with the limits of the value, and the format of its text if given."""
        text_format = text_format and f" ({text_format})"
        limits = self.kind.limits and f": {self.kind.limits}"
        return f"{self.help.removesuffix('.')}{text_format}{limits}."


class Setting(Key[Value_co], Generic[Value_co], frozen=True):
    """A setting: a key of the file that a flag, a variable and an input can set as well.

    A `secret` is not a key of the file, and has no flag, because other processes can read a command
    line. The file has no key either for a setting that is not `in_file`; a table of a suite has
    those that are `per_suite`. A switch can also be `switched_on_by` a variable of the platform, if
    its value is 1.
    """

    kind: Kind[Value_co]
    secret: bool = False
    in_file: bool = True
    per_suite: bool = False
    switched_on_by: str = ""

    @property
    def flag(self) -> str | None:
        """The command-line flag; `None` for a secret."""
        return None if self.secret else f"--{self.name}"

    @property
    def off_flag(self) -> str | None:
        """The flag that turns a switch off; `None` for another kind of setting."""
        return f"--no-{self.name}" if self.kind.is_switch else None

    @property
    def parameter(self) -> str:
        """The name under which a command receives the flag's value."""
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"GATEKEEPER_{self.name.upper().replace('-', '_')}"

    @property
    def input_variable(self) -> str:
        """The environment variable in which GitHub passes the input of this name."""
        return f"INPUT_{self.name.upper()}"

    @property
    def description(self) -> str:
        """The help with the format and the limits of the value."""
        return self.describe(self.kind.text_format)

    @property
    def default_text(self) -> str:
        """The default as text; empty if there is none."""
        return "" if self.default is None else str(self.default)

    @property
    def default_value(self) -> Value_co:
        """The value of a setting that is not given."""
        return self.kind.from_text(self.default_text) if self.default_text else self.kind.empty
