"""Runs suites and judges them: from the starts of their runs to the reports."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TextIO

import click
from msgspec.structs import replace

from gatekeeper.commands.earlier_reports import remove_earlier_reports
from gatekeeper.commands.early_end import ended, refuse
from gatekeeper.commands.finish import conclude
from gatekeeper.commands.options import options
from gatekeeper.console import Console, is_terminal, shows_colour
from gatekeeper.core.model import Gate, RunProgress, with_variants
from gatekeeper.core.reports import log
from gatekeeper.core.text import one_line
from gatekeeper.core.verdict.run_ids import mark_shared_ids
from gatekeeper.deadline import Deadline
from gatekeeper.errors import ExitCode, Interrupted
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
from gatekeeper.watch.suites import GateContext, RunIds, SuiteWatch, watch_all

# How long starts that are in flight may take when a signal ends the gate.
_STARTS_SECONDS = 0.5
_WAITING = "Waiting for the run to end"


@click.command(
    "gate",
    epilog=f"Secrets have no flags: other processes can read a command line. Set "
    f"{', '.join(setting.variable for setting in SETTINGS if setting.secret)}, or name a file.",
)
@options(*BY_NAME)
@click.pass_obj
def command(signals: Signals, /, **flags: Any) -> ExitCode:
    """Run test suites (or attach to runs), judge the results and write reports."""
    reader, settings = examine(flags, os.environ)
    return gate_or_refuse(reader, settings, signals)


def gate_or_refuse(reader: Reader, settings: Settings, signals: Signals) -> ExitCode:
    """Run the gate with these settings, or report what is wrong with them."""
    if reader.problems:
        return refuse(
            reader.problems, settings.reporting, os.environ, signals, shard=settings.shard
        )
    return gate(settings, sys.stdout, os.environ, signals)


def gate(
    settings: Settings, stream: TextIO, environ: Mapping[str, str], signals: Signals
) -> ExitCode:
    """Start or attach to all runs, wait for them, judge and report; return the exit code."""
    secrets = [*settings.credentials.secrets, *proxy_passwords(environ)]
    redactor = Redactor(secrets)
    console = Console(stream, redactor, colour=shows_colour(stream, environ))
    for command in github.masks(secrets, environ):
        console.command(command, secret=True)
    if settings.credentials.weakness:
        console.say(f"warning: {settings.credentials.weakness}")
    console.say_all(f"warning: {warning}" for warning in settings.warnings)
    not_removed = remove_earlier_reports(settings.reporting)
    console.say_all(f"error: {text}" for text in not_removed)
    connect = _connecting(settings, console, redactor)
    end = ended(lambda: _gate(settings, connect, console, environ, signals), environ)
    signals.hold()
    end = replace(end, unwritten=(*not_removed, *end.unwritten))
    return conclude(end, settings.reporting, console, environ, signals)


def _gate(
    settings: Settings,
    connect: Connect,
    console: Console,
    environ: Mapping[str, str],
    signals: Signals,
) -> Gate:
    """Watch all suites to their ends."""
    started_at = datetime.now(UTC)
    start = time.monotonic()
    context = GateContext(connect, console, RunIds(), settings.fail_on_flaky)
    suites = [
        SuiteWatch(suite, context, _saving(settings, index) if settings.download_results else None)
        for index, suite in enumerate(settings.suites)
    ]
    try:
        with _displayed(suites, console, environ):
            watch_all(suites, settings.parallel)
        signals.hold()
    except Interrupted as interruption:
        patience = Deadline(_STARTS_SECONDS)
        for suite in suites:
            suite.interrupt(interruption.signum, patience.remaining)
    return Gate(
        mark_shared_ids(with_variants(suite.run for suite in suites)),
        started_at,
        time.monotonic() - start,
        pipeline_of(environ),
        signals.received,
        tuple(text for suite in suites for text in suite.unsaved),
        settings.shard,
    )


def _connecting(settings: Settings, console: Console, redactor: Redactor) -> Connect:
    """Return what makes the client of each run; the runs of an app share its limit of starts."""
    start_limits = {suite.stream_id: StartLimit() for suite in settings.suites}
    several = len(settings.suites) > 1

    def connect(suite: SuiteSettings, deadline: Deadline) -> KoreClient:
        prefix = f"{one_line(suite.test_suite)}: " if several else ""
        transport = Transport(
            settings.host, settings.credentials, suite.bot_language, settings.ca_bundle, redactor
        )
        return KoreClient(
            transport,
            suite.stream_id,
            start_limits[suite.stream_id],
            deadline,
            log=lambda text: console.say(f"  {prefix}{text}"),
            debug=lambda text: console.say(f"  debug: {prefix}{text}") if settings.debug else None,
        )

    return connect


@contextmanager
def _displayed(
    suites: Sequence[SuiteWatch], console: Console, environ: Mapping[str, str]
) -> Iterator[None]:
    """Show the suites' progress: with live bars on a terminal, else in lines, folded away."""

    def in_progress() -> list[RunProgress]:
        return [progress for suite in suites if (progress := suite.progress)]

    display = None
    if is_terminal(console.stream, environ) and "CI" not in environ:
        display = live(console, console.stream, in_progress)
    with (
        display or folded(console, _WAITING, environ),
        console.heartbeat(lambda: map(log.progress, in_progress())),
    ):
        yield


def _saving(settings: Settings, index: int) -> Callable[[bytes], None]:
    """Return what saves the platform's results file of a suite, given by its index."""
    reporting = settings.reporting
    path = reporting.results_file(index, len(settings.suites))
    return lambda body: write_whole(path, [body], reporting.workspace)
