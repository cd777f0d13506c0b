"""The command line: each command returns its exit code.

A command imports what it needs when it runs, so that none waits for what another one needs, and
`--version` and `--help` for nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from gatekeeper import __version__
from gatekeeper.commands.options import options
from gatekeeper.errors import ConfigurationError, ExitCode, Interrupted, internal_error
from gatekeeper.settings.catalogue import BY_NAME, SETTINGS
from gatekeeper.signals import Signals

if TYPE_CHECKING:
    from gatekeeper.settings.load import Settings
    from gatekeeper.settings.sources import Reader

_EXAMPLES = """\b
Examples:
  gatekeeper demo
      the whole job against a simulated app, without an account
  gatekeeper gate --test-suite "Booking regression"
      start that suite's run and wait; the rest by GATEKEEPER_* variables
  gatekeeper gate --test-suite "Booking regression" --test-run-id ctr-…
      wait for a run that somebody else started
  gatekeeper config
      print the settings, where each came from, and which suites would run
  gatekeeper check answer.json
      judge a saved status answer
  gatekeeper plan --shards 3
      part the suites over three jobs, by how long they took before
  gatekeeper merge shards
      join the reports of these jobs to one verdict
"""
_POLICY = ("accept", "strict-text")
_REPORTING = ("source-map", "report-dir", "reports", "junit", "history")
_DEMO = ("timeout", *_POLICY, *_REPORTING, "debug")

# As `core.saved` has it, which is not imported for this alone.
_MOST_SHARDS = 256


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
@options(*BY_NAME)
@click.pass_obj
def gate_command(signals: Signals, /, **flags: Any) -> ExitCode:
    """Start a suite's run (or attach to one), wait for its end, judge it, write the reports."""
    from gatekeeper.settings.load import examine

    reader, settings = examine(flags, os.environ)
    return _gate(reader, settings, signals)


def _gate(reader: Reader, settings: Settings, signals: Signals) -> ExitCode:
    from gatekeeper.commands.early_end import refuse
    from gatekeeper.commands.gate import gate

    if reader.problems:
        return refuse(
            reader.problems, settings.reporting, os.environ, signals, shard=settings.shard
        )
    return gate(settings, sys.stdout, os.environ, signals)


@cli.command("config")
@options(*BY_NAME)
def config_command(**flags: Any) -> ExitCode:
    """Print what the gate would do: its settings, where each came from, and the suites' runs."""
    from gatekeeper.console import Console
    from gatekeeper.redaction import Redactor
    from gatekeeper.settings.display import shown
    from gatekeeper.settings.load import examine

    reader, settings = examine(flags, os.environ)
    console = Console(sys.stdout, Redactor(settings.credentials.secrets))
    console.say_all(shown(reader, settings))
    reader.finish()
    return ExitCode.PASSED


@cli.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@options("test-suite", *_POLICY, *_REPORTING)
@click.pass_obj
def check_command(signals: Signals, /, files: Sequence[str], **flags: Any) -> ExitCode:
    """Judge saved answers of the status endpoint, one run a file; - is standard input."""
    from gatekeeper.commands.check import check, read_answers
    from gatekeeper.commands.early_end import concluded, refuse
    from gatekeeper.settings.load import examine_check

    reader, test_suite, policy, reporting = examine_check(flags, os.environ, files)
    answers = read_answers(files, test_suite, reader)
    if reader.problems:
        return refuse(reader.problems, reporting, os.environ, signals)
    return concluded(lambda: check(answers, policy, os.environ), reporting, os.environ, signals)


@cli.command("plan")
@click.option(
    "--shards",
    type=click.IntRange(1, _MOST_SHARDS),
    required=True,
    metavar="N",
    help="Over how many jobs the suites are to be parted.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["github", "gitlab", "jenkins"]),
    default="github",
    show_default=True,
    help="Who reads it: a matrix, a child pipeline, or a list for parallel.",
)
@click.option(
    "--durations",
    multiple=True,
    metavar="PATH",
    help="A result.json of before, or its folder, that tells how long suites take.",
)
@options("test-suite", "config", "tag")
def plan_command(shards: int, form: str, durations: Sequence[str], **flags: Any) -> ExitCode:
    """Part the suites over several jobs, evenly, and print these jobs as a platform takes them."""
    from gatekeeper.commands.plan import plan, suites_to_plan

    suites = suites_to_plan(flags, os.environ)
    return plan(suites, shards, form, durations, os.environ)


