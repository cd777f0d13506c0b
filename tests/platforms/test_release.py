"""The release workflow's own shell, run on a clone: what it tags, and what it refuses."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from gatekeeper import __version__
from support.github_runner.job import Ended, Job
from support.program import ROOT
from support.repositories import git, repository

WORKFLOW: dict[str, Any] = yaml.safe_load(
    (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")
)
JOBS: dict[str, Any] = WORKFLOW["jobs"]
IMAGE: str = WORKFLOW["env"]["IMAGE"]
DIGEST = f"sha256:{'0123456789abcdef' * 4}"


def step(job: str, name: str) -> dict[str, Any]:
    steps: list[dict[str, Any]] = JOBS[job]["steps"]
    return next(step for step in steps if step.get("name") == name)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Make a job that has this project's files in its workspace."""
    needs = {
        "check": {"outputs": {"version": "1.2.3", "image": IMAGE}},
        "image": {"outputs": {"digest": DIGEST}},
    }
    made = Job(tmp_path / "job", actions={}, needs=needs)
    for name in ("action.yml", "CHANGELOG.md", "gatekeeper/__init__.py"):
        path = made.workspace / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes((ROOT / name).read_bytes())
    return made


@pytest.fixture
def origin(job: Job, tmp_path: Path) -> Path:
    """Make the job's workspace a checkout, and return the repository that it can push to."""
    git(tmp_path, "init", "--quiet", "--bare", "origin.git")
    repository(job.workspace, str(tmp_path / "origin.git"))
    return tmp_path / "origin.git"


def released(job: Job) -> Ended:
    [ended] = job.run([step("action", "Point the action at the image, and tag the commit")])
    return ended


@pytest.mark.git
def test_the_released_action_is_the_image_by_its_digest(job: Job, origin: Path) -> None:
    ended = released(job)
    assert ended.code == 0, ended.log.text
    assert git(origin, "tag").split() == ["v1", "v1.2.3"]
    assert git(origin, "rev-parse", "v1") == git(origin, "rev-parse", "v1.2.3")
    action = yaml.safe_load(git(origin, "show", "v1.2.3:action.yml"))
    expected = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    expected["runs"]["image"] = f"docker://{IMAGE}@{DIGEST}"
    assert action == expected
    assert git(origin, "branch") == ""


@pytest.mark.git
def test_a_version_that_was_released_is_not_released_again(job: Job, origin: Path) -> None:
    git(job.workspace, "push", "--quiet", "origin", "HEAD:refs/tags/v1.2.3")
    before = git(origin, "rev-parse", "v1.2.3")
    assert released(job).failed
    assert git(origin, "tag").split() == ["v1.2.3"]
    assert git(origin, "rev-parse", "v1.2.3") == before


@pytest.mark.git
def test_the_major_tag_follows_the_newest_release(job: Job, origin: Path) -> None:
    git(job.workspace, "push", "--quiet", "origin", "HEAD:refs/tags/v1")
    before = git(origin, "rev-parse", "v1")
    assert not released(job).failed
    assert git(origin, "rev-parse", "v1") != before


@pytest.mark.git
@pytest.mark.parametrize(("name", "accepted"), [("OWNER", False), ("acme", True)])
def test_a_copy_with_placeholders_is_not_released(job: Job, name: str, *, accepted: bool) -> None:
    for path in ("action.yml", "CHANGELOG.md"):
        (job.workspace / path).write_text(f"{name}/gatekeeper", encoding="utf-8")
    (job.workspace / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/adopt.py", job.workspace / "scripts")
    repository(job.workspace, "origin")
    [ended] = job.run([step("check", "Check that no placeholder is left")])
    assert (not ended.failed) is accepted
    assert ("  action.yml" in ended.log.lines) is not accepted


@pytest.mark.parametrize(
    ("tag", "heading", "accepted"),
    [
        (f"release-{__version__}", f"## [{__version__}] - 2026-12-01", True),
        (f"release-{__version__}", "## [Unreleased]", False),
        ("release-99.0.0", "## [99.0.0] - 2026-12-01", False),
    ],
)
def test_a_tag_has_to_be_the_version_of_code_and_changelog(
    job: Job,
    tag: str,
    heading: str,
    accepted: bool,
) -> None:
    (job.workspace / "CHANGELOG.md").write_text(f"{heading}\n", encoding="utf-8")
    job.env = {"GITHUB_REF_NAME": tag, **WORKFLOW["env"]}
    [ended] = job.run([step("check", "Check that code and changelog have the version of the tag")])
    assert (not ended.failed) is accepted
    if accepted:
        host = IMAGE.partition("/")[0]
        assert ended.outputs == {"version": __version__, "image": IMAGE, "registry": host}
