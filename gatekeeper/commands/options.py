"""The flags of the settings, declared once for every command that takes them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gatekeeper.settings.catalogue import BY_NAME
from gatekeeper.settings.kinds import Choice
from gatekeeper.settings.path_kinds import File, Folder
from gatekeeper.settings.setting import Setting

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Command = TypeVar("Command", bound=Callable[..., Any])

POLICY = ("accept", "strict-text")
"""The settings of how strictly a response is judged."""
REPORTING = (
    "source-map",
    "report-dir",
    "reports",
    "label",
    "junit",
    "junit-profile",
    "history",
    "events",
    "quiet",
)
"""The settings of what is reported, and where."""
COMMENTING = ("comment", "ca-bundle")
"""The settings of the comment on a pull or merge request."""


def options(*names: str) -> Callable[[Command], Command]:
    """Declare the flags of these settings.

    A flag's value stays text until the settings are read, so that all problems are reported at
    once, whatever their source.
    """

    def declare(command: Command) -> Command:
        for name in reversed(names):
            setting = BY_NAME[name]
            if setting.flag is None:
                continue
            is_switch = setting.kind.is_switch
            command = click.option(
                f"{setting.flag}/{setting.off_flag}" if is_switch else setting.flag,
                default=None,
                multiple=setting.kind.repeated,
                callback=_each_with_a_value if setting.kind.repeated else None,
                metavar=None if is_switch else setting.kind.metavar,
                help=_help(setting),
                shell_complete=partial(_completions, setting),
            )(command)
        return command

    return declare


def _help(setting: Setting[Any]) -> str:
    """Return a flag's help, with its variable and default as `click` would show them."""
    # The choices are in the placeholder of the value already.
    text = setting.help if isinstance(setting.kind, Choice) else setting.description
    default = f"; default: {setting.default_text}" if setting.default_text else ""
    return f"{text}  [env var: {setting.variable}{default}]"


def _completions(
    setting: Setting[Any], _context: click.Context, _option: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return what a shell can complete a flag's value to: a choice, or the path of a file."""
    from click.shell_completion import CompletionItem

    kind = setting.kind
    if isinstance(kind, File | Folder):
        return [CompletionItem(incomplete, type="file" if isinstance(kind, File) else "dir")]
    choices = kind.choices if isinstance(kind, Choice) else ()
    return [CompletionItem(choice) for choice in choices if choice.startswith(incomplete)]


def _each_with_a_value(
    context: click.Context, option: click.Parameter, values: tuple[str | None, ...]
) -> tuple[str, ...]:
    """Refuse a flag without its value at the end of the line, which `click` reads as `None`."""
    given = tuple(value for value in values if value is not None)
    if len(given) < len(values) and not context.resilient_parsing:
        raise click.BadOptionUsage(
            option.name or "", f"Option {option.opts[0]!r} requires an argument.", context
        )
    return given
