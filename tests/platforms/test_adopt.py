"""`make adopt`, run on a copy of this project and on small repositories."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.program import ROOT
from support.repositories import git, repository

pytestmark = pytest.mark.git

# As long as such names get, and as short: no line of the code may become too long, or be formatted
# in another way.
SHORT = {"OWNER": "a", "REGISTRY": "r.io", "GITLAB": "g.io/a"}
LONG = {
    "OWNER": "an-organization-with-the-longest-name-0",
    "REGISTRY": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/ci",
    "GITLAB": "gitlab.example.org:8443/platform/ci",
}
# Not spelled out with what follows them, because this file has to work in a copy of other names.
UPPER, LOWER = "OWNER", "owner"
TESTS = ("tests/test_contract.py", "tests/test_examples.py")
ACTION = f"{UPPER}/gatekeeper".encode()
# Wider than what is replaced, so that a new form of a placeholder is found.
PLACEHOLDERS = re.compile(
    rf"(?i:{LOWER}/gatekeeper|(?:ghcr\.io|(?:gitlab|github|githubusercontent)\.com)/{LOWER}\b)"
    rf"|\b{UPPER}(?:/|\.\w)"
)


def adopt(folder: Path, *arguments: str, **names: str) -> subprocess.CompletedProcess[str]:
    """Run the script of a folder."""
    return subprocess.run(
        [sys.executable, str(folder / "scripts/adopt.py"), *arguments],
        env={"PATH": os.environ["PATH"], **names},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def changed(folder: Path) -> list[str]:
    """Return what differs from the last commit: files, and how they differ."""
    return git(folder, "status", "--porcelain").splitlines()


def small(folder: Path, **files: bytes) -> Path:
    """Make a repository of a few files and the script."""
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts/adopt.py", folder / "scripts")
    for name, content in files.items():
        (folder / name).write_bytes(content)
    repository(folder, "origin")
    return folder


def run(folder: Path, *command: str) -> str:
    """Run a command in a folder, which has to succeed, and return its standard output."""
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Make a repository of this project's files as they are now."""
    folder = tmp_path / "copy"
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    repository(folder, "origin")
    return folder


def test_after_it_no_placeholder_is_left_and_the_checks_pass(copy: Path) -> None:
    """In a copy that has names of its own already, they pass without it."""
    if adopt(copy, "--check").returncode:
        assert adopt(copy, **SHORT).returncode == 0
        run(copy, sys.executable, "-m", "ruff", "format", "--no-cache", "--check", ".")
        git(copy, "restore", ".")
        given = [f"{name}={value}" for name, value in LONG.items()]
        printed = run(copy, "make", "--no-print-directory", "adopt", *given)
        files = git(copy, "diff", "--name-only").splitlines()
        assert re.findall(r"^  (.+)$", printed, re.MULTILINE) == files
        assert {line.split()[0] for line in changed(copy)} == {"M"}
    for name in git(copy, "ls-files").splitlines():
        text = (copy / name).read_text(encoding="utf-8", errors="ignore")
        assert not PLACEHOLDERS.search(text), name
    assert adopt(copy, "--check").returncode == 0
    for module, *arguments in (
        ("ruff", "check", "--no-cache", "."),
        ("ruff", "format", "--no-cache", "--check", "."),
        ("yamllint", "--strict", "."),
        (
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "tests/test_contract.py",
            "tests/test_examples.py",
        ),
    ):
        run(copy, sys.executable, "-m", module, *arguments)
    for script in ("file_schema", "result_schema"):
        run(copy, sys.executable, "-m", f"scripts.{script}", "--check")
    flags = ("--host", "bots.kore.ai", "--stream-id", "st-1", "--test-suite", "Booking")
    for platform, step in (("gitlab", "build and push the image "), ("github", "push the commit ")):
        init = ("entrypoint.py", "init", "--dry-run", "--platform", platform, *flags)
        assert f"  1. {step}" in run(copy, sys.executable, *init)


def test_a_second_run_changes_only_what_is_new(tmp_path: Path) -> None:
    folder = small(tmp_path / "project", a=ACTION)
    assert adopt(folder, OWNER="acme").returncode == 0
    (folder / "new").write_text(f"ghcr.io/{LOWER}/gatekeeper gitlab.com/{LOWER}/gatekeeper")
    git(folder, "add", "new")
    assert re.findall(r"^  (.+)$", adopt(folder, OWNER="acme").stdout, re.MULTILINE) == ["new"]
    assert (folder / "new").read_text() == "ghcr.io/acme/gatekeeper gitlab.com/acme/gatekeeper"
    git(folder, "commit", "--quiet", "--all", "-m", "All names")
    done = adopt(folder, OWNER="acme", REGISTRY="", GITLAB="")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nothing to do" in done.stdout
    other = adopt(folder, OWNER="other")
    assert (other.returncode, other.stdout) == (1, "")
    assert "have other names" in other.stderr
    assert changed(folder) == []


