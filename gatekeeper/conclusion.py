"""The end of a gate, told to everyone who has to know: files, the CI platform, the log."""

from __future__ import annotations

from collections.abc import Mapping
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
