"""Reading where reports go, and refusing paths where a report would replace something."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from msgspec.structs import replace

from gatekeeper.core.result_file.history import PastGate
from gatekeeper.core.source_map import SourceMap
from gatekeeper.core.text import one_line
from gatekeeper.files import same_file
from gatekeeper.history_files import History, read_history
from gatekeeper.settings.catalogue import (
    BY_NAME,
    EVENTS,
    FAILED_FROM,
    HISTORY,
    JUNIT,
    JUNIT_PROFILE,
    LABEL,
    QUIET,
    REPORT_DIR,
    REPORTS,
    REPORTS_TO_WRITE,
    SETTINGS,
    SOURCE_MAP,
)
from gatekeeper.settings.comment import NO_COMMENT, Commenting, read_commenting
from gatekeeper.settings.contents import source_map_in
from gatekeeper.settings.path_kinds import File, Folder
from gatekeeper.settings.sources import Reader

InputFiles: TypeAlias = Callable[[Path], Iterable[tuple[str, Path]]]
"""Yields the files that a command reads, each with its name, given the folder of the reports."""

RESULTS_FILE = re.compile(r"results-file(?:-[0-9]+)?")
"""The names of the platform's results files in the folder of the reports."""
# The variables in which platforms give the folder of the job's files.
_WORKSPACES = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "WORKSPACE")
_WRITTEN = (REPORT_DIR, JUNIT, EVENTS)


class Reporting(msgspec.Struct, frozen=True):
    """Where reports go, and what they need besides the verdict.

    Only `reports` are written, and through no link that leads out of the `workspace`. `source_map`
    has the lines of the suite's steps in the repository. `history` has the earlier gates, the
    latest last; `unread` lists which files of it could not be read, and `left_out` says how many
    gates are ignored. `input_files` are the files that the gate judges by, each with the name under
    which it was given. `label` is the gate's, if it has one; `rich_junit` says whether the JUnit
    XML has the lines of the `source_map`. `baselines` are the earlier gates of the suites'
    baselines, and `events` is where the events go. `comment` says when to comment on the pull or
    merge request. A `quiet` log leaves out progress and advice.
    """

    directory: Path
    reports: frozenset[str]
    junit: Path
    workspace: Path
    source_map: SourceMap | None
    history: tuple[PastGate, ...] = ()
    unread: tuple[str, ...] = ()
    left_out: str = ""
    input_files: tuple[tuple[str, Path], ...] = ()
    label: str = ""
    rich_junit: bool = False
    baselines: tuple[PastGate, ...] = ()
    events: Path | None = None
    comment: Commenting = NO_COMMENT
    quiet: bool = False

    @property
    def earlier_gates(self) -> tuple[PastGate, ...]:
        """The earlier gates to compare with: baselines first, then the history, latest first."""
        return (*self.baselines, *reversed(self.history))

    @property
    def files(self) -> dict[str, Path]:
        """The path of each report, whether it is written or not."""
        return {
            "junit": self.junit,
            "result": self.result,
            "page": self.page,
            "summary": self.summary,
            "badge": self.badge,
        }

    @property
    def result(self) -> Path:
        """The path of the result for programs."""
        return self.directory / "result.json"

    @property
    def page(self) -> Path:
        """The path of the HTML page."""
        return self.directory / "report.html"

    @property
    def summary(self) -> Path:
        """The path of the summary, which fits into a comment."""
        return self.directory / "summary.md"

    @property
    def badge(self) -> Path:
        """The path of the badge."""
        return self.directory / "badge.svg"

    @property
    def fullest(self) -> str:
        """The path of the most detailed report that is written."""
        files = self.files
        written = (str(files[name]) for name in ("page", "junit", "result") if name in self.reports)
        return next(written, "the platform")

    @property
    def most_complete(self) -> str:
        """The path of the written report that has the longest texts."""
        files = self.files
        written = (str(files[name]) for name in ("result", "page") if name in self.reports)
        return next(written, "the platform")

    def is_input_file(self, path: Path) -> bool:
        """Whether the gate judges by the file at this path, however the path leads there."""
        return any(same_file(path, file) for _, file in self.input_files)

    def without_input_file(self, name: str) -> Reporting:
        """Return it without the input file that was given under a name."""
        files = tuple(file for file in self.input_files if file[0] != name)
        return replace(self, input_files=files)

    def written_at(self, path: Path) -> str:
        """Return the name of the report at a path, however the path leads there, or nothing."""
        for name, report in self.files.items():
            if same_file(path, report):
                return name
        if same_file(path.parent, self.directory) and RESULTS_FILE.fullmatch(path.name):
            return "results file"
        return "events" if self.events and same_file(path, self.events) else ""

    def results_file(self, index: int, total: int) -> Path:
        """Return the path for the platform's results file of a run, by the run's index from 0."""
        return self.directory / ("results-file" if total == 1 else f"results-file-{index + 1}")


