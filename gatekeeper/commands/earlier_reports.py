"""Removes the reports of an earlier gate before anything can fail, so that none looks current.

A report is a regular file at a report's path that begins like that report.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from gatekeeper.core.runs_file import NAME as RUNS
from gatekeeper.errors import cause_of
from gatekeeper.files import links_out_of
from gatekeeper.settings.reporting import RESULTS_FILE, Reporting

_HEAD_BYTES = 4096
# The beginning of each report, in every version so far.
_BEGINNINGS = {
    "junit": rb'<\?xml version="1\.0" encoding="UTF-8"\?>\s*<testsuites name="gatekeeper"',
    "result": rb'\{\s*"schema":\s*\d+,\s*"verdict":\s*"',
    "page": rb"<!doctype html>.*?<title>[^<]* \xc2\xb7 gatekeeper</title>",
    "summary": rb"### \S{1,20} gatekeeper: ",
    "badge": rb'<svg [^>]*aria-label="conversations: ',
    "runs": rb'\{\s*"schema":\s*\d+,\s*"started_at":\s*"',
}


def remove_earlier_reports(reporting: Reporting) -> list[str]:
    """Remove the reports of an earlier gate; return a line for each one that could not be removed.

    All kinds of reports are removed, including those not requested now; inputs never are.
    """
    return _remove(_earlier_reports(reporting), reporting)


def remove_earlier_runs(reporting: Reporting) -> list[str]:
    """Remove the `runs.json` of an earlier `start`, so that no gate attaches to its runs.

    Returns a line if it could not be removed.
    """
    path = reporting.directory / RUNS
    return _remove([path] if _is_report("runs", path, reporting.workspace) else [], reporting)


def _remove(paths: Iterable[Path], reporting: Reporting) -> list[str]:
    unremoved: list[str] = []
    for path in paths:
        if reporting.is_input_file(path):
            continue
        try:
            path.unlink()
        except OSError as error:
            what = f"{path}, a report of an earlier gate, could not be removed"
            unremoved.append(f"{what}: {cause_of(error)}")
    return unremoved


def _earlier_reports(reporting: Reporting) -> list[Path]:
    places = [("junit", reporting.directory / "junit.xml"), *reporting.files.items()]
    found = {path: None for name, path in places if _is_report(name, path, reporting.workspace)}
    if reporting.result in found:
        # Results files can begin with anything: their names count beside a result.json.
        found |= dict.fromkeys(_results_files(reporting.directory))
    return list(found)


def _is_report(name: str, path: Path, workspace: Path) -> bool:
    """Return whether a file is a report of this kind; an unreadable file is not."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode) or links_out_of(path.parent, workspace):
            return False
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except (OSError, ValueError):
        return False
    return re.match(_BEGINNINGS[name], head, re.DOTALL) is not None


def _results_files(directory: Path) -> Iterator[Path]:
    with os.scandir(directory) as entries:
        for entry in entries:
            if RESULTS_FILE.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                yield directory / entry.name
