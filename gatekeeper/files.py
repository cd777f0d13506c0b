"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from gatekeeper.errors import ReportNotWritten


def write_whole(path: Path, pieces: Iterable[str] | Iterable[bytes]) -> None:
    """Write a file beside its place, then put it there; text is encoded as UTF-8.

    Raises `ReportNotWritten`; what stood in its place before is then still there, untouched.
    """
    try:
        if path.is_symlink():
            # Who could put it there could have it point anywhere.
            raise ReportNotWritten(
                f"{path} could not be written: it is a symbolic link", next_step="remove the link"
            )
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.writelines(_encoded(pieces))
            beside.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it names no file"
        raise ReportNotWritten(
            f"{path} could not be written: {why}",
            next_step="check that report-dir and junit name places that this job may write to",
        ) from None


def _encoded(pieces: Iterable[str] | Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece.encode() if isinstance(piece, str) else piece
