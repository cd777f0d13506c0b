"""The kinds of setting that are the path of a file or folder."""

from __future__ import annotations

from pathlib import Path

from gatekeeper.settings.kind import Kind


class File(Kind[Path | None]):
    """The path of a file."""

    empty = None
    example = '"folder/file"'
    metavar = "FILE"

    def from_text(self, text: str) -> Path:
        """Return the path."""
        return Path(text)


class SecretFile(File):
    """The path of a file that contains a secret."""


class Folder(Kind[Path]):
    """The path of a folder."""

    empty = Path()
    example = '"gatekeeper-report"'
    metavar = "DIRECTORY"

    def from_text(self, text: str) -> Path:
        """Return the path."""
        return Path(text)