@cli.command("merge")
@click.argument("places", nargs=-1, required=True, metavar="DIR…")
@click.option(
    "--shards",
    type=click.IntRange(1, _MOST_SHARDS),
    metavar="N",
    help="How many reports there have to be, where they do not tell it themselves.",
)
@options(*_REPORTING)
@click.pass_obj
def merge_command(
    signals: Signals, /, places: Sequence[str], shards: int | None, **flags: Any
) -> ExitCode:
    """Join the reports of several jobs to one verdict; a missing one is never green.

    DIR is a folder with a result.json, or one that holds such folders.
    """
    from gatekeeper.commands.early_end import concluded, refuse
    from gatekeeper.commands.merge import merge
    from gatekeeper.settings.load import examine_reporting

    reader, reporting = examine_reporting(flags, os.environ)
    if reader.problems:
        return refuse(reader.problems, reporting, os.environ, signals)
    return concluded(
        lambda: merge(places, shards, os.environ, reporting.directory),
        reporting,
        os.environ,
        signals,
    )


@cli.command("demo")
@click.option("--scenario", default="banking-transfer", help="Which conversation to run.")
@click.option("--speed", default=1.0, help="How many times faster than life it runs.")
@options(*_DEMO)
@click.pass_obj
def demo_command(signals: Signals, /, scenario: str, speed: float, **flags: Any) -> ExitCode:
    """Do the main job against the simulator: no account, nothing leaves this machine."""
    from gatekeeper.settings.load import examine
    from gatekeeper.simulator import Simulator, scenario_names

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
        return _gate(reader, settings, signals)


@cli.command("simulate")
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
def simulate_command(**flags: Any) -> ExitCode:
    """Serve a simulated app until interrupted, and print the settings to use it with."""
    from gatekeeper.commands.simulate import serve
    from gatekeeper.console import Console

    return serve(Console(sys.stdout), **flags)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code, whatever happens on the way."""
    signals = Signals()
    try:
        return int(cli.main(arguments, "gatekeeper", standalone_mode=False, obj=signals) or 0)
    except click.UsageError as error:
        given = sys.argv[1:] if arguments is None else arguments
        return _misused(error.format_message(), given, signals)
    except click.ClickException as error:
        return _ended(ExitCode.CONFIGURATION, error.format_message())
    except ConfigurationError as error:
        told = [f"the settings have {_counted(len(error.problems))}:"]
        return _ended(ExitCode.CONFIGURATION, *told, *(f"  - {one}" for one in error.problems))
    except Interrupted as interruption:
        return 128 + interruption.signum
    except Exception as error:  # noqa: BLE001 - never a traceback, and never the wrong exit code
        # The code that Python would end with is the one of a failed test.
        return _ended(ExitCode.NO_VERDICT, internal_error(error))


# The commands that write reports, each with how it reads where they go.
_REPORTING_COMMANDS = ("gate", "check", "merge", "demo")


def _misused(problem: str, arguments: Sequence[str], signals: Signals) -> ExitCode:
    """End a command that could not be understood; its reports say so where it writes any."""
    name = next((text for text in arguments if not text.startswith("-")), "")
    if name not in _REPORTING_COMMANDS:
        return _ended(ExitCode.CONFIGURATION, problem)
    from gatekeeper.commands.early_end import refuse
    from gatekeeper.settings.load import examine, examine_reporting

    rest = list(arguments)[list(arguments).index(name) + 1 :]
    # As much of it as can be understood, for where the reports go.
    context = cli.commands[name].make_context(
        name, rest, resilient_parsing=True, ignore_unknown_options=True, allow_extra_args=True
    )
    if name == "gate":
        reporting = examine(context.params, os.environ)[1].reporting
    else:
        _, reporting = examine_reporting(context.params, os.environ)
    return refuse([problem], reporting, os.environ, signals)


def _ended(code: ExitCode, what: str, *more: str) -> ExitCode:
    from gatekeeper.console import Console

    Console(sys.stderr).say_all([f"gatekeeper: {what}", *more])
    return code


def _counted(problems: int) -> str:
    return "a problem" if problems == 1 else f"{problems} problems"
