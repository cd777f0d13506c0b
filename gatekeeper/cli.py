"""The command line: a group that imports a command's module only when it is called.

That keeps `--version`, `--help` and each command free of the imports of the others.
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
    from click.shell_completion import CompletionItem

    from gatekeeper.settings.reporting import InputFiles

_EXAMPLES = """\b
Examples:
  gatekeeper demo
      run the gate against a simulated app; no account needed
  gatekeeper init
      write gatekeeper.toml and the job of your CI platform
  gatekeeper gate --test-suite "Booking regression"
      start a run of this suite and wait for its verdict; the other settings
      come from GATEKEEPER_* variables and gatekeeper.toml
  gatekeeper gate --test-suite "Booking regression" --test-run-id ctr-…
      attach to a run that is already in progress
  gatekeeper start
      start the runs and wait for none; write gatekeeper-report/runs.json
  gatekeeper gate --attach gatekeeper-report/runs.json
      judge those runs, in a later job of the same pipeline
  gatekeeper config
      show the settings, their sources, and the suites that would run
  gatekeeper doctor
      find out why a gate gets no verdict; starts no run
  gatekeeper check response.json
      judge a saved response of the status endpoint
  gatekeeper plan --shards 3 --durations earlier-report
      split the suites across three jobs of about the same duration
  gatekeeper merge shards
      merge the reports in the subfolders of shards into one verdict
"""
COMMANDS = {
    "gate": "Run suites and judge them.",
    "init": "Write gatekeeper.toml and the job of a CI platform.",
    "start": "Start the runs of a gate, to be judged later.",
    "config": "Show the settings in force and what would run.",
    "doctor": "Check settings, network, credentials and suites without starting a run.",
    "check": "Judge saved responses of the status endpoint.",
    "plan": "Split the suites across several jobs.",
    "merge": "Merge job reports into one verdict; a missing report is an error.",
    "demo": "Run the gate against a simulated app.",
    "simulate": "Serve a simulated app.",
    "help": "Show the help of a command.",
}
"""Each command and its summary; its module in `gatekeeper.commands` has the same name."""
_TRY_DEMO = "To see a gate without an account, run: gatekeeper demo"
# How long the log's reader may read nothing at the end, in seconds.
_PATIENCE = 5.0
_PATIENCE_AFTER_SIGNAL = 1.0
_REPORTING_COMMANDS = ("gate", "check", "merge", "demo")


class _Commands(click.Group):
    """A group of lazily loaded commands, as described in the documentation of click."""

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

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the names of commands, whose modules need not be imported for that."""
        from click.shell_completion import CompletionItem

        names = [name for name in COMMANDS if name.startswith(incomplete)]
        items = [CompletionItem(name, help=COMMANDS[name]) for name in names]
        return [*items, *click.Command.shell_complete(self, ctx, incomplete)]


