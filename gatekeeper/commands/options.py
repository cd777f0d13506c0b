"""The flags of the settings, declared once for every command that takes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from gatekeeper.settings.catalogue import BY_NAME

Command = TypeVar("Command", bound=Callable[..., Any])

POLICY = ("accept", "strict-text")
"""The settings of how strictly an answer is judged."""
REPORTING = ("source-map", "report-dir", "reports", "junit", "history")
"""The settings of what is reported, and where."""


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
                callback=_each_with_a_value if setting.repeated else None,
                metavar=None if setting.switch else "TEXT",
                help=f"{setting.help}{default}  [{setting.variable}]",
            )(command)
        return command

    return declare


def _each_with_a_value(
    context: click.Context, option: click.Parameter, values: tuple[str | None, ...]
) -> tuple[str, ...]:
    """Refuse a flag at the end of the line that lacks its value: `click` takes it for `None`."""
    given = tuple(value for value in values if value is not None)
    if len(given) < len(values) and not context.resilient_parsing:
        raise click.BadOptionUsage(
            option.name or "", f"Option {option.opts[0]!r} requires an argument.", context
        )
    return given
