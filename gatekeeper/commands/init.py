"""Setting a gate up: writes the configuration file and the job of a CI platform."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from gatekeeper.commands.init_questions import ask, can_ask, is_incomplete
from gatekeeper.commands.options import options
from gatekeeper.console import Console
from gatekeeper.errors import ExitCode, cause_of
from gatekeeper.job_files.checkout import default_branch, platforms_of, root_of
from gatekeeper.job_files.new_gate import (
    CONFIG_FILE,
    JobPlace,
    NewGate,
    config_text,
    job_text,
    place_of_job,
)
from gatekeeper.job_files.next_steps import next_steps
from gatekeeper.job_files.platforms import BY_NAME, NONE
from gatekeeper.job_files.reading import read_new_gate
from gatekeeper.new_files import create_files
from gatekeeper.settings.catalogue import TEST_SUITE
from gatekeeper.signals import Signals


@click.command("init")
@click.option(
    "--platform",
    type=click.Choice(list(BY_NAME), case_sensitive=False),
    help="CI platform to write the job for. By default, the one that the checkout uses.",
)
@options("host", "stream-id", "client-id", "user-email")
@click.option(
    "--test-suite",
    multiple=True,
    metavar="NAME",
    help=f"Conversation test suite to run. Repeatable.  [env var: {TEST_SUITE.variable}]",
)
@click.option(
    "--image", metavar="IMAGE", help="Your own image, such as registry.example.com/gatekeeper:1.0."
)
@click.option(
    "--action",
    metavar="ACTION",
    help="Your own action for a job on GitHub, such as my-org/gatekeeper@main.",
)
@click.option(
    "--comment/--no-comment",
    default=None,
    help="Have the gate comment on pull and merge requests, on GitHub and GitLab.",
)
@click.option("--dry-run", is_flag=True, help="Print the files instead of writing them.")
@click.pass_obj
def command(signals: Signals, /, *, dry_run: bool, **flags: Any) -> ExitCode:
    """Write gatekeeper.toml and the job file of a CI platform.

    Asks for what is missing if it runs on a terminal. Never overwrites a file, and never asks for
    a secret or writes one.
    """
    if not dry_run and os.path.lexists(CONFIG_FILE):
        return _refuse([CONFIG_FILE])
    root = _repository(flags["platform"])
    platforms = platforms_of(root)
    if is_incomplete(flags, os.environ, platforms) and can_ask():
        try:
            flags = ask(flags, os.environ, platforms)
        except click.Abort:
            raise click.ClickException("cancelled; nothing was written") from None
    gate, warnings = read_new_gate(flags, os.environ, platforms, default_branch(root))
    Console(sys.stderr).say_all(f"warning: {warning}" for warning in warnings)
    place = place_of_job(gate.platform)
    if dry_run:
        return _print(gate, place)
    return _write(gate, place, signals)


def _repository(platform: str | None) -> Path:
    """Return the root of the repository that the working folder is in, or else that folder.

    Raises `ClickException` if a platform would not find the files in the working folder.
    """
    try:
        here = Path.cwd()
    except OSError as error:
        raise click.ClickException(
            f"the working folder cannot be read: {cause_of(error)}"
        ) from None
    root = root_of(here) or here
    if root != here and platform != NONE.name:
        raise click.ClickException(
            f"CI platforms read files in the root of the repository: run init in {root}, or here "
            f"with --platform {NONE.name}, for {CONFIG_FILE} alone"
        )
    return root


def _refuse(existing: Iterable[str]) -> ExitCode:
    names = list(existing)
    verb, them = ("exists", "it") if len(names) == 1 else ("exist", "them")
    Console(sys.stderr).say(
        f"gatekeeper: nothing was written, because {' and '.join(names)} {verb} and init never "
        f"overwrites a file: rename {them} and run init again, or copy from init --dry-run"
    )
    return ExitCode.CONFIGURATION


def _files(gate: NewGate, place: JobPlace) -> dict[str, str]:
    """Return the text of each file, by its path."""
    job = {place.path: job_text(gate, is_beside=place.is_beside)} if place.path else {}
    return {CONFIG_FILE: config_text(gate)} | job


def _print(gate: NewGate, place: JobPlace) -> ExitCode:
    console = Console(sys.stdout)
    for path, text in _files(gate, place).items():
        console.say_all([f"==> {path} <==", text])
    _say_rest(gate, place, console)
    return ExitCode.PASSED


def _write(gate: NewGate, place: JobPlace, signals: Signals) -> ExitCode:
    files = _files(gate, place)
    if existing := [path for path in files if os.path.lexists(path)]:
        return _refuse(existing)
    here = os.path.realpath(".")
    for path in files:
        if not Path(os.path.realpath(path)).is_relative_to(here):
            raise click.ClickException(
                f"nothing was written: {Path(path).parent} leads out of this folder by a symbolic "
                "link: remove the link, or copy from init --dry-run"
            )
    # A signal now would leave some of the files.
    signals.hold()
    try:
        create_files({Path(path): text for path, text in files.items()})
    except FileExistsError as error:
        return _refuse([error.filename])
    except OSError as error:
        raise click.ClickException(
            f"nothing was written: cannot write {error.filename}: {cause_of(error)}"
        ) from None
    console = Console(sys.stdout)
    console.say_all([*(f"wrote {path}" for path in files), ""])
    _say_rest(gate, place, console)
    return ExitCode.PASSED if signals.received is None else ExitCode.of_signal(signals.received)


def _say_rest(gate: NewGate, place: JobPlace, console: Console) -> None:
    """Print a job that has no file of its own, and what is left to do."""
    platform = gate.platform
    if platform.path and not place.path:
        console.say_all([f"The job for {platform.path}:", "", job_text(gate)])
    console.say("To do:")
    steps = next_steps(gate, place, list(_files(gate, place)))
    console.say_all(f"  {number}. {step}" for number, step in enumerate(steps, 1))
