"""The webhook event that started a GitHub workflow, as far as it is about a pull request."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from gatekeeper.text_files import read_utf8

# GitHub's limit for a webhook event.
_EVENT_BYTES = 25 * 1024 * 1024
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class _Repository(msgspec.Struct):
    full_name: str | None = None


class _Branch(msgspec.Struct):
    """A side of a pull request; the repository of a fork that was deleted is `None`."""

    sha: str | None = None
    repo: _Repository | None = None


class PullRequest(msgspec.Struct):
    """A pull request: its branch, the branch that it is for, and its number."""

    head: _Branch
    base: _Branch
    number: int | None = None

    @property
    def head_commit(self) -> str | None:
        """The commit of its branch, if the event has it."""
        sha = self.head.sha
        return sha if sha and _COMMIT.fullmatch(sha) else None

    @property
    def is_from_fork(self) -> bool:
        """Whether its branch is in another repository than the one it is for."""
        return bool(self.base.repo) and self.head.repo != self.base.repo


class _Event(msgspec.Struct):
    pull_request: PullRequest


def pull_request_in(path: Path) -> PullRequest | None:
    """Return the pull request of an event file; `None` if there is none, or no such file."""
    try:
        return msgspec.json.decode(read_utf8(path, _EVENT_BYTES), type=_Event).pull_request
    except (OSError, ValueError, RecursionError):
        return None
