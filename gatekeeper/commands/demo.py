"""The main job against the simulator, to see what it is like."""

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
from gatekeeper.simulator import Simulator, scenario_names

_DEMO = ("timeout", *POLICY, *REPORTING, "debug")


@click.command("demo")
@click.option("--scenario", default="banking-transfer", help="Which conversation to run.")
@click.option("--speed", default=1.0, help="How many times faster than life it runs.")
@options(*_DEMO)
@click.pass_obj
def command(signals: Signals, /, scenario: str, speed: float, **flags: Any) -> ExitCode:
    """Do the main job against the simulator: no account, nothing leaves this machine."""
    known = [BY_NAME[name] for name in _DEMO]
    taken = {name for setting in known for name in (setting.variable, setting.input_variable)}
    environ = {name: value for name, value in os.environ.items() if name in taken}
    try:
        serving = Simulator(speed=speed)
    except ValueError as error:
        raise ConfigurationError([f"--{error}"]) from None
    with serving as simulator:
        environ |= simulator.environment(suite=scenario)
        reader, settings = examine(flags, environ, with_file=False)
        if scenario not in scenario_names():
            names = ", ".join(scenario_names())
            reader.note(f"--scenario: there is no {scenario!r}; there are {names}")
        return gate_or_refuse(reader, settings, signals)
