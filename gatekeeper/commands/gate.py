"""The main job: the suites' runs from their starts to the reports."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import click
from msgspec.structs import replace

from gatekeeper.commands.earlier_reports import remove_earlier_reports
from gatekeeper.commands.early_end import ended, refuse
from gatekeeper.commands.finish import conclude
from gatekeeper.commands.options import options
from gatekeeper.console import Console, is_terminal, shows_colour
from gatekeeper.core.model import Gate, Standing, told_apart
from gatekeeper.core.reports.log import progress
from gatekeeper.core.text import one_line
from gatekeeper.core.verdict.run_ids import each_once
from gatekeeper.deadline import Deadline
from gatekeeper.errors import ExitCode, GatekeeperError, Interrupted, internal_error
from gatekeeper.files import write_whole
from gatekeeper.kore.client import KoreClient
from gatekeeper.kore.start_limit import StartLimit
from gatekeeper.kore.transport import Transport
from gatekeeper.platforms import github
from gatekeeper.platforms.ci_job import pipeline_of
from gatekeeper.platforms.log_sections import folded
from gatekeeper.redaction import Redactor, proxy_passwords
from gatekeeper.settings.catalogue import BY_NAME, SETTINGS
from gatekeeper.settings.load import Settings, SuiteSettings, examine
from gatekeeper.settings.sources import Reader
from gatekeeper.signals import Signals
from gatekeeper.watch.progress_bars import live
from gatekeeper.watch.run import Connect
from gatekeeper.watch.suites import RunIds, Suite, watch_all

# How long starts that are under way are waited for when a signal ends the gate.
_STARTS_SECONDS = 0.5
_WAITING = "Waiting for the run to end"


@click.command(
    "gate",
    epilog=f"Secrets are no flags, for a command line is there for all to read: set "
    f"{', '.join(setting.variable for setting in SETTINGS if setting.secret)}, or name a file.",
)
@options(*BY_NAME)
@click.pass_obj
def command(signals: Signals, /, **flags: Any) -> ExitCode:
    """Start a suite's run (or attach to one), wait for its end, judge it, write the reports."""
    reader, settings = examine(flags, os.environ)
    return gate_or_refuse(reader, settings, signals)


def gate_or_refuse(reader: Reader, settings: Settings, signals: Signals) -> ExitCode:
    """Do the main job by these settings, or say what is wrong with them."""
    if reader.problems:
        return refuse(
            reader.problems, settings.reporting, os.environ, signals, shard=settings.shard
        )
    return gate(settings, sys.stdout, os.environ, signals)


def gate(
    settings: Settings, stream: TextIO, environ: Mapping[str, str], signals: Signals
) -> ExitCode:
    """Do the main job: start or attach, wait, judge, report. Returns the exit code."""
    secrets = [*settings.credentials.secrets, *proxy_passwords(environ)]
    redactor = Redactor(secrets)
    console = Console(stream, redactor, colour=shows_colour(stream, environ))
    for command in github.masks(secrets, environ):
        console.command(command, secret=True)
    if settings.credentials.weakness:
        console.say(f"warning: {settings.credentials.weakness}")
    console.say_all(f"warning: {warning}" for warning in settings.warnings)
    left = remove_earlier_reports(settings.reporting)
    console.say_all(f"error: {text}" for text in left)
    connect = _connecting(settings, console, redactor)
    end = ended(lambda: _gate(settings, connect, console, environ, signals), environ)
    signals.hold()
    end = replace(end, unwritten=(*left, *end.unwritten))
    return conclude(end, settings.reporting, console, environ, signals)


def _gate(
    settings: Settings,
    connect: Connect,
    console: Console,
    environ: Mapping[str, str],
    signals: Signals,
) -> Gate:
    """Start or attach to all runs, and wait for their ends."""
    started_at = datetime.now(UTC)
    begun = time.monotonic()
    run_ids = RunIds()
    suites = [
        Suite(suite, connect, console, run_ids, fail_on_flaky=settings.fail_on_flaky)
        for suite in settings.suites
    ]
    unwritten: list[str] = []

    def keep_results_file(suite: Suite) -> None:
        if settings.download_results:
            place = settings.reporting.results_file(suites.index(suite), len(suites))
            workspace = settings.reporting.workspace
            unwritten.extend(_download(suite, place, workspace, console))

    try:
        with _watched(suites, console, environ):
            watch_all(suites, settings.parallel, keep_results_file)
        signals.hold()
    except Interrupted as interruption:
        patience = Deadline(_STARTS_SECONDS)
        for suite in suites:
            suite.interrupt(interruption.signum, patience.remaining)
    return Gate(
        each_once(told_apart(suite.end for suite in suites)),
        started_at,
        time.monotonic() - begun,
        pipeline_of(environ),
        signals.received,
        tuple(unwritten),
        settings.shard,
    )


def _connecting(settings: Settings, console: Console, redactor: Redactor) -> Connect:
    """Return what connects each run to the platform; the limits of starts hold for all together."""
    start_limits = {suite.stream_id: StartLimit() for suite in settings.suites}
    several = len(settings.suites) > 1

    def connect(suite: SuiteSettings, deadline: Deadline) -> KoreClient:
        about = f"{one_line(suite.test_suite)}: " if several else ""
        transport = Transport(
            settings.host, settings.credentials, suite.bot_language, settings.ca_bundle, redactor
        )
        return KoreClient(
            transport,
            suite.stream_id,
            start_limits[suite.stream_id],
            deadline,
            log=lambda text: console.say(f"  {about}{text}"),
            debug=lambda text: console.say(f"  debug: {about}{text}") if settings.debug else None,
        )

    return connect


@contextmanager
def _watched(
    suites: Sequence[Suite], console: Console, environ: Mapping[str, str]
) -> Iterator[None]:
    """Show how the suites stand: in a live display for a person, else in lines, folded away."""

    def standings() -> list[Standing]:
        return [standing for suite in suites if (standing := suite.standing)]

    display = None
    if is_terminal(console.stream, environ) and "CI" not in environ:
        display = live(console, console.stream, standings)
    with (
        display or folded(console, _WAITING, environ),
        console.heartbeat(lambda: map(progress, standings())),
    ):
        yield


def _download(suite: Suite, place: Path, workspace: Path, console: Console) -> list[str]:
    """Keep the platform's results file, if it gives one; return what could not be had of it."""
    url = suite.end.results_url
    if url is None:
        return []
    try:
        write_whole(place, [suite.client.results_file(url)], workspace)
    except Exception as error:  # noqa: BLE001 - a bug here must not cost the verdict
        why = error.what if isinstance(error, GatekeeperError) else internal_error(error)
        what = f"the results file could not be kept: {why}"
        console.say(f"error: {what}")
        return [what]
    return []
