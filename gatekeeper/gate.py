"""The commands' work: run the gate, judge saved answers, and tell everyone who has to know."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from gatekeeper.console import Console
from gatekeeper.core.model import Gate, Reason, Run, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.policy import Policy
from gatekeeper.core.reports import console as lines
from gatekeeper.core.reports.junit import junit
from gatekeeper.core.reports.result_json import result_json
from gatekeeper.core.result import read_result
from gatekeeper.core.verdict import judge
from gatekeeper.deadline import Deadline
from gatekeeper.errors import ExitCode, Interrupted, MalformedResult, ReportNotWritten
from gatekeeper.files import write_whole
from gatekeeper.platforms import github
from gatekeeper.platforms.pipeline import pipeline_of
from gatekeeper.settings.read import Reporting, Settings
from gatekeeper.signals import Signals


def gate(
    settings: Settings, console: Console, environ: Mapping[str, str], signals: Signals
) -> ExitCode:
    """Do the main job: start or attach, wait, judge, report. Returns the exit code."""
    # Imported here because `check` has no use for it, and it takes long.
    from gatekeeper.kore.client import KoreClient  # noqa: PLC0415
    from gatekeeper.kore.transport import Transport  # noqa: PLC0415
    from gatekeeper.runner import SuiteRun  # noqa: PLC0415

    started_at = datetime.now(UTC)
    deadline = Deadline(settings.timeout)
    if settings.credentials.weakness:
        console.say(f"warning: {settings.credentials.weakness}")
    transport = Transport(
        settings.host, settings.credentials, settings.bot_language, settings.ca_bundle
    )
    client = KoreClient(
        transport, settings.stream_id, deadline, lambda text: console.say(f"  {text}")
    )
    run = SuiteRun(settings, client, deadline, console)
    try:
        with console.heartbeat(run.progress_line), signals.ending_the_wait():
            ended = run.watch()
    except Interrupted as interruption:
        ended = run.interrupted(interruption.signum)
    end = Gate((ended,), started_at, deadline.elapsed, pipeline_of(environ), signals.received)
    return conclude(end, settings.reporting, console, environ)


def check(
    answers: Iterable[tuple[str, bytes]],
    policy: Policy,
    reporting: Reporting,
    console: Console,
    environ: Mapping[str, str],
) -> ExitCode:
    """Judge saved status answers, each with the name of its suite. Returns the exit code."""
    started_at = datetime.now(UTC)
    start = time.monotonic()
    runs = tuple(_checked(name, body, policy) for name, body in answers)
    end = Gate(runs, started_at, time.monotonic() - start, pipeline_of(environ))
    return conclude(end, reporting, console, environ)


def _checked(test_suite: str, body: bytes, policy: Policy) -> Run:
    try:
        result = read_result(body)
    except MalformedResult as error:
        reason = Reason(Outcome.ERROR, error.what, firm=True)
        return Run(test_suite, None, Verdict(Outcome.ERROR, (reason,)))
    return Run(
        test_suite=test_suite,
        test_run_id=result.id if isinstance(result.id, str) else None,
        verdict=judge(result, policy),
        stream_id=result.stream_id if isinstance(result.stream_id, str) else None,
        bot_version=result.version,
        duration=result.duration,
        results_url=result.results_url,
        result=result,
    )


def conclude(
    end: Gate, reporting: Reporting, console: Console, environ: Mapping[str, str]
) -> ExitCode:
    """Tell the end to everyone: the reports' files, the CI platform, the log.

    A report that cannot be written is told, keeps none of the others from being written, and makes
    the gate fail unless it fails already.
    """
    console.say_all(lines.runs(end))
    written: list[str] = []
    for path, render in (
        (reporting.junit, junit),
        (reporting.directory / "result.json", result_json),
    ):
        try:
            write_whole(path, render(end))
            written.append(str(path))
        except ReportNotWritten as error:
            end = _unwritten(end, error, console)
    try:
        github.publish(end, reporting.junit, reporting.directory, environ)
    except ReportNotWritten as error:
        end = _unwritten(end, error, console)
    console.say_all(lines.ending(end, written))
    return end.exit_code


def _unwritten(end: Gate, error: ReportNotWritten, console: Console) -> Gate:
    console.say(f"error: {error.what}; {error.next_step}")
    return replace(end, unwritten=(*end.unwritten, error.what))
