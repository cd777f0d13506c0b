"""The reports that an earlier gate left: removed before anything can fail, lest they pass for new.

Only a regular file at a report's path that begins as that report does is one of them.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from gatekeeper.files import leads_out
from gatekeeper.settings.reporting import RESULTS_FILE, Reporting

_HEAD_BYTES = 4096
# How each report begins, in every version so far.
_BEGINNINGS = {
    "junit": rb'<\?xml version="1\.0" encoding="UTF-8"\?>\s*<testsuites name="gatekeeper"',
    "result": rb'\{\s*"schema":\s*\d+,\s*"verdict":\s*"',
    "page": rb"<!doctype html>.*?<title>[^<]* \xc2\xb7 gatekeeper</title>",
    "summary": "### (?:✅|❌) gatekeeper: ".encode(),
    "badge": rb'<svg [^>]*aria-label="conversations: ',
}


def remove_earlier_reports(reporting: Reporting) -> list[str]:
    """Remove the reports of an earlier gate; return in words which of them could not be.

    All kinds go, also those that are not asked for now; an input of this gate never does.
    """
    left: list[str] = []
    for path in _found(reporting):
        if reporting.is_input_file(path):
            continue
        try:
            path.unlink()
        except OSError as error:
            left.append(f"{path} is of an earlier gate and could not be removed: {error.strerror}")
    return left


def _found(reporting: Reporting) -> list[Path]:
    places = [("junit", reporting.directory / "junit.xml"), *reporting.files.items()]
    found = {path: None for name, path in places if _is_report(name, path, reporting.workspace)}
    if reporting.result in found:
        # The platform's file has no form of its own: its name speaks beside a result of ours.
        found |= dict.fromkeys(_results_files(reporting.directory))
    return list(found)


def _is_report(name: str, path: Path, workspace: Path) -> bool:
    """Whether there is a report of this kind; what cannot be looked at is taken for none."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode) or leads_out(path.parent, workspace):
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
