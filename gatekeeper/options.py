"""The flags of the settings, declared once for every command that takes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from gatekeeper.settings.catalogue import BY_NAME

Command = TypeVar("Command", bound=Callable[..., Any])


def options(*names: str) -> Callable[[Command], Command]:
    """Declare the flags of these settings; what they mean is read by `read_settings`."""

    def declare(command: Command) -> Command:
        for name in reversed(names):
            setting = BY_NAME[name]
            if setting.flag is None:
                continue
            default = f"  [default: {setting.default}]" if setting.default else ""
            command = click.option(
                setting.flag,
                is_flag=setting.switch,
                multiple=setting.repeated,
                metavar=None if setting.switch else "TEXT",
                help=f"{setting.help}{default}  [{setting.variable}]",
            )(command)
        return command

    return declare
