"""The end of a gate, told to everyone who has to know: files, the CI platform, the log."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec.structs import replace

from gatekeeper.console import Console
from gatekeeper.core.model import Gate
from gatekeeper.core.reports import console as lines
from gatekeeper.core.reports.annotations import remarks
from gatekeeper.core.trends import trends_of
from gatekeeper.errors import ExitCode, ReportNotWritten
from gatekeeper.files import write_whole
from gatekeeper.platforms import github
from gatekeeper.settings.read import Reporting
from gatekeeper.signals import Signals


class _Report(msgspec.Struct, frozen=True):
    """Writes one report; `path` is its file in the report folder, `once` forbids to repeat it."""

    write: Callable[[Gate], None]
    path: Path | None = None
    once: bool = False


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
    told = end
    for unread in reporting.unread:
        console.say(f"warning: history: {unread}")
    if reporting.left_out:
        console.say(f"history: {reporting.left_out}")
    console.say_all(lines.runs(end, reporting.fullest))
    found = remarks(end, reporting.source_map, github.ANNOTATIONS_A_LEVEL)
    for command in github.annotation_commands(found, environ):
        console.command(command)
    written: list[_Report] = []
    for report in _reports(reporting, environ):
        try:
            report.write(end)
            written.append(report)
        except ReportNotWritten as error:
            console.say(f"error: {error.what}; {error.next_step}")
            end = replace(end, unwritten=(*end.unwritten, error.what))
    if signals.received is not None:
        end = replace(end, interrupted_by=signals.received)
    if end != told:
        # What was written before the failure, or the signal, may tell another exit code.
        for report in written:
            with contextlib.suppress(ReportNotWritten):
                if not report.once:
                    report.write(end)
    console.say_all(lines.ending(end, [str(one.path) for one in written if one.path]))
    return end.exit_code


def _reports(reporting: Reporting, environ: Mapping[str, str]) -> Iterator[_Report]:
    """Make the reports that were asked for; importing one takes longer than most else of a gate."""
    asked = reporting.reports
    trends = trends_of(reporting.history)

    def file(path: Path, render: Callable[[Gate], Iterable[str] | Iterable[bytes]]) -> _Report:
        return _Report(lambda end: write_whole(path, render(end)), path)

    if "junit" in asked:
        from gatekeeper.core.reports.junit import junit

        yield file(reporting.junit, junit)
    if "result" in asked:
        from gatekeeper.core.reports.result_json import result_json

        yield file(reporting.result, result_json)
    if "page" in asked:
        from gatekeeper.core.reports.page.document import page

        yield file(reporting.page, lambda end: page(end, trends))
    if "summary" in asked:
        from gatekeeper.core.reports.summary import COMMENT_BYTES, JOB_BYTES, summary

        def markdown(end: Gate, limit: int) -> str:
            return summary(end, limit, reporting.fullest, trends)

        yield file(reporting.summary, lambda end: [markdown(end, COMMENT_BYTES)])
        if github.takes_summary(environ):
            yield _Report(
                lambda end: github.write_summary(markdown(end, JOB_BYTES), environ), once=True
            )
    if "badge" in asked:
        from gatekeeper.core.reports.badge import badge

        yield file(reporting.badge, lambda end: [badge(end)])
    junit_path = reporting.junit if "junit" in asked else None
    yield _Report(lambda end: github.write_outputs(end, junit_path, reporting.directory, environ))
