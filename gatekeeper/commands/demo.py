"""The gate against the simulator: a demonstration without an account."""

from __future__ import annotations

import os
from typing import Any

import click

from gatekeeper.commands.gate import gate_or_refuse
from gatekeeper.commands.options import POLICY, REPORTING, options
from gatekeeper.errors import ConfigurationError, ExitCode
from gatekeeper.settings.catalogue import BY_NAME
from gatekeeper.settings.load import examine
from gatekeeper.signals import Signals
from gatekeeper.simulator import Simulator, scenario_names, scenario_title

_SETTINGS = ("timeout", *POLICY, *REPORTING, "debug")


class _Demo(click.Command):
    """The command, whose help ends with a table of the scenarios."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - the signature is click's
        with formatter.section("Scenarios"):
            formatter.write_dl([(name, scenario_title(name)) for name in scenario_names()])


@click.command("demo", cls=_Demo)
@click.option(
    "--scenario",
    default="banking-transfer",
    show_default=True,
    metavar="NAME",
    help="Conversation to run; see the list of scenarios below.",
)
@click.option(
    "--speed",
    default=1.0,
    show_default=True,
    help="Speed of the run, as a multiple of real time.",
)
@options(*_SETTINGS)
@click.pass_obj
def command(signals: Signals, /, scenario: str, speed: float, **flags: Any) -> ExitCode:
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
        return gate_or_refuse(reader, values, signals)
