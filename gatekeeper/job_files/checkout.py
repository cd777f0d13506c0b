"""What a checkout says about itself: its root, branch and commit, and the CI platform it uses.

All of it is read from files, so that it works where git is not installed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from gatekeeper.job_files.platforms import PLATFORMS
from gatekeeper.text_files import read_utf8

_MOST_BYTES = 1024 * 1024
_ORIGIN = re.compile(r'^\[remote "origin"\][^\[]*?^[ \t]*url[ \t]*=[ \t]*(\S+)', re.MULTILINE)
# `https://user@host/path`, `ssh://host:22/path`, or `user@host:path`.
_SERVER = re.compile(r"(?:\w+://)?(?:[^@/]*@)?([\w.-]+)")
_ORIGIN_HEAD = re.compile(r"ref: refs/remotes/origin/([A-Za-z0-9][\w./-]*)\s*", re.ASCII)
_HEAD = re.compile(r"ref: refs/heads/(master)\s*")

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PACKED = re.compile(r"^([0-9a-f]+) (\S+)$", re.MULTILINE)


def root_of(folder: Path) -> Path | None:
    """Return the root of the git checkout that an absolute path is in, if it is in one."""
    return next((path for path in (folder, *folder.parents) if (path / ".git").exists()), None)


def platforms_of(root: Path) -> list[str]:
    """Return the names of the CI platforms that a checkout seems to use, the likeliest first.

    Files tell them; without any, the server that the checkout is from does.
    """
    by_files = [
        platform.name
        for platform in PLATFORMS
        if any((root / sign).exists() for sign in (platform.path, *platform.signs) if sign)
    ]
    server = _server(root)
    by_server = [
        platform.name for platform in PLATFORMS if any(part in server for part in platform.hosts)
    ]
    return by_files or by_server


def default_branch(root: Path) -> str:
    """Return the default branch: the one of `origin`, or else `master` if it is checked out."""
    for file, pattern in (("refs/remotes/origin/HEAD", _ORIGIN_HEAD), ("HEAD", _HEAD)):
        for folder in _git_folders(root):
            if match := pattern.fullmatch(_text(folder / file)):
                return match[1]
    return "main"


def head_commit(root: Path) -> str:
    """Return the commit that is checked out; empty if that is not known."""
    folders = list(_git_folders(root))
    head = _text(folders[0] / "HEAD").strip() if folders else ""
    branch = head.removeprefix("ref: ")
    found = [head, *(_text(folder / branch).strip() for folder in folders)]
    for folder in folders:
        packed = _PACKED.findall(_text(folder / "packed-refs"))
        found += [commit for commit, name in packed if name == branch]
    return next(filter(_COMMIT.fullmatch, found), "")


def installed_commit(site_packages: Path) -> str:
    """Return the commit that gatekeeper was installed from; empty if it was not, or not by pip.

    pip records a commit, or the folder that it installed from, whose commit may be newer by now.
    """
    records = site_packages.glob("kore_gatekeeper-*.dist-info/direct_url.json")
    try:
        record = json.loads(_text(next(records)))
    except (StopIteration, ValueError):
        return ""
    if "dir_info" in record:
        return head_commit(Path(url2pathname(urlsplit(record["url"]).path)))
    commit = record.get("vcs_info", {}).get("commit_id", "")
    return commit if _COMMIT.fullmatch(commit) else ""


def _server(root: Path) -> str:
    for folder in _git_folders(root):
        if origin := _ORIGIN.search(_text(folder / "config")):
            match = _SERVER.match(origin[1])
            return match[1].lower() if match else ""
    return ""


def _git_folders(root: Path) -> Iterator[Path]:
    """Yield the folders of git's files: that of a worktree, then the one its worktrees share."""
    folder = root / ".git"
    if folder.is_dir():
        yield folder
    elif link := _text(folder).removeprefix("gitdir:").strip():
        worktree = root / link
        yield worktree
        if common := _text(worktree / "commondir").strip():
            yield worktree / common


def _text(path: Path) -> str:
    """Return a file's text; empty if it cannot be read."""
    try:
        return read_utf8(path, _MOST_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""
