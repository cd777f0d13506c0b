"""Runs suites and judges them: from the starts of their runs to the reports."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any

import click
from msgspec.structs import replace

from gatekeeper.commands.earlier_reports import remove_earlier_reports
from gatekeeper.commands.early_end import gate_from, refuse
from gatekeeper.commands.finish import finish
from gatekeeper.commands.invocation import (
    Invocation,
    masking_console,
    read_invocation,
    with_events,
)
from gatekeeper.commands.job_settings import examine_job
from gatekeeper.commands.options import options
from gatekeeper.commands.report_loading import loading_reports
from gatekeeper.console import Console
from gatekeeper.core.masking import masked_file
from gatekeeper.core.model import Gate
from gatekeeper.core.progress import GateProgress
from gatekeeper.core.text import one_line
from gatekeeper.core.variants import variants_of, with_variants
from gatekeeper.core.verdict.run_ids import mark_shared_ids
from gatekeeper.deadline import Deadline
from gatekeeper.errors import ExitCode, Interrupted
from gatekeeper.files import write_atomically
from gatekeeper.kore.client import KoreClient
from gatekeeper.kore.start_limit import StartLimit
from gatekeeper.kore.transport import Transport
from gatekeeper.platforms import detect
from gatekeeper.redaction import Redactor
from gatekeeper.settings.catalogue import BY_NAME, FAILED_FROM, SECRET_VARIABLES
from gatekeeper.settings.gate_settings import Settings, SuiteSettings
from gatekeeper.settings.sources import Reader
from gatekeeper.signals import Signals
from gatekeeper.watch.progress_bars import live
from gatekeeper.watch.progress_log import ProgressLog
from gatekeeper.watch.run import Connect
from gatekeeper.watch.suites import GateContext, RunIds, SuiteWatch, watch_all

# How long starts that are in flight may take when a signal ends the gate.
_STARTS_SECONDS = 0.5


@click.command(
    "gate",
    epilog=f"Secrets have no flags: other processes can read a command line. Set "
    f"{', '.join(SECRET_VARIABLES)}, or name a file.",
)
@options(*BY_NAME)
@click.pass_obj
def command(signals: Signals, /, **flags: Any) -> ExitCode:
    """Run suites or attach to their runs, wait for the results, judge them, and write reports."""
    reader, settings = examine_job(flags, detect(os.environ))
    return gate_or_refuse(reader, settings, signals)


def gate_or_refuse(reader: Reader, settings: Settings, signals: Signals) -> ExitCode:
    """Run the gate with these settings, or report what is wrong with them."""
    invocation = with_events(read_invocation(signals), reader, settings.reporting)
    if reader.problems:
        return refuse(
            reader.problems, settings.reporting, invocation, settings.shard, reader.warnings
        )
    reporting = settings.reporting.without_input_file(FAILED_FROM.name)
    return gate(replace(settings, reporting=reporting), invocation)


def gate(settings: Settings, invocation: Invocation) -> ExitCode:
    """Start or attach to all runs, wait for them, judge and report; return the exit code."""
    console, redactor = open_log(settings, invocation)
    not_removed = remove_earlier_reports(settings.reporting)
    console.say_all(f"error: {text}" for text in not_removed)
    connect = connecting(settings, console, redactor)
    end = gate_from(lambda: _gate(settings, connect, console, invocation), invocation.platform.job)
    invocation.signals.hold()
    end = replace(end, unwritten=(*not_removed, *end.unwritten), partial=settings.partial)
    return finish(end, settings.reporting, console, invocation)


def open_log(settings: Settings, invocation: Invocation) -> tuple[Console, Redactor]:
    """Return the log and what masks it; its first lines are the notes about the settings."""
    secrets = [*settings.secrets, *invocation.secrets]
    redactor = Redactor(secrets)
    console = masking_console(
        sys.stdout,
        secrets,
        colour=invocation.colour,
        quiet=settings.reporting.quiet,
        redactor=redactor,
    )
    if settings.host_note:
        console.say(f"note: {settings.host_note}")
    console.say_all(f"warning: {warning}" for warning in _token_warnings(settings))
    console.say_all(f"warning: {warning}" for warning in settings.warnings)
    return console, redactor


def _token_warnings(settings: Settings) -> Iterator[str]:
    """Yield what is weak about the credentials, or will not last for this gate."""
    for name, names in settings.credentials_in_use.items():
        credentials = settings.credentials[name]
        if credentials.weakness:
            yield f"{names.label}: {credentials.weakness}" if name else credentials.weakness
        for warning in credentials.warnings(settings.longest_timeout(name)):
            yield f"{names.label or 'jwt'}: {names.advice(warning)}"


def _gate(settings: Settings, connect: Connect, console: Console, invocation: Invocation) -> Gate:
    """Watch all suites to their ends."""
    started_at = datetime.now(UTC)
    start = time.monotonic()
    suites: list[SuiteWatch] = []

    def progress() -> GateProgress:
        return GateProgress([suite.now for suite in suites], time.monotonic() - start)

    progress_log = ProgressLog(console, progress)
    context = GateContext(
        connect, console, progress_log, RunIds(), settings.fail_on_flaky, invocation.events
    )
    variants = variants_of([(suite.test_suite, suite.bot_language) for suite in settings.suites])
    suites += (
        SuiteWatch(suite, context, variants[index], _saving(settings, index, console))
        for index, suite in enumerate(settings.suites)
    )
    try:
        with (
            _displayed(progress, len(suites), console, invocation),
            progress_log.running(),
            loading_reports(settings.reporting),
        ):
            watch_all(suites, settings.parallel)
        invocation.signals.hold()
    except Interrupted as interruption:
        settings.interrupt()
        patience = Deadline(_STARTS_SECONDS)
        for suite in suites:
            suite.interrupt(interruption.signum, patience.remaining)
    return Gate(
        mark_shared_ids(with_variants(suite.run for suite in suites)),
        started_at,
        time.monotonic() - start,
        invocation.platform.job,
        invocation.signals.received,
        tuple(text for suite in suites for text in suite.unsaved),
        settings.shard,
    )


def connecting(settings: Settings, console: Console, redactor: Redactor) -> Connect:
    """Return what makes the client of each run; the runs of an app share its limit of starts."""
    start_limits = {suite.stream_id: StartLimit() for suite in settings.suites}
    several = len(settings.suites) > 1

    def connect(suite: SuiteSettings, deadline: Deadline) -> KoreClient:
        prefix = f"{one_line(suite.test_suite)}: " if several else ""
        transport = Transport(
            settings.host,
            settings.credentials[suite.credentials.name],
            {"bot-language": suite.bot_language},
            settings.ca_bundle,
            redactor,
        )
        return KoreClient(
            transport,
            suite.stream_id,
            start_limits[suite.stream_id],
            deadline,
            log=lambda text: console.inform(f"  {prefix}{text}"),
            debug=lambda text: console.say(f"  debug: {prefix}{text}") if settings.debug else None,
            names=suite.credentials,
        )

    return connect


def _displayed(
    progress: Callable[[], GateProgress], suites: int, console: Console, invocation: Invocation
) -> AbstractContextManager[None]:
    """Show the suites' progress: in a live display on a terminal, else in lines, folded away.

    A quiet log has neither.
    """
    if console.quiet:
        return nullcontext()
    display = live(console, console.stream, progress) if invocation.interactive else None
    runs = "run" if suites == 1 else f"{suites} runs"
    return display or invocation.platform.section(f"Waiting for the {runs} to end", console)


def _saving(settings: Settings, index: int, console: Console) -> Callable[[bytes], None] | None:
    """Return what saves the platform's results file of a suite, given by its index, if wanted."""
    if not settings.download_results:
        return None
    reporting = settings.reporting
    path = reporting.results_file(index, len(settings.suites))
    return lambda body: write_atomically(
        path, [masked_file(body, console.mask)], reporting.workspace
    )
