"""The command line: the commands by name, each loaded when it is called.

So none waits for what another one needs, and `--version` and `--help` for nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gatekeeper import __version__
from gatekeeper.errors import (
    ConfigurationError,
    ExitCode,
    Interrupted,
    internal_error,
    problems_listed,
)
from gatekeeper.signals import Signals

if TYPE_CHECKING:
    from gatekeeper.settings.reporting import InputFiles

_EXAMPLES = """\b
Examples:
  gatekeeper demo
      run the gate against a simulated app; no account needed
  gatekeeper gate --test-suite "Booking regression"
      start a run of this suite and wait for it; other settings come from
      GATEKEEPER_* variables
  gatekeeper gate --test-suite "Booking regression" --test-run-id ctr-…
      attach to a run that is already going
  gatekeeper config
      show the settings, where each came from, and which suites would run
  gatekeeper check response.json
      judge a saved status response
  gatekeeper plan --shards 3
      split the suites across three jobs, balanced by how long they took before
  gatekeeper merge shards
      merge the reports of these jobs into one verdict
"""
COMMANDS = {
    "gate": "Run suites and judge them.",
    "config": "Show the settings in force and what would run.",
    "check": "Judge saved responses of the status endpoint.",
    "plan": "Split the suites across several jobs.",
    "merge": "Merge job reports into one verdict; a missing report is an error.",
    "demo": "Run the gate against a simulated app.",
    "simulate": "Serve a simulated app.",
}
"""Each command, which is a module of that name in `gatekeeper.commands`, and its summary."""
_REPORTING_COMMANDS = ("gate", "check", "merge", "demo")


class _Commands(click.Group):
    """A group that loads a command when it is called, as the documentation of `click` has it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"gatekeeper.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - the same
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=_Commands,
    epilog=_EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="gatekeeper", message="%(prog)s %(version)s")
def cli() -> None:
    """Gate CI pipelines on Kore.ai conversation tests."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code, whatever happens on the way."""
    signals = Signals()
    given = sys.argv[1:] if arguments is None else arguments
    try:
        return int(cli.main(arguments, "gatekeeper", standalone_mode=False, obj=signals) or 0)
    except click.UsageError as error:
        return _misused(error.format_message(), given, signals)
    except click.ClickException as error:
        return _ended(ExitCode.CONFIGURATION, error.format_message())
    except ConfigurationError as error:
        return _ended(ExitCode.CONFIGURATION, *problems_listed(error.problems))
    except (Interrupted, Exception) as error:  # noqa: BLE001 - never a traceback or a wrong code
        # Asked like this because Python wraps what is raised while it makes a class.
        if signals.received is not None:
            return _interrupted(signals.received, given)
        # The code that Python would end with is the one of a failed test.
        return _ended(ExitCode.NO_VERDICT, internal_error(error))


def _misused(problem: str, arguments: Sequence[str], signals: Signals) -> ExitCode:
    """End a command that could not be understood; its reports say so where it writes any."""
    name, flags, others = _understood(arguments)
    if name not in _REPORTING_COMMANDS:
        return _ended(ExitCode.CONFIGURATION, problem)
    from gatekeeper.commands.early_end import refuse
    from gatekeeper.settings.load import examine
    from gatekeeper.settings.reporting import examine_reporting

    if name == "gate":
        reporting = examine(flags, os.environ)[1].reporting
    else:
        _, reporting = examine_reporting(flags, os.environ, _inputs(name, others))
    return refuse([problem], reporting, os.environ, signals)


def _interrupted(signum: int, arguments: Sequence[str]) -> int:
    """End a command before it asked or wrote anything; older reports must not pass for its own."""
    name, flags, others = _understood(arguments)
    if name in _REPORTING_COMMANDS:
        from gatekeeper.commands.earlier_reports import remove_earlier_reports
        from gatekeeper.settings.reporting import examine_places

        remove_earlier_reports(examine_places(flags, os.environ, _inputs(name, others)))
    return 128 + signum


def _inputs(name: str, arguments: Sequence[str]) -> InputFiles:
    """Return what yields the files that a command reads, which are never removed as reports."""
    if name == "merge":
        from gatekeeper.commands.merge import inputs

        return partial(inputs, arguments)
    return lambda _: ((text, Path(text)) for text in arguments)


def _understood(arguments: Sequence[str]) -> tuple[str, Mapping[str, Any], Sequence[str]]:
    """Return the command that is named, the flags that say where its reports go, and the rest.

    The command itself is not loaded: it may be that which was interrupted.
    """
    from gatekeeper.commands.options import REPORTING, options

    given = list(arguments)
    name = next((text for text in given if not text.startswith("-")), "")
    flags = options("config", *REPORTING)(click.Command(name))
    rest = given[given.index(name) + 1 :] if name else []
    context = flags.make_context(
        name, rest, resilient_parsing=True, ignore_unknown_options=True, allow_extra_args=True
    )
    return name, context.params, context.args


def _ended(code: ExitCode, what: str, *more: str) -> ExitCode:
    from gatekeeper.console import Console

    Console(sys.stderr).say_all([f"gatekeeper: {what}", *more])
    return code