def test_each_form_of_a_placeholder_gets_its_own_name(tmp_path: Path) -> None:
    forms = {
        f"{UPPER}/gatekeeper/composite@v1": "Acme/gatekeeper/composite@v1",
        f"github.com/{UPPER}/gatekeeper": "github.com/Acme/gatekeeper",
        f'"{UPPER}/*"': '"Acme/*"',
        f"https://{UPPER}.github.io/gatekeeper/": "https://acme.github.io/gatekeeper/",
        f"'ghcr.io/{LOWER}'": "'r.io:1/x'",
        f"docker://ghcr.io/{LOWER}/gatekeeper:1": "docker://r.io:1/x/gatekeeper:1",
        f"gitlab.com/{LOWER}/gatekeeper/x@v1": "gl.org/a/b/gatekeeper/x@v1",
        f"project: {LOWER}/gatekeeper": "project: a/b/gatekeeper",
    }
    others = ["CODEOWNER/", "owner/app", "OWNER=acme", "$(OWNER)", "ghcr.io/owners/x", "home-owner"]
    folder = small(tmp_path / "project", a="\n".join([*forms, *others]).encode())
    assert adopt(folder, OWNER="Acme", REGISTRY="r.io:1/x", GITLAB="gl.org/a/b").returncode == 0
    assert (folder / "a").read_text().splitlines() == [*forms.values(), *others]


def test_only_texts_that_git_tracks_change_and_keep_their_line_ends_and_modes(
    tmp_path: Path,
) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(ACTION)
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "link").symlink_to(outside)
    crlf = b"\r\n\xef\xbb\xbf\r"
    small(folder, crlf=ACTION + crlf, binary=b"\xff\0" + ACTION, gone=ACTION)
    (folder / "crlf").chmod(0o755)
    (folder / "gone").unlink()
    (folder / "untracked").write_bytes(ACTION)
    assert adopt(folder, OWNER="acme").returncode == 0
    assert (folder / "crlf").read_bytes() == b"acme/gatekeeper" + crlf
    assert (folder / "crlf").stat().st_mode & 0o777 == 0o755
    for path in (outside, folder / "link", folder / "binary", folder / "untracked"):
        assert ACTION in path.read_bytes()
    assert (folder / "link").is_symlink()
    assert not (folder / "gone").exists()


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ({}, "OWNER is missing"),
        *(
            ({"OWNER": owner}, "not a GitHub user")
            for owner in ("a b", "a/b", "-a", "a-", "a--b", "a" * 40, "a\n", "é", "$(id)", "&")
        ),
        ({"OWNER": UPPER}, "still a placeholder"),
        *(
            ({"OWNER": "acme", "REGISTRY": registry}, "not a registry's host")
            for registry in (
                "acme",
                "https://r.io/a",
                "r.io/A",
                "r.io/",
                "r.io/a:1",
                "r.io/a b",
                ".",
            )
        ),
        ({"OWNER": "acme", "REGISTRY": "ghcr.io/acme/gatekeeper"}, "must end before /gatekeeper"),
        ({"OWNER": "acme", "REGISTRY": f"r.io/{LOWER}"}, "still a placeholder"),
        *(
            ({"OWNER": "acme", "GITLAB": gitlab}, "not a GitLab server")
            for gitlab in (
                "acme",
                "gl.org",
                "https://gl.org/a",
                "gl.org/a/",
                "gl.org/\\1",
                "gl.org/a b",
            )
        ),
        ({"OWNER": "acme", "REGISTRY": "R", "GITLAB": "G"}, "GITLAB=G"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused_before_anything_changes(
    names: dict[str, str], problem: str, refusing: Path
) -> None:
    done = adopt(refusing, **names)
    assert (done.returncode, done.stdout) == (1, "")
    assert problem in done.stderr
    assert "Traceback" not in done.stderr
    assert (refusing / "a").read_bytes() == ACTION


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("refusing") / "project", a=ACTION)


def test_without_git_or_a_checkout_it_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/adopt.py", tmp_path / "scripts")
    done = adopt(tmp_path, OWNER="acme")
    assert "is not a usable clone of the repository: fatal: not a git repository" in done.stderr
    done = adopt(tmp_path, OWNER="acme", PATH=str(tmp_path))
    assert (done.returncode, "git is not installed" in done.stderr) == (1, True)


def test_a_file_that_cannot_be_written_stays_whole_and_is_named(tmp_path: Path) -> None:
    folder = small(tmp_path / "project", a=ACTION)
    (folder / ".adopt").mkdir()
    done = adopt(folder, OWNER="acme")
    assert done.returncode == 1
    assert f"{folder}/a cannot be replaced: Is a directory" in done.stderr
    assert "Traceback" not in done.stderr
    assert (folder / "a").read_bytes() == ACTION
