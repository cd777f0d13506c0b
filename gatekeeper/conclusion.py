"""The end of a gate, told to everyone who has to know: files, the CI platform, the log."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from gatekeeper.console import Console
from gatekeeper.core.model import Gate
from gatekeeper.core.reports import console as lines
from gatekeeper.core.reports.junit import junit
from gatekeeper.core.reports.result_json import result_json
from gatekeeper.errors import ExitCode, ReportNotWritten
from gatekeeper.files import write_whole
from gatekeeper.platforms import github
from gatekeeper.settings.read import Reporting
from gatekeeper.signals import Signals


def conclude(
    end: Gate,
    reporting: Reporting,
    console: Console,
    environ: Mapping[str, str],
    signals: Signals,
) -> ExitCode:
    """Tell the end to everyone: the reports' files, the CI platform, the log.

    A report that cannot be written is told, keeps none of the others from being written, and makes
    the gate fail unless it fails already. A signal on the way lets all this be finished.
    """
    result_file = reporting.directory / "result.json"

    def write_junit(end: Gate) -> None:
        write_whole(reporting.junit, junit(end))

    def write_result(end: Gate) -> None:
        write_whole(result_file, result_json(end))

    def write_summary(end: Gate) -> None:
        github.write_summary(end, environ)

    def write_outputs(end: Gate) -> None:
        github.write_outputs(end, reporting.junit, reporting.directory, environ)

    told = end
    console.say_all(lines.runs(end))
    failed: list[Callable[[Gate], None]] = []
    for write in (write_junit, write_summary, write_result, write_outputs):
        try:
            write(end)
        except ReportNotWritten as error:
            console.say(f"error: {error.what}; {error.next_step}")
            end = replace(end, unwritten=(*end.unwritten, error.what))
            failed.append(write)
    if signals.received is not None:
        end = replace(end, interrupted_by=signals.received)
    if end != told:
        # What was written before the failure, or the signal, may tell another exit code.
        for write in (write_result, write_outputs):
            with contextlib.suppress(ReportNotWritten):
                write(end)
    files = {write_junit: reporting.junit, write_result: result_file}
    written = [str(path) for write, path in files.items() if write not in failed]
    console.say_all(lines.ending(end, written))
    return end.exit_code
