"""Files that appear whole or not at all; devices and pipes are written into."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import select
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from gatekeeper.errors import ReportNotWritten

# A reader that takes nothing for so long is taken for gone.
_PIPE_SECONDS = 10
# What a pipe that is ready takes without blocking, by POSIX.
_PIPE_BYTES = 512
_STANDARD = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/([0-9]{1,6})")

Pieces = Iterable[str] | Iterable[bytes]


def write_whole(path: Path, pieces: Pieces, workspace: Path | None = None) -> None:
    """Write a file beside its place, then put it there; text is encoded as UTF-8.

    A device or a pipe is written into instead, and standard output is by any of its names. Raises
    `ReportNotWritten`, also for a link, and for a folder that is a link out of `workspace`; what
    stood in its place before is then still there, untouched.
    """
    try:
        descriptor = _stream(path)
        if descriptor is not None:
            _write_into(descriptor, pieces)
            return
        # Who could put a link there could have it point anywhere.
        if path.is_symlink():
            raise ReportNotWritten(
                f"{path} could not be written: it is a symbolic link", next_step="remove the link"
            )
        if leads_out(path.parent, workspace):
            raise ReportNotWritten(
                f"{path} could not be written: {path.parent} is a symbolic link out of the "
                "workspace",
                next_step="remove the link, or give the folder itself as report-dir",
            )
        _write_beside(path, pieces)
    except (OSError, ValueError) as error:
        raise ReportNotWritten(
            f"{path} could not be written: {_why(error)}",
            next_step="check that report-dir and junit name places that this job may write to",
        ) from None


def append_to(path: Path, content: bytes) -> None:
    """Append to a file that others write to as well; into a pipe only where somebody reads it.

    Raises `ReportNotWritten`.
    """
    try:
        descriptor = _stream(path)
        if descriptor is not None:
            _write_into(descriptor, [content])
            return
        with path.open("ab") as file:
            file.write(content)
    except (OSError, ValueError) as error:
        raise ReportNotWritten(
            f"{path} could not be written: {_why(error)}",
            next_step="run the container as root, as GitHub does",
        ) from None


def _why(error: OSError | ValueError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "it names no file"


def leads_out(folder: Path, workspace: Path | None) -> bool:
    """Whether a folder is a link to a place outside of the workspace; raises `OSError`."""
    if workspace is None or not folder.is_symlink():
        return False
    return not Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(workspace))


def same_file(path: Path, other: Path) -> bool:
    """Whether two paths lead to one file, which need not be there yet."""
    try:
        if os.path.realpath(path) == os.path.realpath(other):
            return True
        return path.samefile(other)
    except (OSError, ValueError):
        return False


def _write_beside(path: Path, pieces: Pieces) -> None:
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


def _stream(path: Path) -> int | None:
    """Open what is no file but takes text, such as a pipe; `None` for any other path."""
    name = os.path.normpath(path)
    number = _DESCRIPTOR.fullmatch(name)
    if number or name in _STANDARD:
        # Opened by its name, a file that output was redirected to would be written from its start.
        return os.dup(int(number[1]) if number else _STANDARD[name])
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    if not (stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)):
        return None
    try:
        # A pipe that nobody reads would keep the gate waiting: so it is refused as it is opened.
        return os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(error.errno, "nobody reads from this pipe") from None
        raise


def _write_into(descriptor: int, pieces: Pieces) -> None:
    with os.fdopen(descriptor, "wb", buffering=0) as stream:
        ready = select.poll()
        ready.register(stream, select.POLLOUT)
        for piece in _encoded(pieces):
            for start in range(0, len(piece), _PIPE_BYTES):
                if not ready.poll(_PIPE_SECONDS * 1000):
                    raise OSError(None, f"nobody has read from it for {_PIPE_SECONDS} s")
                stream.write(piece[start : start + _PIPE_BYTES])


def _encoded(pieces: Pieces) -> Iterator[bytes]:
    for piece in pieces:
        yield piece.encode() if isinstance(piece, str) else piece
