"""Writes several new files, all or none, and never over an existing one."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gatekeeper.errors import cause_of


def create_files(files: Mapping[Path, str]) -> None:
    """Write new files, encoded as UTF-8, and the folders they are in.

    Raises `OSError` and leaves nothing behind if one of them, its `filename`, cannot be written;
    `FileExistsError` if it exists.
    """
    with _undone_on_error() as created:
        temporaries: dict[Path, Path] = {}
        for path, text in files.items():
            with _naming(path):
                temporaries[path] = _write_temporary(path, text, created)
        for path, temporary in temporaries.items():
            with _naming(path):
                # Reserves the name, because renaming would replace a file.
                path.open("xb").close()
                created.append(path)
                temporary.replace(path)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Have errors name this file, not its temporary one."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, cause_of(error), str(path)) from None


@contextmanager
def _undone_on_error() -> Iterator[list[Path]]:
    """Remove the files and empty folders of a list if this context ends with an error."""
    created: list[Path] = []
    try:
        yield created
    except BaseException:
        for path in reversed(created):
            with contextlib.suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        raise


def _write_temporary(path: Path, text: str, created: list[Path]) -> Path:
    missing = [folder for folder in path.parents if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir()
        created.append(folder)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    created.append(temporary)
    with temporary.open("xb") as file:
        file.write(text.encode())
    return temporary
