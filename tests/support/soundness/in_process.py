"""Runs of the real program in this process, with a scripted platform and without waiting."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar
from unittest import mock

from gatekeeper.cli import main
from gatekeeper.deadline import Deadline
from support.soundness.platform import STREAM, Platform

ENVIRON = {
    "GATEKEEPER_HOST": Platform.host,
    "GATEKEEPER_STREAM_ID": STREAM,
    "GATEKEEPER_CLIENT_ID": "cs-1",
    "GATEKEEPER_CLIENT_SECRET": "s" * 40,
    "GATEKEEPER_USER_EMAIL": "dev@example.com",
    "GITHUB_RUN_ID": "1",
    "GITHUB_REPOSITORY": "o/r",
    "GITHUB_SHA": "a",
}


class _Skipping(Deadline):
    """A deadline whose pauses take no time."""

    _skipped: ClassVar[float] = 0.0

    def __init__(self, timeout: float) -> None:
        super().__init__(timeout, lambda: time.monotonic() + _Skipping._skipped, self._skip)

    @staticmethod
    def _skip(wait: float) -> None:
        _Skipping._skipped += wait


def run(
    folder: Path,
    arguments: Sequence[str],
    platform: type[Platform] = Platform,
    environ: Mapping[str, str] = ENVIRON,
) -> tuple[int, str]:
    """Run a command in a folder; return its exit code and output, which has no internal error."""
    with (
        # A real file, as `plan` writes to its descriptor.
        tempfile.TemporaryFile("w+", encoding="utf-8") as output,
        contextlib.chdir(folder),
        mock.patch.dict(os.environ, environ, clear=True),
        mock.patch("gatekeeper.commands.gate.Transport", platform),
        mock.patch("gatekeeper.watch.attempt.Deadline", _Skipping),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(output),
    ):
        code = main(arguments)
        output.seek(0)
        text = output.read()
    assert "internal error" not in text, text
    assert "Traceback" not in text, text
    return code, text
