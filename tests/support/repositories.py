"""Git repositories for tests to work on."""

import subprocess
from pathlib import Path


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, as any author; return its output."""
    author = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
    done = subprocess.run(
        ["git", *author, *arguments], cwd=folder, capture_output=True, encoding="utf-8", check=True
    )
    return done.stdout.strip()


def repository(folder: Path, origin: str) -> None:
    """Make a repository of a folder's content."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "remote", "add", "origin", origin)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "All that there is")
