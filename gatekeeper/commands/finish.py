"""The end of a gate, told to everyone who has to know: files, the CI platform, the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

import msgspec
from msgspec.structs import replace

from gatekeeper.console import Console
from gatekeeper.core.model import Gate
from gatekeeper.core.reports import log as lines
from gatekeeper.core.reports.annotations import remarks
from gatekeeper.core.result_file.trends import trends_of
from gatekeeper.errors import ExitCode, ReportNotWritten, internal_error
from gatekeeper.files import write_whole
from gatekeeper.platforms import github
from gatekeeper.settings.reporting import Reporting
from gatekeeper.signals import Signals


class _Report(msgspec.Struct, frozen=True):
    """Writes one report, called `name`; `path` is its file in the report folder.

    What is written `once` is never repeated.
    """

    name: str
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

    A report that cannot be made or written is told, keeps none of the others from being written,
    and makes the gate fail unless it fails already. A signal on the way lets all this be finished.
    """
    for unread in reporting.unread:
        console.say(f"warning: history: {unread}")
    if reporting.left_out:
        console.say(f"history: {reporting.left_out}")
    problem = _problem("the log", lambda: console.say_all(lines.runs(end, reporting.fullest)))
    end, written = publish(_with(end, problem, console), reporting, console, environ, signals)
    console.say_all(lines.ending(end, written))
    return end.exit_code


def publish(
    end: Gate,
    reporting: Reporting,
    console: Console,
    environ: Mapping[str, str],
    signals: Signals,
) -> tuple[Gate, list[str]]:
    """Write the reports, and tell the CI platform; return the end that they tell, and their paths.

    The log has only what could not be written.
    """

    def annotate() -> None:
        found = remarks(end, reporting.source_map, github.ANNOTATIONS_A_LEVEL)
        for command in github.annotation_commands(found, environ):
            console.command(command)

    end = _with(end, _problem("the annotations", annotate), console)
    before = end
    written: list[_Report] = []
    for report in _reports(reporting, environ):
        problem = _problem(report.name, partial(report.write, end))
        end = _with(end, problem, console)
        if not problem:
            written.append(report)
    if signals.received is not None:
        end = replace(end, interrupted_by=signals.received)
    if end != before:
        # What was written before the failure, or the signal, may tell another exit code.
        for report in written:
            if not report.once:
                _problem(report.name, partial(report.write, end))
    return end, [str(report.path) for report in written if report.path]


def _problem(name: str, write: Callable[[], None]) -> ReportNotWritten | None:
    """Write something; return why it could not be done, if it could not."""
    try:
        write()
    except ReportNotWritten as error:
        return error
    except Exception as error:  # noqa: BLE001 - a bug in one report must not cost the verdict
        return ReportNotWritten(f"{name} could not be made", next_step=internal_error(error))
    return None


def _with(end: Gate, problem: ReportNotWritten | None, console: Console) -> Gate:
    """Return the end that has this problem as well, if there is one; it is logged."""
    if problem is None:
        return end
    console.say(f"error: {'; '.join(filter(None, (problem.what, problem.next_step)))}")
    return replace(end, unwritten=(*end.unwritten, problem.what))


def _reports(reporting: Reporting, environ: Mapping[str, str]) -> Iterator[_Report]:
    """Yield the reports that were asked for; each imports what it needs when it is written."""

    def page(end: Gate) -> Iterable[str]:
        from gatekeeper.core.reports.page.document import page

        return page(end, trends_of(reporting.history))

    def markdown(end: Gate, *, for_job: bool) -> str:
        from gatekeeper.core.reports.summary import COMMENT_BYTES, JOB_BYTES, summary

        limit = JOB_BYTES if for_job else COMMENT_BYTES
        return summary(end, limit, reporting.fullest, trends_of(reporting.history))

    renderings: dict[str, Callable[[Gate], Iterable[str] | Iterable[bytes]]] = {
        "junit": _junit,
        "result": _result,
        "page": page,
        "summary": lambda end: [markdown(end, for_job=False)],
        "badge": _badge,
    }
    for name, render in renderings.items():
        if name in reporting.reports:
            yield _file(reporting, name, render)
    if "summary" in reporting.reports and github.takes_summary(environ):
        yield _Report(
            "the job summary",
            lambda end: github.write_summary(markdown(end, for_job=True), environ),
            once=True,
        )
    junit_path = reporting.junit if "junit" in reporting.reports else None
    yield _Report(
        "the outputs",
        lambda end: github.write_outputs(end, junit_path, reporting.directory, environ),
    )


def _file(
    reporting: Reporting, name: str, render: Callable[[Gate], Iterable[str] | Iterable[bytes]]
) -> _Report:
    path = reporting.files[name]

    def write(end: Gate) -> None:
        if reporting.is_input_file(path):
            raise ReportNotWritten(f"{path} was not written: this gate reads it")
        # Earlier reports are gone by now: without a run, nothing of anybody else's is replaced.
        if end.misconfigured and path.is_file():
            raise ReportNotWritten(f"{path} was not written: it is no report of gatekeeper")
        write_whole(path, render(end), reporting.workspace)

    return _Report(str(path), write, path)


def _junit(end: Gate) -> Iterable[str]:
    from gatekeeper.core.reports.junit import junit

    return junit(end)


def _result(end: Gate) -> Iterable[bytes]:
    from gatekeeper.core.result_file.write import result_json

    return result_json(end)


def _badge(end: Gate) -> Iterable[str]:
    from gatekeeper.core.reports.badge import badge

    return [badge(end)]
