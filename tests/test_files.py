"""A file appears whole or not at all."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatekeeper.errors import ReportNotWritten
from gatekeeper.files import write_atomically


def test_folders_are_made_and_nothing_is_left_beside(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "report"
    write_atomically(path, ["ein", "s ü"])
    assert path.read_text(encoding="utf-8") == "eins ü"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_on_the_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_text("old", encoding="utf-8")

    def pieces() -> Iterator[str]:
        yield "new"
        raise OSError(28, "No space left on device")

    with pytest.raises(ReportNotWritten, match="No space left on device"):
        write_atomically(path, pieces())
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    with pytest.raises(ReportNotWritten, match="could not be written"):
        write_atomically(tmp_path / "report", ["x"])


def test_others_cannot_write_to_a_report_even_when_the_umask_lets_them(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_atomically(tmp_path / "folder" / "report", ["x"])
    finally:
        os.umask(before)
    assert (tmp_path / "folder" / "report").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o755
