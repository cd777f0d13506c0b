"""The command line: each command returns its exit code.

A command imports what it needs when it runs, so that none waits for what another one needs.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TextIO, TypeVar

import click

from gatekeeper import __version__
from gatekeeper.console import Console
from gatekeeper.core.text import one_line
from gatekeeper.errors import ConfigurationError, ExitCode, Interrupted
from gatekeeper.settings.catalogue import BY_NAME, SETTINGS

_EXAMPLES = """\b
Examples:
  gatekeeper demo
      the whole job against a simulated app, without an account
  gatekeeper gate --test-suite "Booking regression"
      start that suite's run and wait; the rest by GATEKEEPER_* variables
  gatekeeper gate --test-suite "Booking regression" --test-run-id ctr-…
      wait for a run that somebody else started
  gatekeeper check answer.json
      judge a saved status answer
"""
_POLICY = ("accept", "strict-text")
_REPORTING = ("report-dir", "junit")

Command = TypeVar("Command", bound=Callable[..., Any])


def _options(*names: str) -> Callable[[Command], Command]:
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
                multiple=name == "accept",
                metavar=None if setting.switch else "TEXT",
                help=f"{setting.help}{default}  [{setting.variable}]",
            )(command)
        return command

    return declare


@click.group(
    epilog=_EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="gatekeeper", message="%(prog)s %(version)s")
def cli() -> None:
    """Let a pipeline depend on a Kore.ai conversation test suite."""


@cli.command(
    "gate",
    epilog=f"Secrets are no flags, for a command line is there for all to read: set "
    f"{', '.join(setting.variable for setting in SETTINGS if setting.secret)}, or name a file.",
)
@_options(*BY_NAME)
def gate_command(**flags: Any) -> ExitCode:
    """Start a suite's run (or attach to one), wait for its end, judge it, write the reports."""
    from gatekeeper.gate import gate
    from gatekeeper.settings.read import read_settings
    from gatekeeper.signals import Signals

    signals = Signals()
    return gate(read_settings(flags, os.environ), sys.stdout, os.environ, signals)


@cli.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.File("rb"))
@_options("test-suite", *_POLICY, *_REPORTING)
def check_command(files: Sequence[BinaryIO], **flags: Any) -> ExitCode:
    """Judge saved answers of the status endpoint, one run a file; - is standard input."""
    from gatekeeper.check import check
    from gatekeeper.settings.read import read_check_settings

    test_suite, policy, reporting = read_check_settings(flags, os.environ)
    answers = [(test_suite or _suite_of(file), file.read()) for file in files]
    return check(answers, policy, reporting, Console(sys.stdout), os.environ)


def _suite_of(file: BinaryIO) -> str:
    return "standard input" if file is sys.stdin.buffer else Path(file.name).stem


@cli.command("demo")
@click.option("--scenario", default="banking-transfer", help="Which conversation to run.")
@_options("timeout", *_POLICY, *_REPORTING)
def demo_command(scenario: str, **flags: Any) -> ExitCode:
    """Do the main job against the simulator: no account, nothing leaves this machine."""
    from gatekeeper.gate import gate
    from gatekeeper.settings.read import read_settings
    from gatekeeper.signals import Signals
    from gatekeeper.simulator import Simulator, scenario_names

    signals = Signals()
    if scenario not in scenario_names():
        known = ", ".join(scenario_names())
        raise ConfigurationError([f"--scenario: there is no {scenario!r}; there are {known}"])
    with Simulator() as simulator:
        settings = read_settings(flags, simulator.environment(suite=scenario))
        return gate(settings, sys.stdout, os.environ, signals)


@cli.command("simulate")
@click.option("--port", default=0, help="The port to listen on; 0 takes a free one.")
@click.option("--bind", default="127.0.0.1", help="The address to listen on.")
@click.option("--speed", default=1.0, help="How many times faster than life runs are.")
@click.option("--faults", type=click.File(), help="A JSON script of what is to go wrong.")
def simulate_command(port: int, bind: str, speed: float, faults: TextIO | None) -> ExitCode:
    """Serve a simulated app until interrupted, and print the settings to use it with."""
    from gatekeeper.signals import Signals
    from gatekeeper.simulator import Simulator, read_faults, scenario_names, scenario_title

    console = Console(sys.stdout)
    signals = Signals()
    try:
        script = read_faults(faults.read()) if faults else ()
        serving = Simulator(port=port, bind=bind, speed=speed, faults=script)
    except ValueError as error:
        raise ConfigurationError([str(error)]) from None
    with serving as simulator:
        console.say("# the simulated app's settings; its suites are:")
        console.say_all(f"#   {name:<24} {scenario_title(name)}" for name in scenario_names())
        environment = simulator.environment()
        console.say_all(
            f"export {name}={shlex.quote(value)}" for name, value in environment.items()
        )
        with contextlib.suppress(Interrupted), signals.ending_the_wait():
            threading.Event().wait()
    return ExitCode.PASSED


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code, whatever happens on the way."""
    console = Console(sys.stderr)
    try:
        return int(cli.main(arguments, prog_name="gatekeeper", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return ExitCode.CONFIGURATION
    except ConfigurationError as error:
        console.say(f"gatekeeper: the settings have {_counted(len(error.problems))}:")
        console.say_all(f"  - {problem}" for problem in error.problems)
        return ExitCode.CONFIGURATION
    except Interrupted as interruption:
        return 128 + interruption.signum
    except Exception as error:  # noqa: BLE001 - never a traceback, and never the wrong exit code
        # The code that Python would end with is the one of a failed test.
        what = f"{type(error).__name__}: {one_line(str(error))}"
        console.say(f"gatekeeper: it broke, please report this as a bug: {what}")
        return ExitCode.NO_VERDICT


def _counted(problems: int) -> str:
    return "a problem" if problems == 1 else f"{problems} problems"
