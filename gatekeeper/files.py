"""Write files atomically, and read them; devices and pipes directly, without waiting for ever."""

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

from gatekeeper.errors import ReportNotWritten, cause_of
from gatekeeper.log_writer import drain

# A reader that reads nothing for this long is considered gone.
_PIPE_SECONDS = 10
# POSIX: a pipe that is ready for writing takes this much without blocking.
_PIPE_BYTES = 512
# A process that writes nothing for this long, such as a secret's, is considered gone.
_READ_SECONDS = 30
_MOST_BYTES = 256 * 1024 * 1024
_STANDARD = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/([0-9]{1,6})")

Pieces = Iterable[str] | Iterable[bytes]


def write_atomically(path: Path, pieces: Pieces, workspace: Path | None = None) -> None:
    """Write a file under a temporary name, then rename it; text is encoded as UTF-8.

    A device or pipe is written to directly, as is standard output under any of its names. Raises
    `ReportNotWritten`, also for a symbolic link or a folder that links out of `workspace`; an
    existing file is then left unchanged.
    """
    try:
        descriptor = open_stream(path)
        if descriptor is not None:
            _write_into(descriptor, pieces)
            return
        # Whoever could create the link could point it at any file.
        if path.is_symlink():
            raise ReportNotWritten(
                f"{path} could not be written: it is a symbolic link", next_step="remove the link"
            )
        if links_out_of(path.parent, workspace):
            raise ReportNotWritten(
                f"{path} could not be written: {path.parent} is a symbolic link out of the "
                "workspace",
                next_step="remove the link, or set report-dir to the folder it links to",
            )
        _replace_file(path, pieces)
    except (OSError, ValueError) as error:
        raise ReportNotWritten(
            f"{path} could not be written: {cause_of(error)}",
            next_step="check that report-dir and junit are paths that this job can write to",
        ) from None


def append_to(path: Path, content: bytes) -> None:
    """Append to a file that other processes write to as well, or write to a pipe with a reader.

    Raises `ReportNotWritten`.
    """
    try:
        descriptor = open_stream(path)
        if descriptor is not None:
            _write_into(descriptor, [content])
            return
        with path.open("ab") as file:
            file.write(content)
    except (OSError, ValueError) as error:
        raise ReportNotWritten(
            f"{path} could not be written: {cause_of(error)}",
            next_step="run the container as root, as GitHub does by default",
        ) from None


def read_file(path: Path) -> bytes:
    """Return the content of a file, or what a pipe (`<(…)`) gives until its end.

    Raises `OSError`, also for a pipe that nobody writes to, and `ValueError`.
    """
    flags = getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, os.O_RDONLY | flags), "rb", buffering=0) as file:
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file.readall()
        ready = select.poll()
        ready.register(file, select.POLLIN)
        content = bytearray()
        while len(content) < _MOST_BYTES:
            if not ready.poll(_READ_SECONDS * 1000):
                raise OSError(None, f"no process has written to this pipe for {_READ_SECONDS} s")
            piece = file.read(1024 * 1024)
            if not piece:
                return bytes(content)
            content += piece
        raise OSError(None, "it has no end")


def links_out_of(folder: Path, workspace: Path | None) -> bool:
    """Whether a folder is a symbolic link out of the workspace; raises `OSError`."""
    if workspace is None or not folder.is_symlink():
        return False
    return not Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(workspace))


def same_file(path: Path, other: Path) -> bool:
    """Whether two paths lead to the same file, which need not exist yet."""
    try:
        if os.path.realpath(path) == os.path.realpath(other):
            return True
        return path.samefile(other)
    except (OSError, ValueError):
        return False


def _replace_file(path: Path, pieces: Pieces) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(_encoded(pieces))
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def open_stream(path: Path) -> int | None:
    """Open a device or pipe for writing; return `None` for any other path. Raises `OSError`."""
    name = os.path.normpath(path)
    number = _DESCRIPTOR.fullmatch(name)
    if number or name in _STANDARD:
        # After the lines of the log that precede it.
        if not drain(_PIPE_SECONDS):
            raise _unread()
        # Opening it by name would overwrite a file that output is redirected to.
        return os.dup(int(number[1]) if number else _STANDARD[name])
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    if not (stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)):
        return None
    try:
        # Without O_NONBLOCK, opening a pipe without a reader would block.
        return os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(error.errno, "no process is reading from this pipe") from None
        raise


def _write_into(descriptor: int, pieces: Pieces) -> None:
    with os.fdopen(descriptor, "wb", buffering=0):
        for piece in _encoded(pieces):
            feed(descriptor, piece)


def feed(descriptor: int, content: bytes, patience: int = _PIPE_SECONDS) -> None:
    """Write to a device or pipe; raises `OSError` if it takes nothing for `patience` seconds."""
    ready = select.poll()
    ready.register(descriptor, select.POLLOUT)
    for start in range(0, len(content), _PIPE_BYTES):
        if not ready.poll(patience * 1000):
            raise _unread(patience)
        os.write(descriptor, content[start : start + _PIPE_BYTES])


def _unread(patience: int = _PIPE_SECONDS) -> OSError:
    return OSError(None, f"its reader has read nothing for {patience} s")


def _encoded(pieces: Pieces) -> Iterator[bytes]:
    for piece in pieces:
        yield piece.encode() if isinstance(piece, str) else piece
