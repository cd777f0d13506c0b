"""Finds values that were not expanded, filled in or unquoted before they were set."""

from __future__ import annotations

import re
from typing import Any

from gatekeeper.settings.kind import FileKind
from gatekeeper.settings.kinds import Host
from gatekeeper.settings.lists import Suites
from gatekeeper.settings.path_kinds import File, Folder

_QUOTED = re.compile(r"""(["']).*\1""", re.DOTALL)
_REASONS = (
    (
        # Of shells, Docker and GitLab; of Azure and Kubernetes; of Windows.
        re.compile(r"\$[A-Za-z_]\w*|\$\{[^{}]+\}|\$\([^()]+\)|%[A-Za-z_]\w*%"),
        "the value looks like a variable that was not expanded: set the value it stands for",
    ),
    (
        re.compile(r"\$?\{\{[^{}]*\}\}|\$\[\[[^\[\]]*\]\]"),
        "the value looks like an expression that was not evaluated: set the value it stands for",
    ),
    (
        re.compile(r"<[^<>]+>"),
        "the value looks like a placeholder: replace it with the real value",
    ),
)
_HOME = re.compile(r"~[\w.-]*([/\\].*)?", re.DOTALL)


def why_unexpanded(kind: FileKind[Any], text: str) -> str:
    """Return why a value looks unfinished, and what to do; empty if it does not.

    A path or a host may contain what other values only consist of. The value is not repeated: it
    may be a secret.
    """
    if _QUOTED.fullmatch(text):
        return "the value has quotes around it, which count as part of it: remove them"
    is_path = isinstance(kind, File | Folder)
    if is_path and _HOME.fullmatch(text):
        return "~ is not expanded in a value: write the full path"
    values = text.split("\n") if isinstance(kind, Suites) else [text]
    is_in_parts = is_path or isinstance(kind, Host)
    for value in map(str.strip, values):
        for pattern, why in _REASONS:
            if pattern.search(value) if is_in_parts else pattern.fullmatch(value):
                return why
    return ""
