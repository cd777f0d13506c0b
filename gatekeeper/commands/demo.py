"""The gate against the simulator: a demonstration without an account."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gatekeeper.commands.gate import gate_or_refuse
from gatekeeper.commands.options import POLICY, REPORTING, options
from gatekeeper.console import Console
from gatekeeper.errors import ConfigurationError, ExitCode
from gatekeeper.known_secrets import secrets_of
from gatekeeper.redaction import Redactor
from gatekeeper.settings.catalogue import BY_NAME
from gatekeeper.settings.load import examine
from gatekeeper.settings.reporting import Reporting
from gatekeeper.signals import Signals
from gatekeeper.simulator import Simulator, scenario_names, scenario_title

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_SETTINGS = ("timeout", "retries", "fail-on-flaky", *POLICY, *REPORTING, "debug")
# A scenario that only retries make interesting has one, unless the user sets their number.
_OWN_SETTINGS: Mapping[str, Mapping[str, str]] = {"flaky": {"GATEKEEPER_RETRIES": "1"}}
# These end with a page about the scenario.
_WITH_PAGE = (ExitCode.PASSED, ExitCode.FAILED, ExitCode.NO_VERDICT, ExitCode.TIMEOUT)


class _Demo(click.Command):
    """The command, whose help ends with a table of the scenarios."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - the signature is click's
        with formatter.section("Scenarios"):
            formatter.write_dl(list(_titles()))


def _titles() -> Iterator[tuple[str, str]]:
    return ((name, scenario_title(name)) for name in scenario_names())


def _list(context: click.Context, _option: click.Parameter, is_set: bool) -> None:  # noqa: FBT001 - the signature is click's
    """Print the scenarios, one per line, and end the command."""
    if is_set and not context.resilient_parsing:
        Console(sys.stdout).say_all(f"{name:<21}  {title}" for name, title in _titles())
        context.exit()


def _completions(
    _context: click.Context, _option: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    names = (name for name in scenario_names() if name.startswith(incomplete))
    return [CompletionItem(name, help=scenario_title(name)) for name in names]


@click.command("demo", cls=_Demo)
@click.option(
    "--scenario",
    default="banking-transfer",
    show_default=True,
    metavar="NAME",
    help="Conversation to run; see the list of scenarios below.",
    shell_complete=_completions,
)
@click.option(
    "--list",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list,
    help="List the scenarios and exit.",
)
@click.option(
    "--speed",
    default=1.0,
    show_default=True,
    help="Speed of the run, as a multiple of real time.",
)
@click.option(
    "--open", "opens", is_flag=True, help="Open report.html in the browser when the run has ended."
)
@options(*_SETTINGS)
@click.pass_obj
def command(
    signals: Signals, /, scenario: str, speed: float, *, opens: bool, **flags: Any
) -> ExitCode:
    """Run the gate against a simulated app.

    Needs no account, and nothing leaves this machine.
    """
    settings = [BY_NAME[name] for name in _SETTINGS]
    variables = {
        name
        for setting in settings
        for name in (setting.variable, setting.input_variable, setting.switched_on_by)
    }
    environ = {name: value for name, value in os.environ.items() if name in variables}
    environ = {**_OWN_SETTINGS.get(scenario, {}), **environ}
    try:
        serving = Simulator(speed=speed)
    except ValueError as error:
        raise ConfigurationError([f"--{error}"]) from None
    with serving as simulator:
        environ |= simulator.environment(suite=scenario)
        reader, values = examine(flags, environ, with_file=False)
        if scenario not in scenario_names():
            names = ", ".join(scenario_names())
            reader.note(f"--scenario: unknown scenario {scenario!r}; choose one of {names}")
        code = gate_or_refuse(reader, values, signals)
    if code in _WITH_PAGE:
        _lead_to_page(values.reporting, opens=opens)
    return code


def _lead_to_page(reporting: Reporting, *, opens: bool) -> None:
    """Log which file to open, or open it; no failure of that changes the exit code."""
    console = Console(sys.stdout, Redactor(secrets_of(os.environ)), quiet=reporting.quiet)
    page = reporting.page
    if "page" not in reporting.reports or not page.is_file():
        if opens:
            console.say(f"warning: {page} was not written, so there is nothing to open")
        return
    if not opens:
        console.inform(f"To see the conversation, open {page} in a browser, or add --open.")
    elif not _open(page):
        console.say(f"warning: no browser could be started: open {page} yourself")


def _open(page: Path) -> bool:
    """Open a page in the user's browser, in a new tab if possible; return whether it started."""
    import webbrowser

    try:
        return webbrowser.open_new_tab(page.resolve().as_uri())
    except (OSError, ValueError, webbrowser.Error):
        return False
