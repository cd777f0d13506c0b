"""The simulator as a command of its own: it serves until somebody interrupts it."""

from __future__ import annotations

import contextlib
import shlex
import ssl
import sys
import time
from collections.abc import Sequence
from typing import Any, TextIO

import click

from gatekeeper.console import Console
from gatekeeper.errors import ConfigurationError, ExitCode, Interrupted
from gatekeeper.simulator import Simulator, read_faults, scenario_names, scenario_title

_TURN_SECONDS = 1.0


@click.command("simulate")
@click.option("--port", default=0, help="The port to listen on; 0 takes a free one.")
@click.option("--bind", default="127.0.0.1", help="The address to listen on.")
@click.option("--speed", default=1.0, help="How many times faster than life runs are.")
@click.option("--faults", type=click.File(), help="A JSON script of what is to go wrong.")
@click.option(
    "--suite",
    "suites",
    multiple=True,
    metavar="NAME=SCENARIO",
    help="Also have a suite of your own name, whose runs go as a scenario does.",
)
@click.option(
    "--certificate",
    metavar="FILE",
    help="Serve https, by a certificate and its key in PEM: what another machine asks for.",
)
def command(**flags: Any) -> ExitCode:
    """Serve a simulated app until interrupted, and print the settings to use it with."""
    return serve(Console(sys.stdout), **flags)


def serve(  # noqa: PLR0913 - the options of the command, each by its name
    console: Console,
    *,
    faults: TextIO | None,
    suites: Sequence[str],
    port: int,
    bind: str,
    speed: float,
    certificate: str | None,
) -> ExitCode:
    """Serve a simulated app, its faults and suites as the options say them; print its settings.

    Raises ConfigurationError where it cannot be served so.
    """
    with contextlib.ExitStack() as stack:
        try:
            tls = _server_context(certificate) if certificate else None
            script = read_faults(faults.read()) if faults else ()
            serving = Simulator(port=port, bind=bind, speed=speed, faults=script, tls=tls)
            for suite in suites:
                serving.add_scenario(*_named_scenario(suite))
            simulator = stack.enter_context(serving)
        except (OSError, OverflowError, ValueError) as error:
            raise ConfigurationError([f"the simulator cannot serve: {error}"]) from None
        console.say("# the simulated app's settings; its suites are:")
        console.say_all(f"#   {name:<24} {scenario_title(name)}" for name in scenario_names())
        environment = simulator.environment()
        console.say_all(
            f"export {name}={shlex.quote(value)}" for name, value in environment.items()
        )
        with contextlib.suppress(Interrupted):
            # A signal that comes just before a wait begins ends only the next one.
            while True:
                time.sleep(_TURN_SECONDS)
    return ExitCode.PASSED


def _named_scenario(suite: str) -> tuple[str, str]:
    name, _, scenario = suite.rpartition("=")
    if not name:
        raise ValueError(f"--suite: {suite!r} is no suite; write it as NAME=SCENARIO")
    return name, scenario


def _server_context(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate)
    except OSError:
        what = f"{certificate} cannot be read as a certificate and its key in PEM"
        raise ValueError(f"--certificate: {what}") from None
    return context
