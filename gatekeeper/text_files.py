"""Reads every text file that a command is given: UTF-8, with or without a byte order mark.

Files that are not UTF-8 raise `EncodingError`, those that cannot be read `OSError`, and invalid
paths `ValueError`.
"""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path

from gatekeeper.errors import EncodingError
from gatekeeper.files import read_file

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def read_text(path: Path) -> str:
    r"""Return the text of a file or pipe, with each line ended by `\n`."""
    return text_of(read_file(path))


def read_utf8(path: Path, most: int = -1) -> bytes:
    """Return the content of a regular file, at most `most` bytes if given, as `utf8` does.

    Pipes and devices are refused with an `OSError`, because reading them could block.
    """
    with open(path, "rb", opener=_open_without_blocking) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(None, "not a regular file")
        return utf8(file.read(most))


def _open_without_blocking(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def text_of(content: bytes) -> str:
    r"""Return the text of a file's content, with each line ended by `\n`."""
    try:
        text = utf8(content).decode()
    except UnicodeDecodeError:
        raise EncodingError("not UTF-8 text") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def utf8(content: bytes) -> bytes:
    """Return a file's content without a byte order mark, for parsers that decode it themselves."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            raise EncodingError(f"it is {encoding}; save it as UTF-8")
    # Text begins with an ASCII character in all formats here, and contains no NUL.
    if b"\0" in content[:2]:
        raise EncodingError("it is UTF-16 or a binary file; save it as UTF-8 text")
    return content.removeprefix(codecs.BOM_UTF8)