@click.group(
    cls=_Commands,
    epilog=_EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(
    __version__, "-V", "--version", prog_name="gatekeeper", message="%(prog)s %(version)s"
)
def cli() -> None:
    """Gate CI pipelines on Kore.ai conversation tests."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code, once the log is written.

    If the log's reader has read nothing for a while, the rest of the log is lost.
    """
    signals = Signals()
    try:
        return _exit_code(sys.argv[1:] if arguments is None else arguments, signals)
    finally:
        # Not loaded yet if nothing was logged.
        if log := sys.modules.get("gatekeeper.log_writer"):
            log.drain(_PATIENCE if signals.received is None else _PATIENCE_AFTER_SIGNAL)


def _exit_code(words: Sequence[str], signals: Signals) -> int:  # noqa: PLR0911 - one for each exception
    """Run a command and return its exit code, whichever exception ends it."""
    # Shells ask for completions by a variable and without arguments. With any, such as in a job
    # whose environment has that variable, the command is run.
    complete = "" if words else None
    try:
        code = cli.main(words, "gatekeeper", complete, standalone_mode=False, obj=signals)
        return int(code or 0)
    except SystemExit as end:
        if words:
            raise
        return int(end.code or 0)
    except click.UsageError as error:
        return _misused(error.format_message(), words, signals) if words else _bare(error)
    except click.ClickException as error:
        return _ended(ExitCode.CONFIGURATION, error.format_message())
    except ConfigurationError as error:
        return _ended(ExitCode.CONFIGURATION, *problems_listed(error.problems))
    except (Interrupted, Exception) as error:  # noqa: BLE001 - never a traceback or a wrong code
        # Not by the exception's type: Python wraps what is raised while a class is created.
        if signals.received is not None:
            return _interrupted(signals.received, words)
        # A traceback would exit with 1, which means that tests failed.
        return _ended(ExitCode.NO_VERDICT, internal_error(error))


def _bare(error: click.UsageError) -> ExitCode:
    """Show the help that the error has; not exit code 0, which would look like a passed gate."""
    click.echo(error.format_message(), err=True)
    return _ended(ExitCode.CONFIGURATION, "no command given, so nothing was run", _TRY_DEMO)


def _misused(problem: str, arguments: Sequence[str], signals: Signals) -> ExitCode:
    """End a command with invalid arguments; a command that writes reports reports it."""
    from gatekeeper.known_secrets import secrets_of_arguments
    from gatekeeper.redaction import Redactor

    problem = Redactor(secrets_of_arguments(arguments)).text(problem)
    name, flags, rest = _partly_parsed(arguments)
    if name == "start":
        _remove_runs(flags)
    if name not in _REPORTING_COMMANDS:
        about = f"{name} " if name in COMMANDS else ""
        return _ended(ExitCode.CONFIGURATION, problem, f"For help, run: gatekeeper {about}--help")
    from gatekeeper.commands.early_end import refuse
    from gatekeeper.commands.invocation import read_invocation, with_events
    from gatekeeper.settings.load import examine
    from gatekeeper.settings.reporting import examine_reporting

    if name == "gate":
        reader, settings = examine(flags, os.environ)
        reporting, shard = settings.reporting, settings.shard
    else:
        shard = None
        reader, reporting = examine_reporting(
            flags, os.environ, _inputs(name, rest), comments_as=name if name == "merge" else ""
        )
    invocation = with_events(read_invocation(signals), reader, reporting)
    return refuse([problem], reporting, invocation, shard)


def _interrupted(signum: int, arguments: Sequence[str]) -> int:
    """End a command that was interrupted before it did anything; remove earlier reports."""
    name, flags, rest = _partly_parsed(arguments)
    if name in _REPORTING_COMMANDS:
        from gatekeeper.commands.earlier_reports import remove_earlier_reports
        from gatekeeper.settings.reporting import examine_places

        remove_earlier_reports(examine_places(flags, os.environ, _inputs(name, rest)))
    if name == "start":
        _remove_runs(flags)
    return ExitCode.of_signal(signum)


def _remove_runs(flags: Mapping[str, Any]) -> None:
    """Remove the `runs.json` of an earlier `start`, as nothing has been started now."""
    from gatekeeper.commands.earlier_reports import remove_earlier_runs
    from gatekeeper.settings.reporting import examine_places

    reporting = examine_places(flags, os.environ, lambda _: ())
    remove_earlier_runs(reporting.without_input_file("attach"))


def _inputs(name: str, arguments: Sequence[str]) -> InputFiles:
    """Return a function that yields the files a command reads, which are never removed."""
    if name == "merge":
        from gatekeeper.commands.merge import inputs

        return partial(inputs, arguments)
    return lambda _: ((name, Path(name)) for name in arguments)


def _partly_parsed(arguments: Sequence[str]) -> tuple[str, Mapping[str, Any], Sequence[str]]:
    """Return the command's name, its flags about files and reports, and the remaining arguments.

    Errors are ignored. The command's module is not imported: its import may have been interrupted.
    """
    from gatekeeper.commands.options import COMMENTING, REPORTING, options

    words = list(arguments)
    name = next((word for word in words if not word.startswith("-")), "")
    flags = options("config", "failed-from", "shard", *REPORTING, *COMMENTING)(click.Command(name))
    rest = words[words.index(name) + 1 :] if name else []
    context = flags.make_context(
        name, rest, resilient_parsing=True, ignore_unknown_options=True, allow_extra_args=True
    )
    return name, context.params, context.args


def _ended(code: ExitCode, what: str, *more: str) -> ExitCode:
    from gatekeeper.commands.invocation import masking_console
    from gatekeeper.known_secrets import secrets_of

    console = masking_console(sys.stderr, secrets_of(os.environ))
    console.say_all([f"gatekeeper: {what}", *more])
    return code
