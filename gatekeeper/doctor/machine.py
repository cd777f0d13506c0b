"""What can be known on this machine alone: the settings, the CI platform, where reports go."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from gatekeeper.core.runs_file import START_AGAIN
from gatekeeper.core.text import one_line
from gatekeeper.doctor.finding import SETTINGS, Finding, State, ok
from gatekeeper.errors import ReportNotWritten
from gatekeeper.files import append_to, write_atomically
from gatekeeper.platforms.base import Platform
from gatekeeper.settings.catalogue import ATTACH, USER_EMAIL
from gatekeeper.settings.gate_settings import Settings
from gatekeeper.settings.reporting import Reporting
from gatekeeper.settings.sources import Reader

_REPORTS = "reports"
_STREAMS = (Path("/dev"), Path("/dev/fd"), Path("/proc/self/fd"))
# Quotes or a name around an address are not part of it.
_EMAIL = re.compile(r"""[^\s"'<>][^\s"<>]*@[^\s"'<>]+""")
_PROBE_BYTES = 64 * 1024


def check_settings(reader: Reader, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for each problem, warning and note of the settings."""
    for problem in reader.problems:
        yield Finding(SETTINGS, State.FAILED, problem)
    if not reader.problems:
        suites = len(settings.suites)
        yield ok(SETTINGS, f"complete, for {suites} suite{'s' if suites > 1 else ''}")
    for warning in filter(None, (*settings.warnings, settings.host_note)):
        yield Finding(SETTINGS, State.UNKNOWN, warning, hint=True)


def check_user(reader: Reader, settings: Settings) -> Iterator[Finding]:
    """Say whether there is a user to start runs, if the settings have no problem with it."""
    if USER_EMAIL.name in reader.unusable or not settings.suites:
        return
    emails = {suite.user_email for suite in settings.suites if not suite.test_run_id}
    if not emails:
        yield ok(USER_EMAIL.name, "not needed: no run is started")
    elif all(map(_EMAIL.fullmatch, emails)):
        yield ok(
            USER_EMAIL.name, "set; only a start shows whether it is the app's owner or a developer"
        )
    else:
        yield Finding(
            USER_EMAIL.name,
            State.UNKNOWN,
            "set, but not an email address",
            next_step="set it to the email of the app's owner or a developer",
        )


def check_starts(settings: Settings) -> Iterator[Finding]:
    """Yield a finding for each suite that `start` did not start: no gate can judge it."""
    for suite in settings.suites:
        if suite.start and not suite.test_run_id:
            name, what = one_line(suite.test_suite), suite.start.what_failed
            yield Finding(ATTACH.name, State.FAILED, what, next_step=START_AGAIN, subject=name)


def check_platform(platform: Platform) -> Finding:
    """Say which CI platform was recognised."""
    if platform.name == Platform.name:
        return ok("ci-platform", "none recognised: the log is plain, and reports are files")
    return ok("ci-platform", f"{platform.name} recognised")


def check_reports(reporting: Reporting, platform: Platform) -> Finding:
    """Try out whether the reports can be written, and leave no trace."""
    paths = [reporting.files[name] for name in sorted(reporting.reports)]
    paths = [path for path in (*paths, reporting.events) if path and not _is_special(path)]
    if folder := next((path for path in paths if path.is_dir() and not path.is_symlink()), None):
        text = f"{one_line(str(folder))} is a folder, so no report can be written there"
        return Finding(_REPORTS, State.FAILED, text, next_step="choose another path, or remove it")
    if link := next((path for path in paths if path.is_symlink()), None):
        text = f"{one_line(str(link))} is a symbolic link, which no report replaces"
        return Finding(_REPORTS, State.FAILED, text, next_step="remove the link")
    try:
        for folder in dict.fromkeys(path.parent for path in paths):
            _try_out(folder, reporting.workspace)
        for file in platform.appended_files:
            append_to(Path(file), b"")
    except ReportNotWritten as error:
        return Finding(_REPORTS, State.FAILED, error.what, next_step=error.next_step)
    where = ", ".join(dict.fromkeys(one_line(str(path.parent)) for path in paths))
    return ok(_REPORTS, f"can be written to {where}" if where else "none is written to a folder")


def _is_special(path: Path) -> bool:
    """Whether a path is a pipe or device, or stands for a stream: not a place for a new file."""
    try:
        special = path.exists() and not (path.is_file() or path.is_dir())
    except (OSError, ValueError):
        return False
    return special or path.parent in _STREAMS


def _try_out(folder: Path, workspace: Path) -> None:
    """Write and remove a file, as reports are written; raises `ReportNotWritten`."""
    made = [place for place in (folder, *folder.parents) if not os.path.lexists(place)]
    probe = folder / f".gatekeeper-doctor-{secrets.token_hex(4)}"
    try:
        write_atomically(probe, [bytes(_PROBE_BYTES)], workspace)
    finally:
        with contextlib.suppress(OSError):
            probe.unlink()
        for place in made:
            with contextlib.suppress(OSError):
                place.rmdir()
