"""The main job: the suites' runs from their starts to the reports."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from gatekeeper.commands.earlier_reports import remove_earlier_reports
from gatekeeper.commands.early_end import gate_of, refuse
from gatekeeper.commands.finish import finish
from gatekeeper.commands.invocation import Invocation, read_invocation
from gatekeeper.commands.options import options
from gatekeeper.console import Console
from gatekeeper.core.model import Gate, Standing, told_apart
from gatekeeper.core.reports.log import progress
from gatekeeper.core.text import one_line
from gatekeeper.core.verdict.run_ids import each_once
from gatekeeper.deadline import Deadline
from gatekeeper.errors import ExitCode, GatekeeperError, Interrupted, internal_error
from gatekeeper.files import write_atomically
from gatekeeper.kore.client import KoreClient
from gatekeeper.kore.start_limit import App
from gatekeeper.kore.transport import Transport
from gatekeeper.redaction import Redactor
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
    epilog="Secrets have no flags, because other processes can read a command line. Set "
    f"{', '.join(setting.variable for setting in SETTINGS if setting.secret)}, or name a file.",
)
@options(*BY_NAME)
@click.pass_obj
def command(signals: Signals, /, **flags: Any) -> ExitCode:
    """Run suites or attach to their runs, wait for the results, judge them, and write reports."""
    reader, settings = examine(flags, os.environ)
    return gate_or_refuse(reader, settings, signals)


def gate_or_refuse(reader: Reader, settings: Settings, signals: Signals) -> ExitCode:
    """Do the main job by these settings, or say what is wrong with them."""
    invocation = read_invocation(signals)
    if reader.problems:
        return refuse(reader.problems, settings.reporting, invocation, shard=settings.shard)
    return gate(settings, invocation)


def gate(settings: Settings, invocation: Invocation) -> ExitCode:
    """Do the main job: start or attach, wait, judge, report. Returns the exit code."""
    secrets = [*settings.credentials.secrets, *invocation.proxy_passwords]
    redactor = Redactor(secrets)
    console = Console(sys.stdout, redactor, colour=invocation.colour)
    invocation.platform.mask(secrets, console)
    if settings.credentials.weakness:
        console.say(f"warning: {settings.credentials.weakness}")
    console.say_all(f"warning: {warning}" for warning in settings.warnings)
    left = remove_earlier_reports(settings.reporting)
    console.say_all(f"error: {text}" for text in left)
    connect = _connecting(settings, console, redactor)
    end = gate_of(lambda: _gate(settings, connect, console, invocation), invocation.platform.job)
    invocation.signals.hold()
    end = replace(end, unwritten=(*left, *end.unwritten))
    return finish(end, settings.reporting, console, invocation)


def _gate(settings: Settings, connect: Connect, console: Console, invocation: Invocation) -> Gate:
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
        with _watched(suites, console, invocation):
            watch_all(suites, settings.parallel, keep_results_file)
        invocation.signals.hold()
    except Interrupted as interruption:
        patience = Deadline(_STARTS_SECONDS)
        for suite in suites:
            suite.interrupt(interruption.signum, patience.remaining)
    return Gate(
        each_once(told_apart(suite.end for suite in suites)),
        started_at,
        time.monotonic() - begun,
        invocation.platform.job,
        invocation.signals.received,
        tuple(unwritten),
        settings.shard,
    )


def _connecting(settings: Settings, console: Console, redactor: Redactor) -> Connect:
    """Return what connects each run to the platform; the limits of starts hold for all together."""
    apps = {suite.stream_id: App(suite.stream_id) for suite in settings.suites}
    several = len(settings.suites) > 1

    def connect(suite: SuiteSettings, deadline: Deadline) -> KoreClient:
        about = f"{one_line(suite.test_suite)}: " if several else ""
        transport = Transport(
            settings.host, settings.credentials, suite.bot_language, settings.ca_bundle, redactor
        )
        return KoreClient(
            transport,
            apps[suite.stream_id],
            deadline,
            tell=lambda text: console.say(f"  {about}{text}"),
            debug=lambda text: console.say(f"  debug: {about}{text}") if settings.debug else None,
        )

    return connect


@contextmanager
def _watched(suites: Sequence[Suite], console: Console, invocation: Invocation) -> Iterator[None]:
    """Show how the suites stand: in a live display for a person, else in lines, folded away."""

    def standings() -> list[Standing]:
        return [standing for suite in suites if (standing := suite.standing)]

    display = None
    if invocation.interactive:
        display = live(console, console.stream, standings)
    with (
        display or invocation.platform.section(_WAITING, console),
        console.heartbeat(lambda: map(progress, standings())),
    ):
        yield


def _download(suite: Suite, place: Path, workspace: Path, console: Console) -> list[str]:
    """Keep the platform's results file, if it gives one; return what could not be had of it."""
    url = suite.end.results_url
    if url is None:
        return []
    try:
        write_atomically(place, [suite.client.results_file(url)], workspace)
    except Exception as error:  # noqa: BLE001 - a bug here must not cost the verdict
        why = error.what if isinstance(error, GatekeeperError) else internal_error(error)
        what = f"the results file could not be kept: {why}"
        console.say(f"error: {what}")
        return [what]
    return []
