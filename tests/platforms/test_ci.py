"""How the tests are run: by the versions of Python that are claimed, and in several processes."""

import re
import tomllib
from typing import Any

import yaml

from support.program import ROOT
from support.scheduling import APART, FIRST

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
JOBS: dict[str, Any] = yaml.safe_load(
    (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
)["jobs"]
_CLASSIFIER = "Programming Language :: Python :: "


def tried() -> list[str]:
    """Return the versions that run `make test` in the CI workflow."""
    job = JOBS["pythons"]
    assert job["steps"][-1]["run"] == "make test"
    assert job["steps"][-2]["with"]["python-version"] == "${{ matrix.python }}"
    versions: list[str] = job["strategy"]["matrix"]["python"]
    return versions


def test_files_that_are_scheduled_by_name_exist() -> None:
    for path in (*APART, *FIRST):
        assert (ROOT / path).is_file()


def test_each_python_that_is_claimed_runs_the_tests_in_ci_and_no_other() -> None:
    classifiers = PROJECT["project"]["classifiers"]
    claimed = [one.removeprefix(_CLASSIFIER) for one in classifiers if _CLASSIFIER in one]
    assert [one for one in claimed if "." in one] == tried()


def test_the_oldest_python_is_the_same_everywhere() -> None:
    oldest, *_ = tried()
    assert PROJECT["project"]["requires-python"] == f">={oldest}"
    assert PROJECT["tool"]["mypy"]["python_version"] == oldest
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"
    for page in ("README.md", "CONTRIBUTING.md"):
        told = set(re.findall(r"Python (3\.\d+)", (ROOT / page).read_text(encoding="utf-8")))
        assert told == {oldest}
    for path in (ROOT / "docs").rglob("*.md"):
        assert set(re.findall(r"Python (3\.\d+)", path.read_text(encoding="utf-8"))) <= {oldest}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert set(re.findall(r"--python-version (\S+)", makefile)) == {oldest}


def test_the_images_python_is_one_of_them() -> None:
    bases = re.findall(
        r"^FROM python:(\d+\.\d+)-", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert bases
    assert set(bases) <= set(tried())
