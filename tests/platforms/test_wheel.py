"""The wheel, as it is installed: what its build adds to the sources, and what it needs."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from support.program import ROOT, Program

ANSWER = ROOT / "tests/golden/banking-card-block.answer.json"
# The only text of the page that depends on when it was written.
TIME = re.compile(r"<time .*?</time>")


def built(source: Path, target: str, folder: Path) -> Path:
    """Build a distribution with the tools at hand, without a network."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    [path] = folder.iterdir()
    return path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of the checkout."""
    return built(ROOT, "wheel", tmp_path_factory.mktemp("dist"))


def test_its_page_is_that_of_the_checkout_and_needs_no_template_sources(
    wheel: Path, tmp_path: Path
) -> None:
    """The templates are compiled: only their compiled form can render the page here."""
    installed = tmp_path / "installed"
    shutil.unpack_archive(wheel, installed, "zip")
    for template in installed.rglob("*.html"):
        template.unlink()
    pages = []
    for name, command in (
        ("wheel", ["-P", "-m", "gatekeeper"]),
        ("checkout", [str(ROOT / "entrypoint.py")]),
    ):
        folder = tmp_path / name
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, *command, "check", str(ANSWER)],
            cwd=folder,
            env=Program(folder).environ({"PYTHONPATH": str(installed)}),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 1, done.stdout + done.stderr
        page = (folder / "gatekeeper-report/report.html").read_text(encoding="utf-8")
        pages.append(TIME.sub("", page))
    assert pages[0] == pages[1]
    assert "<h1>" in pages[0]


def test_it_has_the_schemas_of_the_files_that_programs_read_and_write(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for schema in ("gatekeeper.schema.json", "result.schema.json", "runs.schema.json"):
        assert f"gatekeeper/{schema}" in names


def test_the_source_distribution_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    archive = str(built(ROOT, "sdist", tmp_path / "dist"))
    subprocess.run([sys.executable, "-m", "tarfile", "-e", archive, str(tmp_path)], check=True)
    [unpacked] = tmp_path.glob("kore_gatekeeper-*")
    assert built(unpacked, "wheel", tmp_path / "again").read_bytes() == wheel.read_bytes()