def examine_reporting(
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    input_files: InputFiles = lambda _: (),
    *,
    comments_as: str = "",
) -> tuple[Reader, Reporting]:
    """Read where reports go; the reader has the problems.

    `comments_as` is the name of the command if it comments on a pull or merge request.
    """
    reader = Reader(flags, environ)
    reporting = read_reporting(reader, environ, input_files(reader.read(REPORT_DIR)))
    if comments_as:
        reporting = replace(reporting, comment=read_commenting(reader, [comments_as]))
    return reader, reporting


def examine_places(
    flags: Mapping[str, Any], environ: Mapping[str, str], input_files: InputFiles
) -> Reporting:
    """Read where reports go from flags and variables alone, without opening any file."""
    reader = Reader(flags, environ)
    directory = reader.read(REPORT_DIR)
    return Reporting(
        directory=directory,
        reports=frozenset(REPORTS),
        junit=reader.read(JUNIT) or directory / "junit.xml",
        workspace=workspace_of(environ),
        source_map=None,
        input_files=(*_files_named(reader), *input_files(directory)),
    )


def read_reporting(
    reader: Reader, environ: Mapping[str, str], more_files: Iterable[tuple[str, Path]] = ()
) -> Reporting:
    """Read where reports go, and note each path where a report would replace another file."""
    directory = reader.read(REPORT_DIR)
    history = reader.load(HISTORY, read_history, History())
    reporting = Reporting(
        directory,
        reader.read(REPORTS_TO_WRITE),
        reader.read(JUNIT) or directory / "junit.xml",
        workspace_of(environ),
        reader.load(SOURCE_MAP, source_map_in, None),
        history.gates,
        history.unread,
        history.left_out,
        (*_files_named(reader), *more_files),
        label=reader.read(LABEL),
        rich_junit=reader.read(JUNIT_PROFILE) == "rich",
        events=reader.read(EVENTS),
        quiet=reader.read(QUIET),
    )
    if reporting.rich_junit and not reader.is_given(SOURCE_MAP):
        reader.warn(f"{reader.source(JUNIT_PROFILE)}: rich has no effect without source-map")
    if events := reporting.events:
        reporting = replace(reporting, events=None)
        if name := reporting.written_at(events):
            reader.problem(EVENTS, f"{events} is the path of another report: {name}")
        else:
            reporting = replace(reporting, events=events)
    _refuse_shared_paths(reader, reporting)
    return reporting


def _files_named(reader: Reader) -> Iterator[tuple[str, Path]]:
    """Yield the files and folders that settings name to be read."""
    for setting in SETTINGS:
        is_path = isinstance(setting.kind, File | Folder)
        if is_path and setting not in _WRITTEN and reader.is_given(setting):
            yield setting.name, reader.read(setting)


def workspace_of(environ: Mapping[str, str]) -> Path:
    """Return the folder of the job's files."""
    return Path(next((environ[name] for name in _WORKSPACES if environ.get(name)), "."))


def _refuse_shared_paths(reader: Reader, reporting: Reporting) -> None:
    for name, path in reporting.files.items():
        if name != "junit" and same_file(path, reporting.junit):
            reader.problem(JUNIT, f"{reporting.junit} is the path of another report: {name}")
    if RESULTS_FILE.fullmatch(reporting.junit.name) and same_file(
        reporting.junit.parent, reporting.directory
    ):
        reader.problem(JUNIT, f"{reporting.junit} is the path of another report: the results file")
    for name, path in reporting.input_files:
        report = reporting.written_at(path)
        # A result may replace the one that a gate reads first: often, that is the latest one.
        if report and (name, report) != (FAILED_FROM.name, "result"):
            source = reader.source(BY_NAME[name]) if name in BY_NAME else name
            reader.note(
                f"{source}: {one_line(str(path))} is read by this gate, but a report would "
                f"overwrite it ({report}): change one of the paths"
            )
