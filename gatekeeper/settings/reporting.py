"""Where reports go: their paths, and what must not stand in their way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from gatekeeper.core.result_file.history import PastGate
from gatekeeper.core.source_map import SourceMap
from gatekeeper.core.text import one_line
from gatekeeper.files import same_file
from gatekeeper.history_files import History, read_history
from gatekeeper.settings import parse as values
from gatekeeper.settings.catalogue import BY_NAME, REPORTS
from gatekeeper.settings.sources import Reader

Inputs: TypeAlias = Callable[[Path], Iterable[tuple[str, Path]]]
"""Yields the files that a command reads, each by its name, given the folder of the reports."""

RESULTS_FILE = re.compile(r"results-file(?:-[0-9]+)?")
"""The names that the platform's results files are given."""


class Reporting(msgspec.Struct, frozen=True):
    """Where reports go, and where the suite's steps stand in the repository, if that is told.

    Only `reports` are written, and through no link out of the `workspace`. `history` has the
    earlier gates, the last one last, `unread` says what of it could not be read, and `left_out` how
    much of it is not looked at. `inputs` are the files that the gate judges by, each with the name
    under which it was given.
    """

    directory: Path
    reports: frozenset[str]
    junit: Path
    workspace: Path
    source_map: SourceMap | None
    history: tuple[PastGate, ...] = ()
    unread: tuple[str, ...] = ()
    left_out: str = ""
    inputs: tuple[tuple[str, Path], ...] = ()

    @property
    def files(self) -> dict[str, Path]:
        """Where each report goes, whether it is asked for or not."""
        return {
            "junit": self.junit,
            "result": self.result,
            "page": self.page,
            "summary": self.summary,
            "badge": self.badge,
        }

    @property
    def result(self) -> Path:
        """Where the gate's end for programs goes."""
        return self.directory / "result.json"

    @property
    def page(self) -> Path:
        """Where the page to open goes."""
        return self.directory / "report.html"

    @property
    def summary(self) -> Path:
        """Where the summary goes, as a comment can take it."""
        return self.directory / "summary.md"

    @property
    def badge(self) -> Path:
        """Where the badge goes."""
        return self.directory / "badge.svg"

    @property
    def fullest(self) -> str:
        """Where the report goes that leaves out the least, of those that are written."""
        files = self.files
        written = (str(files[name]) for name in ("page", "junit", "result") if name in self.reports)
        return next(written, "the platform")

    def is_input(self, path: Path) -> bool:
        """Whether the gate judges by the file at this path, by whatever way it leads there."""
        return any(same_file(path, file) for _, file in self.inputs)

    def written_at(self, path: Path) -> str:
        """Name the report that is written to a path, by whatever way it leads there, if any is."""
        for name, report in self.files.items():
            if same_file(path, report):
                return name
        in_folder = same_file(path.parent, self.directory)
        return "results file" if in_folder and RESULTS_FILE.fullmatch(path.name) else ""

    def results_file(self, index: int, total: int) -> Path:
        """Where the platform's results file of a run goes, whatever its own name is."""
        return self.directory / ("results-file" if total == 1 else f"results-file-{index + 1}")


def examine_reporting(
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    inputs: Inputs = lambda _: (),
) -> tuple[Reader, Reporting]:
    """Read where reports go; the reader has the problems.

    `inputs` returns the files that are read, given the folder of the reports.
    """
    reader = Reader(flags, environ)
    return reader, read_reporting(reader, environ, inputs(Path(reader.given("report-dir"))))


def examine_places(
    flags: Mapping[str, Any], environ: Mapping[str, str], inputs: Inputs
) -> Reporting:
    """Say where reports go, by flags and variables alone: no setting's file is looked into."""
    reader = Reader(flags, environ)
    directory = Path(reader.given("report-dir"))
    return Reporting(
        directory=directory,
        reports=frozenset(REPORTS),
        junit=Path(reader.given("junit") or directory / "junit.xml"),
        workspace=_workspace(environ),
        source_map=None,
        inputs=(*_files_named(reader), *inputs(directory)),
    )


# Settings that name a file which is read, but for the baselines.
_READ_FILES = (
    "config",
    "client-secret-file",
    "jwt-file",
    "private-key-file",
    "ca-bundle",
    "source-map",
    "history",
)
# By which a platform tells where the job's files are.
_WORKSPACES = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "WORKSPACE")


def read_reporting(
    reader: Reader, environ: Mapping[str, str], more_inputs: Iterable[tuple[str, Path]] = ()
) -> Reporting:
    """Read where reports go; that none goes where another one does, or an input stands."""
    directory = Path(reader.given("report-dir"))
    history = reader.read("history", lambda text: read_history(Path(text)), History())
    reporting = Reporting(
        directory,
        reader.read("reports", values.reports, frozenset(REPORTS)),
        Path(reader.given("junit") or directory / "junit.xml"),
        _workspace(environ),
        reader.read("source-map", values.source_map, None),
        history.gates,
        history.unread,
        history.left_out,
        (*_files_named(reader), *more_inputs),
    )
    _refuse_shared_paths(reader, reporting)
    return reporting


def _files_named(reader: Reader) -> list[tuple[str, Path]]:
    return [(name, Path(path)) for name in _READ_FILES if (path := reader.given(name))]


def _workspace(environ: Mapping[str, str]) -> Path:
    return Path(next((environ[name] for name in _WORKSPACES if environ.get(name)), "."))


def _refuse_shared_paths(reader: Reader, reporting: Reporting) -> None:
    """Note each path where one report would replace another, or an input of this gate."""
    for name, path in reporting.files.items():
        if name != "junit" and same_file(path, reporting.junit):
            reader.problem("junit", f"{reporting.junit} is another report's path: {name}")
    if RESULTS_FILE.fullmatch(reporting.junit.name) and same_file(
        reporting.junit.parent, reporting.directory
    ):
        reader.problem("junit", f"{reporting.junit} is another report's path: the results file")
    for name, path in reporting.inputs:
        if report := reporting.written_at(path):
            where = reader.where(name) if name in BY_NAME else name
            reader.note(
                f"{where}: {one_line(str(path))} is read by this gate, and is also where it "
                f"writes a report ({report}): give one of them another path"
            )
