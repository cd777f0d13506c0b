"""Starts the runs of a gate without waiting for them, for a later gate to attach to."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

import click
from msgspec.structs import replace

from gatekeeper.commands.earlier_reports import remove_earlier_reports, remove_earlier_runs
from gatekeeper.commands.gate import connecting, open_log
from gatekeeper.commands.invocation import Invocation, masking_console, read_invocation
from gatekeeper.commands.job_settings import examine_job
from gatekeeper.commands.options import POLICY, REPORTING, options
from gatekeeper.console import Console
from gatekeeper.core.masking import masked, masked_value
from gatekeeper.core.model import Gate, Pipeline
from gatekeeper.core.reports.starts import ending, not_started, starts_summary
from gatekeeper.core.runs_file import NAME, SCHEMA, SavedStarts, runs_json
from gatekeeper.core.text import one_line, printable
from gatekeeper.core.variants import variants_of
from gatekeeper.deadline import Deadline
from gatekeeper.errors import ExitCode, Interrupted, ReportNotWritten, internal_error
from gatekeeper.files import write_atomically
from gatekeeper.platforms import detect
from gatekeeper.platforms.base import Platform
from gatekeeper.settings.catalogue import (
    ATTACH,
    BY_NAME,
    FAILED_FROM,
    REPORT_DIR,
)
from gatekeeper.settings.gate_settings import Settings
from gatekeeper.settings.sources import Reader
from gatekeeper.signals import Signals
from gatekeeper.watch.attempt import Attempt
from gatekeeper.watch.run import Connect
from gatekeeper.watch.starts import SuiteStart
from gatekeeper.watch.suites import RunIds, watch_all

OUTPUT = "test-run-ids"
"""The output with the ids of the runs that were started, separated by commas."""
# How long starts that are in flight may take when a signal ends the command.
_PATIENCE_SECONDS = 0.5
_OF_THE_LATER_GATE = {
    *POLICY,
    *(name for name in REPORTING if name not in ("report-dir", "quiet")),
    "attach",
    "comment",
    "download-results",
    "fail-on-flaky",
    "failed-from",
    "retries",
    "test-run-id",
}


@click.command("start")
@options(*(name for name in BY_NAME if name not in _OF_THE_LATER_GATE))
@click.pass_obj
def command(signals: Signals, /, **flags: Any) -> ExitCode:
    """Start the runs that gate would start, and wait for none of them.

    Writes runs.json to report-dir; gate --attach judges the runs, in a later job of the same
    pipeline. Takes the settings of gate, except those for judging and reporting; timeout is the
    time that each start may take. Exit code 3 means that a suite was not started.
    """
    platform = detect(os.environ)
    # A pipeline may set it for all of its jobs.
    reader, settings = examine_job(
        flags, platform, ignored=(ATTACH.variable, ATTACH.input_variable)
    )
    invocation = read_invocation(signals)
    _refuse_misuse(reader, settings)
    if reader.problems:
        console = masking_console(sys.stderr, invocation.secrets)
        console.say_all(f"warning: {warning}" for warning in reader.warnings)
        console.say_all(f"error: {text}" for text in remove_earlier_runs(settings.reporting))
        reader.finish()
    return start(settings, invocation)


def _refuse_misuse(reader: Reader, settings: Settings) -> None:
    """Note what only a gate can do, and a file that would be overwritten."""
    if reader.is_given(FAILED_FROM):
        reader.problem(FAILED_FROM, "start starts every suite: remove failed-from, or run the gate")
    for suite in settings.suites:
        if suite.test_run_id:
            name, run_id = one_line(suite.test_suite), one_line(suite.test_run_id)
            why = f"run {run_id} is started already: remove its id, or run the gate"
            reader.note(f'suite "{name}": {why}')
    path = settings.reporting.directory / NAME
    if settings.reporting.is_input_file(path):
        reader.problem(REPORT_DIR, f"{path} is read by this command, which would overwrite it")


def start(settings: Settings, invocation: Invocation) -> ExitCode:
    """Start all runs, write `runs.json` and publish the ids; return the exit code."""
    console, redactor = open_log(settings, invocation)
    if settings.parallel < len(settings.suites):
        console.say(
            f"note: start waits for no run, so more than {settings.parallel} can be in progress"
        )
    starts = _Starts(
        settings, invocation.platform.job, connecting(settings, console, redactor), console
    )
    unremoved = [
        *remove_earlier_reports(settings.reporting),
        *remove_earlier_runs(settings.reporting),
    ]
    console.say_all(f"error: {text}" for text in unremoved)
    # First, because a run is wasted if its id cannot be written.
    if unremoved or not _works(starts.write, console):
        console.say("gatekeeper: nothing was started")
        return ExitCode.REPORT_NOT_WRITTEN
    try:
        watch_all(starts.suites, settings.parallel)
        invocation.signals.hold()
    except Interrupted as interruption:
        invocation.signals.hold()
        settings.interrupt()
        patience = Deadline(_PATIENCE_SECONDS)
        for suite in starts.suites:
            suite.interrupt(interruption.signum, patience.remaining)
    works = _works(starts.write, console), _publish(starts, invocation.platform, console)
    code = _exit_code(starts, invocation.signals.received, is_complete=all(works))
    for name, saved in zip(starts.names, starts.saved.runs, strict=True):
        if saved.problem:
            console.say_all(not_started(name, saved))
    console.say_all(ending(starts.saved.runs, str(starts.path), code))
    return code


def _exit_code(starts: _Starts, signum: int | None, *, is_complete: bool) -> ExitCode:
    if signum is not None:
        return ExitCode.of_signal(signum)
    if not all(suite.is_started for suite in starts.suites):
        return ExitCode.NO_VERDICT
    return ExitCode.PASSED if is_complete else ExitCode.REPORT_NOT_WRITTEN


class _Starts:
    """The starts of all suites, and the file that says what came of them."""

    def __init__(
        self, settings: Settings, job: Pipeline, connect: Connect, console: Console
    ) -> None:
        self.path = settings.reporting.directory / NAME
        self._workspace = settings.reporting.workspace
        self._mask = console.mask
        self._lock = threading.Lock()
        self._head = SavedStarts(
            schema=SCHEMA,
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
            host=settings.host,
            shard=settings.shard,
            commit=job.commit and printable(job.commit),
            pipeline_id=job.id and printable(job.id),
            pipeline_url=job.url and printable(job.url),
            runs=(),
        )
        ids = RunIds()
        self.suites = [
            SuiteStart(
                Attempt(suite, name, console, changed=lambda: None),
                connect,
                partial(ids.claim, name=name),
                self._write_early,
            )
            for suite, name in zip(settings.suites, _names(settings, console), strict=True)
        ]

    @property
    def names(self) -> list[str]:
        """The names of the suites in the log, masked."""
        return [suite.name for suite in self.suites]

    @property
    def saved(self) -> SavedStarts:
        """What the file says at the moment, with the texts of its runs masked."""
        runs = tuple(suite.saved for suite in self.suites)
        return replace(self._head, runs=masked_value(runs, self._mask))

    def _write_early(self) -> None:
        # A job can be killed at any moment. The last writing reports what keeps failing.
        with suppress(ReportNotWritten):
            self.write()

    def write(self) -> None:
        """Write the file; raises `ReportNotWritten`."""
        with self._lock:
            write_atomically(self.path, [runs_json(self.saved)], self._workspace)


def _publish(starts: _Starts, platform: Platform, console: Console) -> bool:
    """Publish the outputs, the summary and what failed; return whether all of it worked."""
    saved = starts.saved
    failed = tuple(run for suite in starts.suites if (run := suite.failed_run))
    gate = masked(Gate(failed, datetime.now(UTC), 0.0, platform.job), console.mask)
    ids = ",".join(printable(start.test_run_id) for start in saved.runs if start.test_run_id)
    works = [
        _works(partial(platform.annotate, gate, None, console), console),
        _works(partial(platform.publish_outputs, {OUTPUT: ids}, console), console),
    ]
    if platform.takes_summary:
        markdown = starts_summary(starts.names, saved.runs)
        works.append(_works(partial(platform.publish_summary, markdown, console), console))
    return all(works)


def _works(write: Callable[[], None], console: Console) -> bool:
    """Write something and return whether that worked; if not, log why."""
    try:
        write()
    except ReportNotWritten as error:
        console.say(f"error: {'; '.join(filter(None, (error.what, error.next_step)))}")
        return False
    except Exception as error:  # noqa: BLE001 - a bug must not hide which runs were started
        console.say(f"error: {internal_error(error)}")
        return False
    return True


def _names(settings: Settings, console: Console) -> Iterator[str]:
    """Yield the names of the suites in the log: masked, with what distinguishes namesakes."""
    variants = variants_of([(suite.test_suite, suite.bot_language) for suite in settings.suites])
    for suite, variant in zip(settings.suites, variants, strict=True):
        yield console.mask(f"{suite.test_suite} ({variant})" if variant else suite.test_suite)
