"""The main job: one suite's run from its start to its reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TextIO

from gatekeeper.conclusion import conclude
from gatekeeper.console import Console, is_terminal, shows_colour
from gatekeeper.core.model import Gate, Run
from gatekeeper.core.reports.console import progress
from gatekeeper.deadline import Deadline
from gatekeeper.errors import ExitCode, GatekeeperError, Interrupted
from gatekeeper.files import write_whole
from gatekeeper.kore.client import KoreClient
from gatekeeper.kore.transport import Transport
from gatekeeper.live import live
from gatekeeper.platforms import github
from gatekeeper.platforms.folding import folded
from gatekeeper.platforms.pipeline import pipeline_of
from gatekeeper.redaction import Redactor, proxy_passwords
from gatekeeper.runner import SuiteRun
from gatekeeper.settings.read import Reporting, Settings
from gatekeeper.signals import Signals

_WAITING = "Waiting for the run to end"


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

    started_at = datetime.now(UTC)
    deadline = Deadline(settings.timeout)
    transport = Transport(
        settings.host, settings.credentials, settings.bot_language, settings.ca_bundle, redactor
    )
    client = KoreClient(
        transport,
        settings.stream_id,
        deadline,
        tell=lambda text: console.say(f"  {text}"),
        debug=lambda text: console.say(f"  debug: {text}") if settings.debug else None,
    )
    run = SuiteRun(settings, client, deadline, console)
    unwritten: tuple[str, ...] = ()
    try:
        with _watched(run, console, stream, environ):
            run.watch()
            if settings.download_results:
                unwritten = _download(run.end, client, settings.reporting, console)
        signals.hold()
    except Interrupted as interruption:
        run.interrupt(interruption.signum)
    end = Gate(
        (run.end,), started_at, deadline.elapsed, pipeline_of(environ), signals.received, unwritten
    )
    return conclude(end, settings.reporting, console, environ, signals)


@contextmanager
def _watched(
    run: SuiteRun, console: Console, stream: TextIO, environ: Mapping[str, str]
) -> Iterator[None]:
    """Show how the run stands: in a live display for a person, else in lines, folded away."""
    display = None
    if is_terminal(stream, environ) and "CI" not in environ:
        display = live(console, stream, lambda: [run.standing])
    with (
        display or folded(console, _WAITING, environ),
        console.heartbeat(lambda: progress(run.standing)),
    ):
        yield


def _download(
    run: Run, client: KoreClient, reporting: Reporting, console: Console
) -> tuple[str, ...]:
    """Keep the platform's results file, if it gives one; return what could not be had of it."""
    if run.results_url is None:
        return ()
    try:
        write_whole(reporting.results_file, [client.results_file(run.results_url)])
    except GatekeeperError as error:
        what = f"the results file could not be kept: {error.what}"
        console.say(f"error: {what}")
        return (what,)
    return ()
